"""How a model does on photos of another source that hold only some of its classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.intervals import Interval, bootstrap
from dermnet_core.evaluation.metrics import figures
from dermnet_core.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Transfer:
    """Figures of the photos of some classes, each with its 95 % interval."""

    n: int
    among_all: tuple[float, Interval]
    """Top-1 accuracy when the model may name every class that it knows."""
    among_some: tuple[float, Interval]
    """Top-1 accuracy when only the scores of these classes are compared."""
    balanced: tuple[float, Interval]
    """Mean recall of these classes, when only their scores are compared."""
    majority: float
    """Share of the photos that are of the most frequent of these classes."""


def occurring(predictions: Predictions) -> tuple[str, ...]:
    """Return the classes that have photos, in the order of the columns."""
    support = np.bincount(predictions.labels, minlength=len(predictions.classes))
    return tuple(label for label, n in zip(predictions.classes, support, strict=True) if n)


def of_classes(predictions: Predictions, classes: Sequence[str]) -> NDArray[np.bool_]:
    """Return whether each photo is of one of these classes, (n,)."""
    return np.isin(predictions.labels, [predictions.classes.index(label) for label in classes])


def restrict(predictions: Predictions, classes: Sequence[str]) -> Predictions:
    """Return the photos of some classes with the scores of these classes alone, scaled to sum to 1.

    The order of these scores is that of the model; a photo whose scores are all 0 gets equal ones.

    Raises:
        ArtifactError: fewer than two classes, one that the model does not know, or no photo of them.
    """
    if len(classes) < 2 or not set(classes) <= set(predictions.classes):
        raise ArtifactError(
            f"Expected two or more of the {len(predictions.classes)} classes of the model, found {list(classes)}. "
            "Correct the mapping."
        )
    columns = [predictions.classes.index(label) for label in classes]
    kept = predictions.select(of_classes(predictions, classes))
    scores = kept.scores[:, columns].astype(np.float64)
    totals = scores.sum(axis=1, keepdims=True)
    scores = np.where(totals > 0, scores / np.where(totals > 0, totals, 1.0), 1.0 / len(columns))
    place = np.full(len(predictions.classes), -1)
    place[columns] = np.arange(len(columns))
    return Predictions(kept.files, place[kept.labels], scores.astype(np.float32), tuple(classes))


def transfer(predictions: Predictions, classes: Sequence[str], groups: NDArray[np.int64] | None = None) -> Transfer:
    """Return the figures of the photos of some classes.

    Args:
        predictions: n photos with the scores of all classes.
        classes: two or more of them.
        groups: (n,) as in ``intervals.bootstrap``, such as the patient of each photo.

    Raises:
        ArtifactError: as ``restrict``, or ``groups`` does not fit the photos.
    """
    some = restrict(predictions, classes)
    mask = of_classes(predictions, classes)
    every, kept = predictions.select(mask), None if groups is None else groups[mask]
    wide, narrow = bootstrap(every, groups=kept), bootstrap(some, groups=kept)
    found = figures(some)
    return Transfer(
        n=len(some),
        among_all=(figures(every).top1, wide["top1"]),
        among_some=(found.top1, narrow["top1"]),
        balanced=(found.balanced_accuracy, narrow["balanced_accuracy"]),
        majority=float(np.bincount(some.labels).max() / len(some)),
    )
