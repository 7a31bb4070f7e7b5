"""Where answers go wrong: pairs of classes, single photos, and photos on which two models differ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.evaluation.compare import expect_same
from dermnet_core.evaluation.metrics import confusion_matrix
from dermnet_core.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Confusion:
    """Photos of one class that are called another."""

    true: int
    """Index of the class."""
    predicted: int
    """Index of what it is called."""
    n: int
    """Photos."""
    support: int
    """Photos of the true class."""


def most_confused(predictions: Predictions, limit: int = 10) -> list[Confusion]:
    """Return the pairs of different classes with the most photos, at most ``limit``, each with one photo or more.

    Of pairs with equally many, those that take more of their class come first.
    """
    matrix = confusion_matrix(predictions)
    support = matrix.sum(axis=1).tolist()
    pairs = [
        Confusion(int(true), int(called), int(matrix[true, called]), support[true])
        for true, called in zip(*np.nonzero(matrix), strict=True)
        if true != called
    ]
    return sorted(pairs, key=lambda pair: (-pair.n, pair.support, pair.true, pair.predicted))[:limit]


def confident_errors(predictions: Predictions) -> NDArray[np.int64]:
    """Return the indices of the photos that get a wrong answer, the surest first, int64."""
    wrong = np.flatnonzero(predictions.top != predictions.labels)
    return wrong[np.argsort(-predictions.confidence[wrong], kind="stable")]


def disagreements(first: Predictions, second: Predictions) -> NDArray[np.int64]:
    """Return the indices of the photos that two models call differently, int64.

    First come those of which both are sure: sorted by the lower of the two top scores.

    Raises:
        ArtifactError: classes, photos or labels differ.
    """
    expect_same(first, second)
    differ = np.flatnonzero(first.top != second.top)
    surer = np.minimum(first.confidence[differ], second.confidence[differ])
    return differ[np.argsort(-surer, kind="stable")]
