"""Small pictures of the photos of a folder, made once and then read from the cache."""

import functools
import hashlib
import io
import logging
import os
import re
import threading
from pathlib import Path, PurePosixPath

from PIL import Image

from dermnet_core.data.images import read_photo
from dermnet_core.errors import DatasetError, ImageError
from dermnet_core.i18n import N_
from dermnet_core.paths import cache_dir

_QUALITY = 85
_SHA256 = re.compile(r"[0-9a-f]{64}")
_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_LOG = logging.getLogger(__name__)


def thumbnail(root: Path, file: str, sha256: str, side: int = 240) -> bytes:
    """Return a photo as a JPEG without metadata, its longer side ``side`` pixels, smaller photos in their own size.

    It is stored below the cache folder under the photo's content, so that copies share one file. A cache that cannot be
    written costs time only.

    Args:
        root: the photo folder.
        file: the photo's name relative to it, with forward slashes.
        sha256: of the photo's bytes, as hex digits, as the scan found it.
        side: pixels, at least 1.

    Raises:
        DatasetError: the name leads out of the folder, or ``sha256`` is none.
        ImageError: the photo is gone or cannot be read.
    """
    path = photo_path(root, file)
    if not _SHA256.fullmatch(sha256):
        raise DatasetError(f"Expected 64 hex digits as the SHA-256 of {file}, found {sha256!r}. Scan the folder again.")
    cached = cache_dir() / "thumbnails" / sha256[:2] / f"{sha256}-{side}.jpg"
    return _cached(cached) or _made(path, sha256, side, cached)


def photo_path(root: Path, file: str) -> Path:
    """Return where a photo of a report lies, links resolved; what a report on disk says must not lead elsewhere.

    Raises:
        DatasetError: the name, or a link behind it, leads out of the folder.
    """
    name = PurePosixPath(file)
    if name.is_absolute() or ".." in name.parts or not name.parts or "\0" in file:
        outside = N_("Expected the name of a photo inside {folder}, found {name}. Scan the folder again.")
        raise DatasetError(outside.format(folder=root.name, name=repr(file)))
    # Unlike Path.resolve, realpath does not fail on links that loop: opening them says what is wrong.
    path = Path(os.path.realpath(root / name))
    if not path.is_relative_to(os.path.realpath(root)):
        raise DatasetError(
            N_(
                "Expected {name} inside {folder}, found a link that leads out of it. Put a copy of the photo there."
            ).format(name=file, folder=root.name)
        )
    return path


def _cached(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        _warn_once(str(error.strerror))
        return None
    return data if data.startswith(_JPEG_START) and data.endswith(_JPEG_END) else None


def _made(path: Path, sha256: str, side: int, cached: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(
            N_("Expected a photo file, found {name}, which cannot be read ({reason}). Scan the folder again.").format(
                name=path.name, reason=error.strerror
            )
        ) from error
    image = Image.fromarray(read_photo(data).rgb)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=_QUALITY, optimize=True)
    made = buffer.getvalue()
    # A file that changed after the scan must not stand in the cache under its former content.
    if hashlib.sha256(data).hexdigest() == sha256:
        _store(made, cached)
    return made


def _store(data: bytes, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        _warn_once(str(error.strerror))


@functools.cache
def _warn_once(reason: str) -> None:
    _LOG.warning("Thumbnails are made anew each time: the cache folder %s cannot be used (%s).", cache_dir(), reason)
