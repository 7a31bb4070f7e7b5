"""Accuracy, F1 and calibration figures of one set of predictions.

Every figure is a function of sums over photos. ``summands`` says what each photo adds and ``rates`` turns sums into
figures, so the figures and their bootstrap intervals come from the same few lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.evaluation.calibration import BINS, bin_index
from dermnet_core.evaluation.predictions import Predictions

FloatArray = NDArray[np.float64]

HEADLINE = (
    "top1",
    "top3",
    "top5",
    "balanced_accuracy",
    "macro_precision",
    "macro_f1",
    "weighted_precision",
    "weighted_f1",
    "ece",
    "brier",
)
"""The figures of a view that are one number each. Macro recall is the balanced accuracy, weighted recall is top-1."""

HIGHEST = {"brier": 2.0}
"""The highest value of the figures that can exceed 1."""


@dataclass(frozen=True)
class ClassFigures:
    """One class in one view; a precision, recall or F1 of nothing counts as 0."""

    label: str
    """Class folder."""
    n: int
    """Photos of this class."""
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Figures:
    """The figures of one view, fractions from 0 to 1. Means over classes take the classes that have photos."""

    n: int
    top1: float
    top3: float
    top5: float
    balanced_accuracy: float
    macro_precision: float
    macro_f1: float
    weighted_precision: float
    """Weighted by the photos of each class, as the weighted F1."""
    weighted_f1: float
    ece: float
    brier: float
    """Mean squared distance between scores and truth, 0 to 2 (Brier, 1950)."""
    per_class: tuple[ClassFigures, ...]


@dataclass(frozen=True)
class Baselines:
    """What needs no model: a guess at random, and always naming the class with the most photos in the view."""

    chance: float
    majority: float


def figures(predictions: Predictions) -> Figures:
    """Return every figure of the predictions."""
    classes = predictions.classes
    values = rates(summands(predictions).sum(axis=0), len(classes))
    support = np.bincount(predictions.labels, minlength=len(classes))
    per_class = tuple(
        ClassFigures(
            label, int(support[i]), float(values["precision"][i]), float(values["recall"][i]), float(values["f1"][i])
        )
        for i, label in enumerate(classes)
    )
    return Figures(len(predictions), **{name: float(values[name]) for name in HEADLINE}, per_class=per_class)


def baselines(predictions: Predictions) -> Baselines:
    """Return the accuracies that a model must beat to be worth anything."""
    return Baselines(1.0 / len(predictions.classes), float(np.bincount(predictions.labels).max() / len(predictions)))


def confusion_matrix(predictions: Predictions) -> NDArray[np.int64]:
    """Return photo counts, (c, c) int64: a row for each true class, a column for each predicted class."""
    c = len(predictions.classes)
    return np.bincount(predictions.labels * c + predictions.top, minlength=c * c).reshape(c, c)


def summands(predictions: Predictions) -> FloatArray:
    """Return what each photo adds to the sums that ``rates`` takes.

    Returns:
        (n, 3c + 3 + BINS) float64: its true class, its predicted class and its class when the two are equal, one-hot;
        whether its class is in the first 3 and the first 5; its Brier score; and correct minus confidence, in its
        calibration bin.
    """
    n, c = len(predictions), len(predictions.classes)
    photos, top, rank = np.arange(n), predictions.top, predictions.rank
    correct = top == predictions.labels
    rows = np.zeros((n, 3 * c + 3 + BINS))
    rows[photos, predictions.labels] = 1.0
    rows[photos, c + top] = 1.0
    rows[photos, 2 * c + top] = correct
    rows[:, 3 * c] = rank < 3
    rows[:, 3 * c + 1] = rank < 5
    rows[:, 3 * c + 2] = _brier(predictions)
    rows[photos, 3 * c + 3 + bin_index(predictions.confidence)] = correct - predictions.confidence
    return rows


def rates(sums: FloatArray, classes: int) -> dict[str, FloatArray]:
    """Turn sums of ``summands`` into figures.

    Args:
        sums: (..., 3c + 3 + BINS).
        classes: c.

    Returns:
        Each name of ``HEADLINE`` with (...), and precision, recall and f1 with (..., c).
    """
    truth, predicted, hits, first, gaps = np.split(sums, np.cumsum([classes, classes, classes, 3]), axis=-1)
    n, present = truth.sum(axis=-1), (truth > 0).sum(axis=-1)
    precision, recall = _ratio(hits, predicted), _ratio(hits, truth)
    f1 = _ratio(2.0 * hits, truth + predicted)
    return {
        "top1": hits.sum(axis=-1) / n,
        "top3": first[..., 0] / n,
        "top5": first[..., 1] / n,
        "balanced_accuracy": recall.sum(axis=-1) / present,
        "macro_precision": (precision * (truth > 0)).sum(axis=-1) / present,
        "macro_f1": f1.sum(axis=-1) / present,
        "weighted_precision": (precision * truth).sum(axis=-1) / n,
        "weighted_f1": (f1 * truth).sum(axis=-1) / n,
        "ece": np.abs(gaps).sum(axis=-1) / n,
        "brier": first[..., 2] / n,
        "precision": precision,
        "recall": recall,
        "f1": f1,
    }


def _brier(predictions: Predictions) -> FloatArray:
    """Return the squared distance between scores and truth of each photo, (n,)."""
    scores = predictions.scores.astype(np.float64)
    own = scores[np.arange(len(predictions)), predictions.labels]
    return np.asarray(np.square(scores).sum(axis=1) - 2.0 * own + 1.0)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
