"""95 % intervals: bootstrap for the figures of a view, Wilson's for the figures of one class.

Photos are taken as independent. They are not quite, since the atlas holds series of one patient: read the intervals
as the least uncertainty there is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.evaluation.metrics import HEADLINE, confusion_matrix, rates, summands
from dermnet_core.evaluation.predictions import Predictions

Z = 1.959963984540054
"""Normal quantile of 97.5 %."""

_CHUNK = 100


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class ClassIntervals:
    """The intervals of one class's figures."""

    precision: Interval
    recall: Interval
    f1: Interval


def bootstrap(predictions: Predictions, resamples: int = 1000, seed: int = 0) -> dict[str, Interval]:
    """Return the 95 % bootstrap interval of each figure in ``HEADLINE``.

    Photos are drawn with replacement and the 2.5 and 97.5 percentiles of the resampled figures taken. Drawing again
    adds noise, which lifts the calibration error of every resample above the figure itself, and loses photos of thin
    classes. The figure bears about the same bias against the truth, so the percentiles are moved to where they surround
    the figure and on to where they surround the figure freed from that bias; the interval spans both.
    A calibration error near 0 is still overstated: with some 2,000 photos the interval may end short of 0 (in a
    simulation of a calibrated model, half of the time; of a miscalibrated one, 5 %).
    """
    rows, classes = summands(predictions), len(predictions.classes)
    rng = np.random.default_rng(seed)
    sums = [_resampled_sums(rows, min(_CHUNK, resamples - done), rng) for done in range(0, resamples, _CHUNK)]
    estimates, resampled = rates(rows.sum(axis=0), classes), rates(np.concatenate(sums), classes)
    return {name: _percentiles(resampled[name], float(estimates[name])) for name in HEADLINE}


def class_intervals(predictions: Predictions) -> tuple[ClassIntervals, ...]:
    """Return the 95 % intervals of precision, recall and F1 for each class, in the order of the classes.

    Wilson's interval keeps its sense where a bootstrap collapses: a class with 2 photos, none or all of them right.
    F1 = 2 J / (1 + J) with J = hits / (photos that are or are called this class), so its interval is that of J, mapped
    (Lam et al., 2023, https://arxiv.org/abs/2309.14621).
    """
    matrix = confusion_matrix(predictions)
    hits, truth, predicted = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    return tuple(
        ClassIntervals(wilson(h, p), wilson(h, t), _f1_interval(wilson(h, t + p - h)))
        for h, t, p in zip(hits.tolist(), truth.tolist(), predicted.tolist(), strict=True)
    )


def wilson(hits: int, n: int) -> Interval:
    """Return the 95 % score interval of a proportion (Wilson, 1927); 0 to 1 when there are no trials."""
    if n == 0:
        return Interval(0.0, 1.0)
    share, weight = hits / n, Z * Z / n
    centre = (share + weight / 2.0) / (1.0 + weight)
    half = (weight * (share * (1.0 - share) + weight / 4.0)) ** 0.5 / (1.0 + weight)
    low = 0.0 if hits == 0 else centre - half
    return Interval(low, 1.0 if hits == n else centre + half)


def _f1_interval(jaccard: Interval) -> Interval:
    return Interval(2.0 * jaccard.low / (1.0 + jaccard.low), 2.0 * jaccard.high / (1.0 + jaccard.high))


def _resampled_sums(rows: NDArray[np.float64], resamples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the sums of ``rows`` (n, f) over ``resamples`` draws of n photos, (resamples, f)."""
    n = len(rows)
    drawn = rng.integers(0, n, (resamples, n)) + n * np.arange(resamples)[:, None]
    times = np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n)
    return times.astype(np.float64) @ rows


def _percentiles(resampled: NDArray[np.float64], estimate: float) -> Interval:
    bias = float(resampled.mean()) - estimate
    low, high = np.percentile(resampled, [2.5, 97.5])
    low, high = np.clip([low - max(bias, 2.0 * bias), high - min(bias, 2.0 * bias)], 0.0, 1.0)
    return Interval(float(low), float(high))
