"""What a file is by its first bytes, whatever its name says."""

import re
from enum import Enum

from dermnet_core.errors import ImageError
from dermnet_core.i18n import N_


class Kind(Enum):
    """A photo format that this project reads; the value is its name for visitors."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    HEIC = "HEIC"

    @property
    def decoder(self) -> str:
        """Pillow's name of the format."""
        return "HEIF" if self is Kind.HEIC else self.name


_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", N_("a GIF image")),
    (b"BM", N_("a BMP image")),
    (b"II*\0", N_("a TIFF or camera raw image")),
    (b"MM\0*", N_("a TIFF or camera raw image")),
    (b"%PDF", N_("a PDF document")),
    (b"\0\0\0\x0cjP  ", N_("a JPEG 2000 image")),
    (b"\xff\x0a", N_("a JPEG XL image")),
    (b"\0\0\0\x0cJXL ", N_("a JPEG XL image")),
    (b"8BPS", N_("a Photoshop file")),
    (b"PK\x03\x04", N_("a ZIP archive or an office document")),
    (b"\0\0\1\0", N_("an icon file")),
)

# Markers that a length follows, and the end; a zero byte or a restart marker after 0xff belongs to the pixels.
_JPEG_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
_END_OF_IMAGE, _SCAN = b"\xff\xd9", b"\xff\xda"


def sniff(data: bytes) -> Kind:
    """Return the photo format of a file's bytes.

    Raises:
        ImageError: empty, or none of the formats that this project reads.
    """
    if not data:
        raise ImageError(N_("Expected a photo, found an empty file. Save or send the photo again."))
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS and not _is_avif(data):
        return Kind.HEIC
    raise ImageError(
        N_("Expected a JPEG, PNG, WebP or HEIC photo, found {found}. Save or export the picture as JPEG.").format(
            found=_describe(data)
        )
    )


def jpeg_scans(data: bytes) -> int:
    """Count the passes over the pixels in a JPEG, without decoding any; previews in its metadata do not count."""
    at, scans = 2, 0
    while marker := _JPEG_MARKER.search(data, at):
        if marker[0] == _END_OF_IMAGE:
            break
        scans += marker[0] == _SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    return scans


def _is_avif(data: bytes) -> bool:
    """Tell whether an ISO media file lists an AVIF brand among the brands of its first box."""
    end = min(int.from_bytes(data[:4], "big"), 256)
    return any(data[start : start + 4] in (b"avif", b"avis") for start in range(8, end, 4))


def _describe(data: bytes) -> str:
    for magic, name in _OTHERS:
        if data.startswith(magic):
            return name
    if data[4:8] == b"ftyp":
        return N_("an AVIF image") if _is_avif(data) else N_("a video file")
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return N_("an SVG drawing")
    if start.startswith((b"<!doctype html", b"<html")):
        return N_("a web page")
    if b"\0" not in start and start.isascii():
        return N_("a text file")
    return N_("a file of another kind")
