"""What is wrong with a data set, the worst first: leaks, contradictions, copies, files that cannot be used."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dermnet_core.data import quality
from dermnet_core.data.facts import NearPair, PhotoFacts
from dermnet_core.i18n import N_, _, count, ngettext, retold, together
from dermnet_core.labels import display_name

if TYPE_CHECKING:
    from dermnet_core.data.report import DatasetReport

Group = tuple[PhotoFacts, ...]

FINDINGS: Mapping[str, tuple[str, str]] = {
    "leaked": (
        N_("Test photos that also stand in train"),
        N_("Byte copies on both sides: a model has seen these test photos with their answer."),
    ),
    "conflicting": (
        N_("The same photo under two classes"),
        N_("Byte copies in folders of different classes: at least one of the labels is wrong or incomplete."),
    ),
    "near-across": (
        N_("Near duplicates across train and test"),
        N_("The same view, a part of it or its mirror image on both sides: not byte copies, but nearly as telling."),
    ),
    "near-conflicting": (
        N_("Near duplicates under two classes"),
        N_("Photos of the same view in folders of different classes."),
    ),
    "copies": (
        N_("Byte copies inside a split"),
        N_("One photo in several files of the same class and split: it counts as often as it is there."),
    ),
    "near-inside": (
        N_("Near duplicates inside a split"),
        N_("Photos of the same view in one split and class: they are not independent of each other."),
    ),
    "unreadable": (N_("Files that cannot be used"), N_("Damaged or empty files, and files that are no photos.")),
    "suspects": (
        N_("Suspects: perhaps no photo of skin"),
        N_("Hardly any tone of skin and unusual colours: the microscope, objects, landscapes, or blue cloth."),
    ),
    "blurred": (
        N_("Blurred photos"),
        N_("Fewer fine edges than 99 of 100 photos, taken by phone, of another hospital."),
    ),
    "dark": (N_("Dark photos"), N_("Darker than 99 of 100 photos of the atlas.")),
    "overexposed": (N_("Overexposed photos"), N_("Lighter than 98 of 100 photos of the atlas.")),
    "small": (N_("Very small photos"), N_("A side of less than {n} pixels.")),
}
"""Key -> title and one sentence in English, the worst first."""


@dataclass(frozen=True)
class Finding:
    """Groups of files with one defect, in words of the visitor's language; single files are groups of one."""

    key: str
    title: str
    meaning: str
    groups: tuple[tuple[str, ...], ...]
    """File names."""
    notes: tuple[str, ...]
    """For each group, what is wrong with it, in a few words; may be empty."""


def findings(report: "DatasetReport") -> tuple[Finding, ...]:
    """Return every kind of finding that there is, the worst first; a kind without any is left out."""
    found = dict(_group_findings(report.photos, report.near)) | dict(_single_findings(report))
    return tuple(Finding(key, *described(key), *found[key]) for key in FINDINGS if found.get(key, ((), ()))[0])


def described(key: str) -> tuple[str, str]:
    """Return title and one sentence about a kind of finding, in the visitor's language."""
    title, meaning = FINDINGS[key]
    return _(title), _(meaning).format(n=quality.SMALL)


def copy_groups(photos: Iterable[PhotoFacts]) -> tuple[Group, ...]:
    """Return the groups of files with one content, the largest first."""
    by_content: defaultdict[str, list[PhotoFacts]] = defaultdict(list)
    for photo in photos:
        by_content[photo.sha256].append(photo)
    groups = (tuple(group) for group in by_content.values() if len(group) > 1)
    return tuple(sorted(groups, key=lambda group: (-len(group), group[0].file)))


def conflicts(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups whose files stand under more than one class."""
    return tuple(group for group in groups if len({photo.label for photo in group}) > 1)


def across(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups with files in train and in test."""
    return tuple(group for group in groups if {"train", "test"} <= {photo.split for photo in group})


def leaked(groups: Iterable[Group]) -> tuple[PhotoFacts, ...]:
    """Return the test photos of groups of byte copies that also stand in train."""
    return tuple(photo for group in across(groups) for photo in group if photo.split == "test")


def near_groups(photos: Sequence[PhotoFacts], near: Iterable[NearPair]) -> tuple[Group, ...]:
    """Return photos linked by near pairs, directly or by others, with their byte copies; the largest first."""
    by_file = {photo.file: photo for photo in photos}
    parent: dict[str, str] = {}

    def root(content: str) -> str:
        parent.setdefault(content, content)
        while parent[content] != content:
            parent[content] = parent[parent[content]]
            content = parent[content]
        return content

    for pair in near:
        parent[root(by_file[pair.second].sha256)] = root(by_file[pair.first].sha256)
    members: defaultdict[str, list[PhotoFacts]] = defaultdict(list)
    for photo in photos:
        if photo.sha256 in parent:
            members[root(photo.sha256)].append(photo)
    return tuple(sorted((tuple(group) for group in members.values()), key=lambda group: (-len(group), group[0].file)))


_Found = tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]


def _group_findings(photos: Sequence[PhotoFacts], near: Sequence[NearPair]) -> Iterable[tuple[str, _Found]]:
    copies, similar = copy_groups(photos), near_groups(photos, near)
    yield "leaked", _named(across(copies), _leak_note)
    yield "conflicting", _named(conflicts(copies), _class_note)
    inside = [group for group in copies if len({(photo.split, photo.label) for photo in group}) < len(group)]
    yield "copies", _named(inside, _repeat_note)
    crossing = across(similar)
    conflicting = conflicts(similar)
    yield "near-across", _named(crossing, _class_note)
    yield "near-conflicting", _named(conflicting, _class_note)
    told = {group[0].file for group in (*crossing, *conflicting)}
    rest = [group for group in similar if group[0].file not in told]
    yield "near-inside", _named(rest, _repeat_note)


def _single_findings(report: "DatasetReport") -> Iterable[tuple[str, _Found]]:
    yield "unreadable", _alone((file.file, retold(file.reason)) for file in report.unreadable)
    yield "suspects", _alone((suspect.file, retold(suspect.reason)) for suspect in report.suspects)
    tests: Mapping[str, Callable[[PhotoFacts], bool]] = {
        "blurred": lambda photo: photo.sharpness < quality.BLURRED,
        "dark": lambda photo: photo.brightness < quality.DARK,
        "overexposed": lambda photo: photo.brightness > quality.OVEREXPOSED,
        "small": lambda photo: min(photo.width, photo.height) < quality.SMALL,
    }
    for key, test in tests.items():
        yield key, _alone((photo.file, "") for photo in report.photos if test(photo))


def _named(groups: Iterable[Group], note: Callable[[Group], str]) -> _Found:
    groups = tuple(groups)
    return tuple(tuple(photo.file for photo in group) for group in groups), tuple(note(group) for group in groups)


def _alone(found: Iterable[tuple[str, str]]) -> _Found:
    pairs = tuple(found)
    return tuple((file,) for file, _ in pairs), tuple(note for _, note in pairs)


def _leak_note(group: Group) -> str:
    train = {photo.label for photo in group if photo.split == "train"}
    test = {photo.label for photo in group if photo.split == "test"}
    if test <= train:
        return _names(test)
    return _("{test} in test, but {train} in train").format(test=_names(test - train), train=_names(train))


def _class_note(group: Group) -> str:
    return _names({photo.label for photo in group})


def _repeat_note(group: Group) -> str:
    files = ngettext("{n} file, {names}", "{n} files, {names}", len(group))
    return files.format(n=count(len(group)), names=_names({photo.label for photo in group}))


def _names(labels: Iterable[str]) -> str:
    return together(sorted(display_name(label) for label in labels))
