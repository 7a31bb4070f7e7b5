"""Find the photos of a folder without opening one, and say in plain words what is odd about the folder."""

import hashlib
import os
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dermnet_core.errors import DatasetError
from dermnet_core.i18n import N_, _, count, ngettext
from dermnet_core.labels import CLASSES
from dermnet_core.paths import PHOTO_SUFFIXES

Split = Literal["train", "test", "all"]

_SPLITS: tuple[Split, ...] = ("train", "test")
_NAMED = 3  # names in a sentence before "and 12 more"
_PIPES = N_("Files that are pipes or devices are left out: {names}.")
_VANISHED = N_("Files that vanished or cannot be looked at ({reason}) are left out: {names}.")


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
        nothing = _("Expected a photo folder, found nothing at {root}. Check the path.")
        a_file = _("Expected a photo folder, found a file at {root}. Check the path.")
        raise DatasetError((a_file if root.is_file() else nothing).format(root=root))
    walk = _Walk(root)
    walk.run()
    if not walk.photos:
        raise DatasetError(
            _(
                "Expected photos in {root}/<split>/<class>/ or {root}/<class>/, {found}. "
                "Point at the folder that holds train and test. Photos end in {endings}."
            ).format(root=root, found=walk.what_instead(), endings=", ".join(sorted(PHOTO_SUFFIXES)))
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
        self.lost: defaultdict[tuple[str, str], list[str]] = defaultdict(list)  # sentence, reason -> files
        self.other_files: Counter[str] = Counter()

    def run(self) -> None:
        try:
            entries = _scan(self.root)
        except OSError as error:
            raise DatasetError(
                _(
                    "Expected a photo folder, found {root}, which cannot be opened ({reason}). Check its permissions."
                ).format(root=self.root, reason=error.strerror)
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
                missing = _("Expected the folders train and test, found {present} only. Add {split} if you can.")
                self.problems.add(missing.format(present=present, split=split))

    def what_instead(self) -> str:
        """Say what a folder without photos in class folders holds."""
        if self.loose:
            return ngettext(
                "found {n} photo but no class folders with photos",
                "found {n} photos but no class folders with photos",
                len(self.loose),
            ).format(n=count(len(self.loose)))
        if self.closed:
            return ngettext(
                "found {n} folder that cannot be opened", "found {n} folders that cannot be opened", self.closed
            ).format(n=count(self.closed))
        return _("found none")

    def sentences(self) -> set[str]:
        """Return all problems: those noticed on the way and those that only the whole shows."""
        found = self.problems | set(_about_classes(self.labels))
        for names, sentence in (
            (self.loose, _("Photos beside the class folders are left out: {names}. Move them into a class.")),
            (self.undecodable, _("Names that are not valid UTF-8 are left out: {names}. Rename them.")),
            (self.ignored_folders, _("Folders beside train and test are ignored: {names}.")),
            (self.without_photos, _("Class folders without photos: {names}.")),
        ):
            if names:
                found.add(sentence.format(names=_named(names)))
        for (sentence, reason), files in self.lost.items():
            found.add(_(sentence).format(reason=reason, names=_named(files)))
        if total := self.other_files.total():
            others = ngettext(
                "{n} file is no photo by name and ignored: {kinds}.",
                "{n} files are no photo by name and ignored: {kinds}.",
                total,
            )
            found.add(others.format(n=count(total), kinds=_kinds(self.other_files)))
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
                nested = _("{name} holds train or test itself: you may want to point at it instead.")
                self.problems.add(nested.format(name=_quoted(top)))
            for entry in photos:
                self._photo(entry, f"{folder}/{entry.name}", split, label)

    def _photo(self, entry: os.DirEntry[str], file: str, split: Split, label: str) -> None:
        try:
            found = _stat(entry)
        except OSError as error:
            self.lost[_VANISHED, str(error.strerror)].append(file)
            return
        if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
            self.photos.append(ListedPhoto(file, split, label, found.st_size, found.st_mtime_ns))
        else:
            self.lost[_PIPES, ""].append(file)

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
                self.problems.add(_("{name} is a broken link and ignored.").format(name=_quoted(prefix + entry.name)))
            else:
                self.other_files[ending if _is_utf8(ending) else ""] += 1
        return folders, photos

    def _link(self, name: str, path: str) -> None:
        above = _("The link {name} points back to a folder above it and is not followed.")
        other = _("The link {name} points to another folder and is not followed.")
        self.problems.add((above if _leads_up(path) else other).format(name=_quoted(name)))

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            return _scan(self.root / folder)
        except OSError as error:
            self.closed += 1
            self.problems.add(
                _(
                    "The folder {name} cannot be opened ({reason}): its photos are left out. Check its permissions."
                ).format(name=_quoted(folder), reason=error.strerror)
            )
            return []


def _about_classes(splits: dict[Split, dict[str, set[str]]]) -> Iterable[str]:
    """Say which classes lack a folder, have two, or are not those of the atlas."""
    for split, labels in splits.items():
        for label, spellings in labels.items():
            if len(spellings) > 1:
                twice = _("Two folders are named {name} in two Unicode spellings ({split}): taken as one class.")
                yield twice.format(name=_quoted(label), split=split)
        for other in splits.keys() - {split}:
            if only := labels.keys() - splits[other].keys():
                lacking = _("Classes in {split} without a folder in {other}: {names}.")
                yield lacking.format(split=split, other=other, names=_named(only))
    found, atlas = set().union(*splits.values()), {entry.folder for entry in CLASSES}
    if 2 * len(found & atlas) < len(found) or not found:
        return
    if missing := atlas - found:
        yield _("Classes of the atlas that are missing: {names}.").format(names=_named(missing, len(missing)))
    if extra := found - atlas:
        yield _("Class folders that are not in the atlas: {names}.").format(names=_named(extra, len(extra)))


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
    left = len(ordered) - most
    return _("{names} and {n} more").format(names=shown, n=count(left)) if left > 0 else shown


def _kinds(files: Mapping[str, int]) -> str:
    """Return endings with their numbers of files; those without one come last."""
    kinds = ", ".join(f"{count(files[kind])} {kind}" for kind in sorted(files) if kind)
    if not files.get(""):
        return kinds
    without = _("{kinds}, {n} without an ending") if kinds else _("{n} without an ending")
    return without.format(kinds=kinds, n=count(files[""]))
