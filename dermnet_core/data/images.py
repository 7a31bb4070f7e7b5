"""Photo bytes to upright RGB pixels: the one decoder and the one resize, for training and for serving."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from dermnet_core.data.sniffing import Kind, jpeg_scans, sniff
from dermnet_core.errors import ImageError
from dermnet_core.i18n import N_

MAX_PIXELS = 40_000_000
MIN_SIDE = 16
# Pillow's WebP decoder keeps three copies of the pixels: 640 MB at 40 megapixels, too much for a small server.
_MAX_WEBP_PIXELS = MAX_PIXELS // 2
# Cameras write one pass over the pixels and web pages about ten. Each costs a decoder up to 0.2 s, so a forged file of
# a few hundred kilobytes could keep a processor busy for an hour.
_MAX_SCANS = 64
# A photo whose shorter side is at least twice this is halved as often as that holds, up to an eighth. A JPEG decoder
# does it in passing: a 12-megapixel phone photo arrives as 1008 x 756 px in half the time and a tenth of the memory,
# still several times what a model sees. A photo whose shorter side is below 1280 px, hence the whole atlas, is not
# touched.
_SHRUNK_SIDE = 640
_STRIP = 512
"""Rows that are converted and shrunk together; a multiple of all factors."""
# Decoding a photo of more pixels than this takes up to 300 MB for a moment, and a server has many visitors but not much
# memory: such photos take turns. A JPEG is spared, unless it is progressive, because its decoder shrinks as it goes.
_LARGE_PIXELS = 4_000_000
_LARGE_LOCK = threading.Lock()
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB = ImageCms.createProfile("sRGB")
_HEADER_LOCK = threading.Lock()


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo without its metadata."""

    rgb: NDArray[np.uint8]
    """(height, width, 3), upright."""
    format: str
    """JPEG, PNG, WebP or HEIC."""
    notes: tuple[str, ...] = ()
    """What a visitor should know about the reading, in whole sentences; English, which `retold` translates."""
    stored: tuple[int, int] | None = None
    """Width and height of the file, upright, before a large photo was shrunk; None for pixels that are from no file."""


def read_photo(data: bytes) -> Photo:
    """Decode the bytes of a JPEG, PNG, WebP or HEIC file.

    Raises:
        ImageError: empty, of another format, damaged, of more than MAX_PIXELS (WebP: half of that), or with a side
            below MIN_SIDE.
    """
    kind = sniff(data)
    # The bytes come from a stranger, and on damaged ones Pillow raises a dozen kinds of errors, MemoryError and
    # struct.error among them: whatever it is, this file cannot be used.
    try:
        with _quiet():
            image = _open(data, kind)
        stored = image.size
        _check_size(stored, kind)
        if kind is Kind.JPEG:
            _check_scans(data)
            image.draft(None, (_SHRUNK_SIDE, _SHRUNK_SIDE))
        with _turn(image, stored, kind):
            image.load()
            with _quiet():
                orientation = _orientation(image)
            frames = _frame_notes(image, kind)
            rgb, notes = _to_rgb(image)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large(_max_pixels(kind), N_("far more"))) from error
    except Exception as error:
        raise ImageError(
            N_(
                "Expected a complete {kind} file, found one that is damaged or cut off. Save or send the photo again."
            ).format(kind=kind.value)
        ) from error
    upright = rgb.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else rgb
    return Photo(np.array(upright, dtype=np.uint8), kind.value, frames + notes, _turned(stored, orientation))


def read_photo_file(path: Path) -> Photo:
    """Read and decode a photo file.

    Raises:
        ImageError: the file cannot be read, or what `read_photo` raises.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(
            N_("Expected a photo file, found {name}, which cannot be read ({reason}). Check the file.").format(
                name=path.name, reason=error.strerror
            )
        ) from error
    return read_photo(data)


def squash(rgb: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resize (h, w, 3) pixels to (size, size, 3), not keeping the aspect, bilinear and antialiased."""
    if rgb.shape[:2] == (size, size):
        return rgb.copy()
    return np.array(Image.fromarray(rgb).resize((size, size), Image.Resampling.BILINEAR), dtype=np.uint8)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Pillow's warnings about broken metadata; the lock is there because the filters are global."""
    with _HEADER_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(data: bytes, kind: Kind) -> Image.Image:
    """Read the header only, with the one decoder that the first bytes call for."""
    if kind is Kind.HEIC:
        _register_heif()
    return Image.open(io.BytesIO(data), formats=[kind.decoder])


