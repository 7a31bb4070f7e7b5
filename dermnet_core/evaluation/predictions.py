"""What a model said about a set of labelled photos: the one input of every figure."""

from collections import Counter
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dermnet_core.errors import ArtifactError

SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Predictions:
    """Scores of n labelled photos over c classes; checked on construction.

    Raises:
        ArtifactError: no photos, one that is named twice, shapes that do not match, a label out of range, NaN, or
            scores that do not sum to 1.
    """

    files: tuple[str, ...]
    labels: NDArray[np.int64]
    """(n,) index of the true class."""
    scores: NDArray[np.float32]
    """(n, c), each row sums to 1."""
    classes: tuple[str, ...]
    """Class folders in the order of the columns."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", tuple(self.files))
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "labels", np.asarray(self.labels))
        object.__setattr__(self, "scores", np.asarray(self.scores, dtype=np.float32))
        self._check_shapes()
        self._check_values()
        object.__setattr__(self, "labels", self.labels.astype(np.int64))

    def __len__(self) -> int:
        return len(self.files)

    @property
    def top(self) -> NDArray[np.int64]:
        """Return the index of each photo's best class, (n,); of equal scores the first class."""
        return np.asarray(self.scores.argmax(axis=1), dtype=np.int64)

    @property
    def confidence(self) -> NDArray[np.float32]:
        """Return each photo's best score, (n,)."""
        return np.asarray(self.scores.max(axis=1), dtype=np.float32)

    @property
    def rank(self) -> NDArray[np.int64]:
        """Return the place of each photo's true class in the ranking, (n,), 0 being first; ties as in ``top``."""
        own = self.scores[np.arange(len(self)), self.labels][:, None]
        earlier = np.arange(len(self.classes)) < self.labels[:, None]
        return np.asarray(((self.scores > own) | ((self.scores == own) & earlier)).sum(axis=1), dtype=np.int64)

    def select(self, mask: NDArray[np.bool_]) -> Self:
        """Return the photos where ``mask`` (n,) is true.

        Raises:
            ArtifactError: the mask has another length or keeps no photo.
        """
        mask = np.asarray(mask, dtype=np.bool_)
        _expect(mask.shape == (len(self),), f"a mask of {len(self)} photos", f"shape {mask.shape}", "Build it again.")
        files = tuple(self.files[i] for i in np.flatnonzero(mask))
        return type(self)(files, self.labels[mask], self.scores[mask], self.classes)

    def _check_shapes(self) -> None:
        n, c = len(self.files), len(self.classes)
        _expect(n >= 1, "at least one photo", "none", "Choose a folder or a view that holds photos.")
        twice = [file for file, times in Counter(self.files).items() if times > 1]
        _expect(not twice, "each photo once", f"{', '.join(twice[:3])} more than once", "Remove the repeated rows.")
        _expect(
            c >= 2 and len(set(self.classes)) == c,
            "two or more different classes",
            f"{c}: {self.classes}",
            "Correct the list of classes.",
        )
        _expect(self.labels.shape == (n,), f"{n} labels", f"shape {self.labels.shape}", "Predict the photos again.")
        _expect(
            self.scores.shape == (n, c),
            f"scores of shape {(n, c)}",
            str(self.scores.shape),
            "The predictions were made with other classes; predict the photos again.",
        )

    def _check_values(self) -> None:
        c = len(self.classes)
        whole = np.issubdtype(self.labels.dtype, np.integer)
        _expect(whole, "whole numbers as labels", str(self.labels.dtype), "Pass class indices.")
        outside = (self.labels < 0) | (self.labels >= c)
        improper = (self.scores.min(axis=1) < 0.0) | (np.abs(self.scores.sum(axis=1) - 1.0) > SUM_TOLERANCE)
        self._check_photos(outside, f"labels from 0 to {c - 1}", "Check the class folders.")
        self._check_photos(~np.isfinite(self.scores).all(axis=1), "finite scores", "Check the model's weights.")
        self._check_photos(improper, "scores from 0 to 1 that sum to 1", "Pass the scores through softmax first.")

    def _check_photos(self, bad: ArrayLike, expected: str, remedy: str) -> None:
        photos = np.flatnonzero(bad)
        found = f"others for {len(photos)} photos, first {self.files[photos[0]]}" if len(photos) else ""
        _expect(len(photos) == 0, expected, found, remedy)


def _expect(condition: bool, expected: str, found: str, remedy: str) -> None:
    if not condition:
        raise ArtifactError(f"Expected {expected}, found {found}. {remedy}")
