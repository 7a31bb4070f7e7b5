"""Find the photos of a folder without opening one, and say in plain words what is odd about the folder."""

import hashlib
import os
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dermnet_core.errors import DatasetError
from dermnet_core.labels import CLASSES
from dermnet_core.paths import PHOTO_SUFFIXES

Split = Literal["train", "test", "all"]

_SPLITS: tuple[Split, ...] = ("train", "test")
_NAMED = 3  # names in a sentence before "and 12 more"


@dataclass(frozen=True)
class ListedPhoto:
    """A file that should hold a photo; it was not opened."""

    file: str
    """Relative to the root, with forward slashes."""
    split: Split
    label: str
    """The class folder in Unicode's composed form (NFC); ``file`` keeps the name as the disk has it."""
    bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Listing:
    """The photos of a folder, sorted by file, and what is odd about it, in whole sentences."""

    root: Path
    photos: tuple[ListedPhoto, ...]
    problems: tuple[str, ...]

    def digest(self) -> str:
        """Return a SHA-256 over the name, size and time of every photo: another one means that something changed."""
        lines = (f"{photo.file}\0{photo.bytes}\0{photo.mtime_ns}\n" for photo in self.photos)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def list_photos(root: Path) -> Listing:
    """List ``<root>/{train,test}/<class>/**`` or ``<root>/<class>/**``; oddities become problems and stop nothing.

    Links to folders are not followed, but for train and test themselves. A link to a missing photo is listed, so that
    whoever reads the photos names it.

    Raises:
        DatasetError: the folder does not exist, cannot be opened, or holds no photos in class folders.
    """
    if not root.is_dir():
        found = "a file" if root.is_file() else "nothing"
        raise DatasetError(f"Expected a photo folder, found {found} at {root}. Check the path.")
    walk = _Walk(root)
    walk.run()
    if not walk.photos:
        raise DatasetError(
            f"Expected photos in {root}/<split>/<class>/ or {root}/<class>/, {walk.what_instead()}. "
            f"Point at the folder that holds train and test. Photos end in {', '.join(sorted(PHOTO_SUFFIXES))}."
        )
    return Listing(root, tuple(sorted(walk.photos, key=lambda photo: photo.file)), tuple(sorted(walk.sentences())))