def _register_heif() -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise ImageError(
            N_(
                "Expected a photo that this installation can read, found HEIC without the package pillow-heif. "
                "Save the photo as JPEG, or install pillow-heif."
            )
        ) from error
    if "HEIF" not in Image.OPEN:
        pillow_heif.register_heif_opener(thumbnails=False)


def _check_size(size: tuple[int, int], kind: Kind) -> None:
    width, height = size
    limit = _max_pixels(kind)
    if width * height > limit:
        raise ImageError(_too_large(limit, f"{width} × {height}"))
    if min(size) < MIN_SIDE:
        raise ImageError(
            N_("Expected a photo of at least {side} × {side} pixels, found {found}. Use a larger one.").format(
                side=MIN_SIDE, found=f"{width} × {height}"
            )
        )


def _check_scans(data: bytes) -> None:
    scans = jpeg_scans(data)
    if scans > _MAX_SCANS:
        raise ImageError(
            N_(
                "Expected a JPEG of at most {most} passes over its pixels, found {found}. "
                "Open the photo in an image program and save it again."
            ).format(most=_MAX_SCANS, found=f"{scans:,}")
        )


def _turn(image: Image.Image, size: tuple[int, int], kind: Kind) -> AbstractContextManager[object]:
    """Return what to hold while a photo is decoded."""
    cheap = kind is Kind.JPEG and not image.info.get("progressive")
    return nullcontext() if cheap or size[0] * size[1] <= _LARGE_PIXELS else _LARGE_LOCK


def _max_pixels(kind: Kind) -> int:
    return _MAX_WEBP_PIXELS if kind is Kind.WEBP else MAX_PIXELS


def _too_large(limit: int, found: str) -> str:
    return N_(
        "Expected a photo of at most {most} megapixels, found {found} pixels. Make it smaller or crop it to the skin."
    ).format(most=limit // 1_000_000, found=found)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # metadata that cannot be read says nothing about the pixels
        return 1


def _turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the width and height that a size has upright; orientations 5 to 8 lie on their side."""
    return (size[1], size[0]) if 5 <= orientation <= 8 else size


def _frame_notes(image: Image.Image, kind: Kind) -> tuple[str, ...]:
    """Say which picture of several was read; the preview that a phone hides in a JPEG is not worth a word."""
    if kind is Kind.JPEG or getattr(image, "n_frames", 1) == 1:
        return ()
    if kind is Kind.HEIC:
        return (N_("The file holds several pictures: the main one was used."),)
    return (N_("Animated image: the first frame was used."),)


def _to_rgb(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Return 8-bit sRGB pixels and the notes about what was done to get there."""
    notes: tuple[str, ...] = ()
    profile = image.info.get("icc_profile")
    image = _shrink(image)
    alpha = None
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    if image.mode == "L":
        notes += (N_("Greyscale image: the models know colour photos only."),)
    image = _to_srgb(image, profile)
    if alpha is not None and alpha.getextrema() != (255, 255):
        image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
        notes += (N_("Transparent image: it was laid on white."),)
    return image, notes


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Return the image as L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):
        # Pillow would clip 16-bit grey at 255; a table that maps 65535 to 255 needs no wide copy of the pixels.
        table = np.rint(np.arange(65536) / 257).astype(np.uint8)
        return Image.fromarray(table[np.asarray(image).clip(0, 65535)])
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _shrink(image: Image.Image) -> Image.Image:
    """Return 8-bit pixels, and do to a large PNG, WebP or HEIC what the decoder did to a JPEG.

    In strips, because converting 40 megapixels at once would take another 300 MB.
    """
    width, height = image.size
    factor = next(f for f in (8, 4, 2, 1) if f == 1 or min(image.size) >= f * _SHRUNK_SIDE)
    if factor == 1:
        return _to_8_bit(image)
    tops = range(0, height, _STRIP)
    strips = [_to_8_bit(image.crop((0, y, width, min(y + _STRIP, height)))).reduce(factor) for y in tops]
    whole = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for top, strip in zip(tops, strips, strict=True):
        whole.paste(strip, (0, top // factor))
    return whole


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Apply an embedded colour profile; a broken one, or one for another kind of pixels, is ignored."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image.convert("RGB")
