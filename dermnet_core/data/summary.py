"""The figures of a data set: small enough to ship, and all that the overview needs."""

from collections.abc import Mapping
from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True)
class Distribution:
    """How one property is spread over the photos."""

    edges: tuple[float, ...]
    """Of the bins of the histogram, ascending; one more than the bins."""
    counts: Mapping[str, tuple[int, ...]]
    """Split -> photos in each bin."""
    quantiles: tuple[float, ...]
    """Over all photos, at QUANTILES."""


QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class DatasetSummary:
    """What the overview of a data set shows; the same for a scanned folder and for the figures that ship."""

    name: str
    scanned: str
    """When, ISO 8601 in UTC."""
    counts: Mapping[str, Mapping[str, int]]
    """Split (train, test, or all) -> class folder -> photos that can be read."""
    files: int
    distinct: int
    """Different contents among the files that can be read."""
    duplicate_groups: int
    """Contents that stand in more than one file."""
    conflicting_groups: int
    """Contents that stand under more than one class."""
    leaked_test: int
    """Test photos that are byte copies of train photos."""
    leaked_by_class: Mapping[str, int]
    near_pairs: int
    near_across: int
    """Near-duplicate pairs with one photo in train and one in test."""
    near_conflicting: int
    """Near-duplicate pairs under two classes."""
    suspects: int
    unreadable: int
    properties: Mapping[str, Distribution]
    """Property (a key of stats.PROPERTIES) -> its distribution."""
    series: Mapping[str, Mapping[str, int]]
    """Class folder -> series of the file names -> photos."""
    views: Mapping[str, int]
    """Test photos in each view: official, clean, blocked; empty without train and test."""
    problems: tuple[str, ...] = ()

    def imbalance(self, split: str) -> float | None:
        """Return photos of the largest class over those of the smallest that has any; None for an empty split."""
        counts = [count for count in self.counts.get(split, {}).values() if count]
        return max(counts) / min(counts) if counts else None
