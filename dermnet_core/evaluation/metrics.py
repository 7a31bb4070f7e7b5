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

HEADLINE = ("top1", "top3", "top5", "macro_f1", "balanced_accuracy", "ece")
"""The figures of a view that are one number each."""


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
    macro_f1: float
    balanced_accuracy: float
    ece: float
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
        (n, 3c + 2 + BINS) float64: its true class, its predicted class and its class when the two are equal, one-hot;
        whether its class is in the first 3 and the first 5; and correct minus confidence, in its calibration bin.
    """
    n, c = len(predictions), len(predictions.classes)
    photos, top, rank = np.arange(n), predictions.top, predictions.rank
    correct = top == predictions.labels
    rows = np.zeros((n, 3 * c + 2 + BINS))
    rows[photos, predictions.labels] = 1.0
    rows[photos, c + top] = 1.0
    rows[photos, 2 * c + top] = correct
    rows[:, 3 * c] = rank < 3
    rows[:, 3 * c + 1] = rank < 5
    rows[photos, 3 * c + 2 + bin_index(predictions.confidence)] = correct - predictions.confidence
    return rows


def rates(sums: FloatArray, classes: int) -> dict[str, FloatArray]:
    """Turn sums of ``summands`` into figures.

    Args:
        sums: (..., 3c + 2 + BINS).
        classes: c.

    Returns:
        Each name of ``HEADLINE`` with (...), and precision, recall and f1 with (..., c).
    """
    truth, predicted, hits, first, gaps = np.split(sums, np.cumsum([classes, classes, classes, 2]), axis=-1)
    n, present = truth.sum(axis=-1), (truth > 0).sum(axis=-1)
    recall, f1 = _ratio(hits, truth), _ratio(2.0 * hits, truth + predicted)
    return {
        "top1": hits.sum(axis=-1) / n,
        "top3": first[..., 0] / n,
        "top5": first[..., 1] / n,
        "macro_f1": f1.sum(axis=-1) / present,
        "balanced_accuracy": recall.sum(axis=-1) / present,
        "ece": np.abs(gaps).sum(axis=-1) / n,
        "precision": _ratio(hits, predicted),
        "recall": recall,
        "f1": f1,
    }


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
