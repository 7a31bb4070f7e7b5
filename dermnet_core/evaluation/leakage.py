"""How often a model is right on photos that resemble its training photos, and on those that do not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.evaluation.intervals import Interval, wilson
from dermnet_core.evaluation.record import BLOCKED, CLEAN, Evaluation

COPIES, NEAR, NEW, OTHERS = "copies", "near", "new", "others"
"""Byte copies of training photos; near duplicates and series neighbours of them; neither; no byte copies."""


@dataclass(frozen=True)
class Part:
    """Some of the photos of an evaluation, and how many of them the model names right at first."""

    name: str
    n: int
    hits: int

    @property
    def accuracy(self) -> float:
        """Return the top-1 accuracy, 0 to 1."""
        return self.hits / self.n

    @property
    def interval(self) -> Interval:
        """Return the 95 % interval of the accuracy (Wilson, 1927)."""
        return wilson(self.hits, self.n)


@dataclass(frozen=True)
class Copied:
    """The class with the most byte copies of training photos."""

    label: str
    n: int
    """Its copies."""
    total: int
    """The copies of all classes."""


def copied(evaluation: Evaluation) -> Copied | None:
    """Return the class that more than half of the byte copies are of; None when there is none."""
    if CLEAN not in evaluation.masks:
        return None
    counts = np.bincount(evaluation.labels[~evaluation.mask(CLEAN)], minlength=len(evaluation.classes))
    most, total = int(counts.argmax()), int(counts.sum())
    return Copied(evaluation.classes[most], int(counts[most]), total) if 2 * counts[most] > total else None


def parts(evaluation: Evaluation) -> tuple[Part, ...]:
    """Split all photos by what the training photos hold of them; parts without photos are left out.

    Returns:
        Parts that together are the official view, the most leaked first; empty when the copies are not known.
    """
    if CLEAN not in evaluation.masks:
        return ()
    clean = evaluation.mask(CLEAN)
    masks = {COPIES: ~clean}
    if BLOCKED in evaluation.masks:
        blocked = evaluation.mask(BLOCKED)
        masks |= {NEAR: clean & ~blocked, NEW: blocked}
    else:
        masks |= {OTHERS: clean}
    right = evaluation.logits.argmax(axis=1) == evaluation.labels
    return tuple(_part(name, mask, right) for name, mask in masks.items() if mask.any())


def _part(name: str, mask: NDArray[np.bool_], right: NDArray[np.bool_]) -> Part:
    return Part(name, int(mask.sum()), int((mask & right).sum()))
