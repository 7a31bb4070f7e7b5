"""Read a photo folder into an index: which photos, in which split, of which class."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from dermnet_core.data.listing import Split, list_photos
from dermnet_core.errors import DatasetError
from dermnet_core.paths import PHOTO_SUFFIXES

Progress = Callable[[int, int], None]
"""Called with the number of photos done and the number of all."""


@dataclass(frozen=True)
class ImageRecord:
    """One photo of a folder; ``file`` is relative to the root with forward slashes, ``sha256`` is of its bytes."""

    file: str
    split: Split
    label: str
    sha256: str = ""


@dataclass(frozen=True)
class DatasetIndex:
    """The photos of a folder, sorted by file name; ``unreadable`` holds one message a file that could not be read."""

    root: Path
    classes: tuple[str, ...]
    records: tuple[ImageRecord, ...]
    unreadable: tuple[str, ...] = ()

    def split(self, name: Split) -> tuple[ImageRecord, ...]:
        """Return the photos of one split.

        Raises:
            DatasetError: the folder holds no such photos.
        """
        records = tuple(record for record in self.records if record.split == name)
        if not records:
            found = ", ".join(sorted({record.split for record in self.records}))
            raise DatasetError(
                f"Expected photos in {self.root / name}/<class>/, found only: {found or 'nothing'}. "
                "Choose another split or folder."
            )
        return records

    def counts(self, name: Split) -> dict[str, int]:
        """Return photos per class folder of one split, in class order."""
        return count_labels((record for record in self.records if record.split == name), self.classes)

    def fingerprint(self) -> str:
        """Return a SHA-256 over the names and contents of all photos."""
        lines = (f"{record.file}\0{record.sha256}\n" for record in self.records)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def count_labels(records: Iterable[ImageRecord], classes: Iterable[str]) -> dict[str, int]:
    """Return photos per class folder, in the order of the classes."""
    found = Counter(record.label for record in records)
    return {label: found[label] for label in classes}


def scan(root: Path, *, hashes: bool = True, progress: Progress | None = None) -> DatasetIndex:
    """Index ``<root>/{train,test}/<class>/`` or ``<root>/<class>/`` recursively.

    Raises:
        DatasetError: the folder does not exist, cannot be opened, or holds no photos in class folders.
    """
    found = [ImageRecord(photo.file, photo.split, photo.label) for photo in list_photos(root).photos]
    records, unreadable = _with_hashes(root, found, progress) if hashes else (found, [])
    classes = tuple(sorted({record.label for record in records}))
    return DatasetIndex(root, classes, tuple(records), tuple(unreadable))


def photo_files(folder: Path) -> list[Path]:
    """Return every photo below a folder, sorted, without following links to folders."""
    found = []
    for directory, _, names in os.walk(folder):
        found += [Path(directory) / name for name in names if Path(name).suffix.lower() in PHOTO_SUFFIXES]
    return sorted(found)


def _with_hashes(
    root: Path, found: list[ImageRecord], progress: Progress | None
) -> tuple[list[ImageRecord], list[str]]:
    records, unreadable = [], []
    for done, record in enumerate(found, start=1):
        try:
            digest = hashlib.sha256((root / record.file).read_bytes()).hexdigest()
            records.append(ImageRecord(record.file, record.split, record.label, digest))
        except OSError as error:
            unreadable.append(f"{record.file}: {error.strerror}")
        if progress:
            progress(done, len(found))
    return records, unreadable


_NUMBERED = re.compile(r"(?P<series>.+?)-(?P<number>\d+)")


def series_of(file: str) -> tuple[str, int | None]:
    """Return the sub-diagnosis and the number that a file name states.

    ``acne-cystic-12.jpg`` is number 12 of ``acne-cystic``. Other names (``07Rhinophyma1.jpg``) have no number; their
    series is the name without its trailing digits.
    """
    stem = Path(file).stem.lower()
    match = _NUMBERED.fullmatch(stem)
    if match:
        return match["series"], int(match["number"])
    return stem.rstrip("0123456789") or stem, None
