"""Photos of another source, from a labels file or from folders named after its labels, for external validation only."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.labelled import LabelledPhotos
from dermnet_core.data.listing import Split, list_photos
from dermnet_core.data.mapping import LabelMapping
from dermnet_core.data.scan import ImageRecord, Progress
from dermnet_core.errors import ConfigError, DatasetError
from dermnet_core.i18n import N_

OUTSIDE = "outside"
FILE = "file"
_NAMED = 5  # names in a message
_WHOLE = re.compile(r"(\d+)\.0")  # what pandas makes of whole numbers in a column with gaps


@dataclass(frozen=True)
class _Row:
    file: str
    """Relative to the photo folder."""
    label: str
    """Of the source."""
    attributes: Mapping[str, str]


def table_photos(root: Path, table: Path, mapping: LabelMapping, progress: Progress | None = None) -> LabelledPhotos:
    """Return the photos that a labels file names.

    Args:
        root: the photo folder.
        table: CSV in UTF-8 with a column "file", the mapping's columns and any others, which become attributes.
        mapping: labels to classes.
        progress: told how many photos have been read once.

    Raises:
        ConfigError: the file cannot be read, columns are missing, or the mapping says nothing of a label.
        DatasetError: the folder does not exist, or a file name leads out of it.
    """
    if not root.is_dir():
        raise DatasetError(f"Expected a photo folder, found nothing at {root}. Check the path.")
    names, values = _read_table(table, mapping)
    rows = [
        _Row(str(PurePosixPath(mapping.images, _inside(row[FILE], table))), row[mapping.column], row) for row in values
    ]
    return _photos(root, rows, mapping, [name for name in names if name != FILE], progress)


def folder_photos(
    root: Path, split: Split | None, mapping: LabelMapping, progress: Progress | None = None
) -> LabelledPhotos:
    """Return the photos of folders that bear the labels of the source; the label is kept as the attribute "label".

    Raises:
        ConfigError: the mapping says nothing of a folder.
        DatasetError: the folder holds no such photos.
    """
    photos = list_photos(root / mapping.images if mapping.images else root).photos
    taken = [photo for photo in photos if photo.split == (split or photo.split)]
    if not taken:
        raise DatasetError(f"Expected photos in {root}/{split}/<label>/, found none. Leave --split out.")
    rows = [
        _Row(str(PurePosixPath(mapping.images, photo.file)), photo.label, {mapping.column: photo.label})
        for photo in taken
    ]
    return _photos(root, rows, mapping, [mapping.column], progress)


def _photos(
    root: Path, rows: Sequence[_Row], mapping: LabelMapping, names: Sequence[str], progress: Progress | None
) -> LabelledPhotos:
    _check_labels(rows, mapping)
    wanted = [row for row in rows if mapping.labels[row.label] is not None]
    if not wanted:
        raise DatasetError(N_("Expected labelled photos, found that the mapping leaves all of them out. Correct it."))
    found, left_out = _with_hashes(root, wanted, mapping, progress)
    if not found:
        raise DatasetError(
            N_(
                "Expected the {n} labelled photos in {folder}, found none of them, first {file}. Check the folder and "
                "the entry images of the mapping."
            ).format(n=len(wanted), folder=root / mapping.images, file=wanted[0].file)
        )
    lines = (f"{record.file}\0{record.sha256}\n" for _, record in found)
    return LabelledPhotos(
        root=root,
        name=mapping.name,
        split=OUTSIDE,
        fingerprint=hashlib.sha256("".join(lines).encode()).hexdigest(),
        records=tuple(record for _, record in found),
        groups=_numbers([row.attributes[mapping.groups] for row, _ in found]) if mapping.groups else None,
        attributes={name: tuple(row.attributes[name] for row, _ in found) for name in names},
        source=", ".join(filter(None, (mapping.source, mapping.license))),
        left_out=tuple(left_out),
    )


def _with_hashes(
    root: Path, rows: Sequence[_Row], mapping: LabelMapping, progress: Progress | None
) -> tuple[list[tuple[_Row, ImageRecord]], list[str]]:
    found, left_out = [], []
    for done, row in enumerate(sorted(rows, key=lambda row: row.file), start=1):
        try:
            digest = hashlib.sha256((root / row.file).read_bytes()).hexdigest()
        except OSError as error:
            left_out.append(f"{row.file}: {error.strerror}")
        else:
            found.append((row, ImageRecord(row.file, "all", str(mapping.labels[row.label]), digest)))
        if progress:
            progress(done, len(rows))
    return found, left_out


def _read_table(path: Path, mapping: LabelMapping) -> tuple[list[str], list[dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.DictReader(io.StringIO(text), restval="", strict=True)
        names = [name for name in reader.fieldnames or [] if name]
        needed = {FILE, mapping.column, mapping.groups} - {""}
        if missing := sorted(needed - set(names)):
            raise ConfigError(
                f"Expected the columns {', '.join(sorted(needed))} in {path}, found no {' and no '.join(missing)} "
                f"among {', '.join(names) or 'none'}. Correct the file or the mapping."
            )
        rows = [{name: _clean(row[name]) for name in names} for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        unread = N_("Expected a labels file (CSV in UTF-8) in {path}, found: {error}. Check it.")
        raise ConfigError(unread.format(path=path, error=error)) from error
    doubled = [file for file, count in Counter(row[FILE] for row in rows).items() if count > 1]
    if doubled or not rows:
        found = f"several for {_some(doubled)}" if doubled else "none"
        raise ConfigError(f"Expected one row a photo in {path}, found {found}. Correct the file.")
    return names, rows


def _clean(value: str) -> str:
    value = value.strip()
    match = _WHOLE.fullmatch(value)
    return match[1] if match else value


def _inside(file: str, table: Path) -> str:
    path = PurePosixPath(file.replace("\\", "/"))
    if not file or "\0" in file or path.is_absolute() or ".." in path.parts:
        raise DatasetError(
            f"Expected names of photos below the photo folder in {table}, found {file!r}. Correct the file."
        )
    return str(path)


def _check_labels(rows: Sequence[_Row], mapping: LabelMapping) -> None:
    unknown = sorted({row.label for row in rows} - set(mapping.labels))
    if unknown:
        one = N_(
            "Expected a class for every label, found none for {labels}. Add it to the mapping; null leaves such photos "
            "out."
        )
        several = N_(
            "Expected a class for every label, found none for {labels}. Add them to the mapping; null leaves such "
            "photos out."
        )
        raise ConfigError((one if len(unknown) == 1 else several).format(labels=_some(unknown)))


def _numbers(values: Sequence[str]) -> NDArray[np.int64]:
    """Return a number for each value, equal for equal ones; an empty value is a group of its own."""
    known: dict[str, int] = {}
    keys = [value or f"\0{position}" for position, value in enumerate(values)]
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)


def _some(names: Sequence[str]) -> str:
    shown = [name or '""' for name in names[:_NAMED]]
    return ", ".join(shown) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