class _Walk:
    """One pass over a folder; names are relative to the root and keep their own spelling."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.photos: list[ListedPhoto] = []
        self.labels: dict[Split, dict[str, set[str]]] = {}  # split -> label -> spellings of its folders
        self.problems: set[str] = set()
        self.closed = 0
        self.loose: list[str] = []
        self.undecodable: list[str] = []
        self.ignored_folders: list[str] = []
        self.without_photos: list[str] = []
        self.lost: defaultdict[str, list[str]] = defaultdict(list)
        self.other_files: Counter[str] = Counter()

    def run(self) -> None:
        try:
            entries = _scan(self.root)
        except OSError as error:
            raise DatasetError(
                f"Expected a photo folder, found {self.root}, which cannot be opened ({error.strerror}). "
                "Check its permissions."
            ) from error
        splits = {entry.name for entry in entries if entry.name in _SPLITS and self._is_split(entry)}
        if not splits:
            self._classes("all", "", entries)
            return
        folders, photos = self._sorted("", [entry for entry in entries if entry.name not in splits])
        self.ignored_folders += [entry.name for entry in folders]
        self.loose += [entry.name for entry in photos]
        for split in _SPLITS:
            if split in splits:
                self._classes(split, f"{split}/", self._entries(split))
            else:
                (present,) = splits
                self.problems.add(f"Expected the folders train and test, found {present} only. Add {split} if you can.")

    def what_instead(self) -> str:
        """Say what a folder without photos in class folders holds."""
        if self.loose:
            return f"found {_count(len(self.loose), 'photo')} but no class folders with photos"
        if self.closed:
            return f"found {_count(self.closed, 'folder')} that cannot be opened"
        return "found none"

    def sentences(self) -> set[str]:
        """Return all problems: those noticed on the way and those that only the whole shows."""
        found = self.problems | set(_about_classes(self.labels))
        if self.loose:
            found.add(f"Photos beside the class folders are left out: {_named(self.loose)}. Move them into a class.")
        if self.undecodable:
            found.add(f"Names that are not valid UTF-8 are left out: {_named(self.undecodable)}. Rename them.")
        if self.ignored_folders:
            found.add(f"Folders beside train and test are ignored: {_named(self.ignored_folders)}.")
        if self.without_photos:
            found.add(f"Class folders without photos: {_named(self.without_photos)}.")
        for reason, files in self.lost.items():
            found.add(f"Files that {reason} are left out: {_named(files)}.")
        if self.other_files:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.other_files.items()))
            total = self.other_files.total()
            found.add(f"{_count(total, 'file')} {'is' if total == 1 else 'are'} no photo by name and ignored: {kinds}.")
        return found

    def _is_split(self, entry: os.DirEntry[str]) -> bool:
        """Train and test may be links, but not to a folder that holds them."""
        return _is_folder(entry) and not (entry.is_symlink() and _leads_up(entry.path))

    def _classes(self, split: Split, prefix: str, entries: list[os.DirEntry[str]]) -> None:
        labels: defaultdict[str, set[str]] = defaultdict(set)
        folders, photos = self._sorted(prefix, entries)
        self.loose += [prefix + entry.name for entry in photos]
        for entry in folders:
            label = unicodedata.normalize("NFC", entry.name)
            labels[label].add(entry.name)
            before = len(self.photos)
            self._class(split, label, prefix + entry.name)
            if len(self.photos) == before:
                self.without_photos.append(prefix + label)
        self.labels[split] = dict(labels)

    def _class(self, split: Split, label: str, top: str) -> None:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            folders, photos = self._sorted(f"{folder}/", self._entries(folder))
            waiting += [f"{folder}/{entry.name}" for entry in folders]
            if split == "all" and folder == top and any(entry.name in _SPLITS for entry in folders):
                self.problems.add(f"{_quoted(top)} holds train or test itself: you may want to point at it instead.")
            for entry in photos:
                self._photo(entry, f"{folder}/{entry.name}", split, label)

    def _photo(self, entry: os.DirEntry[str], file: str, split: Split, label: str) -> None:
        try:
            found = _stat(entry)
        except OSError as error:
            self.lost[f"vanished or cannot be looked at ({error.strerror})"].append(file)
            return
        if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
            self.photos.append(ListedPhoto(file, split, label, found.st_size, found.st_mtime_ns))
        else:
            self.lost["are pipes or devices"].append(file)

    def _sorted(
        self, prefix: str, entries: Iterable[os.DirEntry[str]]
    ) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
        """Return the folders to look into and the photos; remember what else there is."""
        folders, photos = [], []
        for entry in entries:
            ending = os.path.splitext(entry.name)[1].lower()
            if not _is_utf8(entry.name):
                self.undecodable.append(prefix + entry.name)
            elif _is_folder(entry):
                if entry.is_symlink():
                    self._link(prefix + entry.name, entry.path)
                else:
                    folders.append(entry)
            elif ending in PHOTO_SUFFIXES:
                photos.append(entry)
            elif entry.is_symlink() and not os.path.exists(entry.path):
                self.problems.add(f"{_quoted(prefix + entry.name)} is a broken link and ignored.")
            else:
                self.other_files[ending if _is_utf8(ending) and ending else "without an ending"] += 1
        return folders, photos

    def _link(self, name: str, path: str) -> None:
        where = "points back to a folder above it" if _leads_up(path) else "points to another folder"
        self.problems.add(f"The link {_quoted(name)} {where} and is not followed.")

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            return _scan(self.root / folder)
        except OSError as error:
            self.closed += 1
            self.problems.add(
                f"The folder {_quoted(folder)} cannot be opened ({error.strerror}): its photos are left out. "
                "Check its permissions."
            )
            return []


def _about_classes(splits: dict[Split, dict[str, set[str]]]) -> Iterable[str]:
    """Say which classes lack a folder, have two, or are not those of the atlas."""
    for split, labels in splits.items():
        for label, spellings in labels.items():
            if len(spellings) > 1:
                yield f"Two folders are named {_quoted(label)} in two Unicode spellings ({split}): taken as one class."
        for other in splits.keys() - {split}:
            if only := labels.keys() - splits[other].keys():
                yield f"Classes in {split} without a folder in {other}: {_named(only)}."
    found, atlas = set().union(*splits.values()), {entry.folder for entry in CLASSES}
    if 2 * len(found & atlas) < len(found) or not found:
        return
    if missing := atlas - found:
        yield f"Classes of the atlas that are missing: {_named(missing, len(missing))}."
    if extra := found - atlas:
        yield f"Class folders that are not in the atlas: {_named(extra, len(extra))}."


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or to where nobody may look: no folder to open
        return False


def _stat(entry: os.DirEntry[str]) -> os.stat_result:
    try:
        return entry.stat()
    except OSError:
        return entry.stat(follow_symlinks=False)  # a broken link still has a size and a time of its own


def _leads_up(link: str) -> bool:
    """Tell whether a link leads to a folder that holds the link."""
    return Path(os.path.realpath(os.path.dirname(link))).is_relative_to(os.path.realpath(link))


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _quoted(name: str) -> str:
    r"""Return a name that can be shown: bytes that are no text appear as \xff."""
    return f"“{os.fsencode(name).decode(errors='backslashreplace')}”"


def _named(names: Iterable[str], most: int = _NAMED) -> str:
    ordered = sorted(names)
    shown = ", ".join(_quoted(name) for name in ordered[:most])
    return f"{shown} and {len(ordered) - most:,} more" if len(ordered) > most else shown


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
