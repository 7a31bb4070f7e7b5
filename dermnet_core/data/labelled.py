"""Photos with the classes that they should get, and what else is known of them: what a model is evaluated on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.facts import NearPair
from dermnet_core.data.listing import Split
from dermnet_core.data.scan import DatasetIndex, ImageRecord
from dermnet_core.data.splits import blocked_mask, clean_mask, groups
from dermnet_core.i18n import N_
from dermnet_core.labels import CLASSES


@dataclass(frozen=True, eq=False)
class LabelledPhotos:
    """n photos of one folder; the label of each record is a class folder of the model."""

    root: Path
    name: str
    """In a few words, for headings: "DermNet test photos"."""
    split: str
    """train, test or all; "outside" for photos of another source."""
    fingerprint: str
    """SHA-256 over names and contents of the photos and of those that they were compared with."""
    records: tuple[ImageRecord, ...]
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """"clean" and "blocked" -> (n,), where the folder holds train photos to compare with."""
    groups: NDArray[np.int64] | None = None
    """(n,) number of the group of photos that belong together; None: not known."""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    """Where they are from and on which terms, where that is stated."""
    left_out: tuple[str, ...] = ()
    """One message for each photo that is missing or cannot be read."""


_NAMES = {"train": N_("{name} train photos"), "test": N_("{name} test photos"), "all": N_("{name} photos")}


def labelled_split(
    index: DatasetIndex, split: Split | None = None, near: Iterable[NearPair] = (), name: str | None = None
) -> LabelledPhotos:
    """Return one split of a folder, with the views that its other photos allow.

    Args:
        index: the whole folder with hashes.
        split: None takes test, or all photos of a folder that is not split.
        near: near duplicates among all photos of the folder.
        name: for headings; made of the folder's name and the split by default.

    Raises:
        DatasetError: the split holds no photos.
    """
    split = split or usual_split(index)
    records, near = index.split(split), list(near)
    train = [record for record in index.records if record.split == "train"] if split == "test" else []
    masks = {"clean": clean_mask(records, train), "blocked": blocked_mask(records, train, near)} if train else {}
    return LabelledPhotos(
        root=index.root,
        name=name or _name(index, split),
        split=split,
        fingerprint=index.fingerprint(),
        records=records,
        masks={view: np.array(mask, dtype=np.bool_) for view, mask in masks.items()},
        groups=np.array(groups(records, near), dtype=np.int64),
        left_out=_of_split(index.unreadable, split),
    )


def usual_split(index: DatasetIndex) -> Split:
    """Return the split to evaluate when nobody names one."""
    return "all" if all(record.split == "all" for record in index.records) else "test"


def _name(index: DatasetIndex, split: Split) -> str:
    """Return the atlas's name for a folder with all its classes in train and test, else the folder's own."""
    atlas = {entry.folder for entry in CLASSES} <= set(index.classes) and split != "all"
    name = "DermNet" if atlas else index.root.resolve().name
    return _NAMES[split].format(name=name)


def _of_split(messages: Sequence[str], split: Split) -> tuple[str, ...]:
    return tuple(message for message in messages if split == "all" or message.startswith(f"{split}/"))
