"""95 % intervals: bootstrap for the figures of a view, Wilson's for the figures of one class.

Without ``groups`` photos are taken as independent. They are not quite, since the atlas holds series of one patient:
read such intervals as the least uncertainty there is. With ``groups`` whole series are drawn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.metrics import HEADLINE, HIGHEST, confusion_matrix, rates, summands
from dermnet_core.evaluation.predictions import Predictions

FloatArray = NDArray[np.float64]

Z = 1.959963984540054
"""Normal quantile of 97.5 %."""

RESAMPLES = 1000
"""Draws of a bootstrap."""

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


def bootstrap(
    predictions: Predictions, resamples: int = RESAMPLES, seed: int = 0, groups: NDArray[np.int64] | None = None
) -> dict[str, Interval]:
    """Return the 95 % bootstrap interval of each figure in ``HEADLINE``.

    Photos are drawn with replacement and the 2.5 and 97.5 percentiles of the resampled figures taken. Drawing again
    adds noise, which lifts the calibration error of every resample above the figure itself, and loses photos of thin
    classes. The figure bears about the same bias against the truth, so the percentiles are moved to where they surround
    the figure and on to where they surround the figure freed from that bias; the interval spans both.
    A calibration error near 0 is still overstated: with some 2,000 photos the interval may end short of 0 (in a
    simulation of a calibrated model, half of the time; of a miscalibrated one, 5 %).

    Args:
        predictions: n photos.
        resamples: number of draws.
        seed: of the draws.
        groups: (n,) group of each photo. When given, whole groups are drawn, as many as there are, since the photos of
            one patient tell less than as many photos of different patients (Davison and Hinkley, 1997, Bootstrap
            Methods and their Application, section 3.8). With few groups the interval is too narrow.

    Raises:
        ArtifactError: ``groups`` does not fit the photos.
    """
    rows, classes = summands(predictions), len(predictions.classes)
    sums = resampled_sums(rows, resamples, seed, groups)
    estimates, resampled = rates(rows.sum(axis=0), classes), rates(sums, classes)
    return {
        name: percentiles(resampled[name], float(estimates[name]), (0.0, HIGHEST.get(name, 1.0))) for name in HEADLINE
    }


def resampled_sums(
    rows: FloatArray, resamples: int = RESAMPLES, seed: int = 0, groups: NDArray[np.int64] | None = None
) -> FloatArray:
    """Return the sums of ``rows`` over draws with replacement; the same seed draws the same photos.

    Args:
        rows: (n, f) what each photo adds.
        resamples: number of draws.
        seed: of the draws.
        groups: (n,) as in ``bootstrap``.

    Returns:
        (resamples, f) float64, summed in float32: counts of photos stay exact.

    Raises:
        ArtifactError: ``groups`` does not fit the photos.
    """
    units = (rows if groups is None else _group_sums(rows, groups)).astype(np.float32)
    rng = np.random.default_rng(seed)
    sums = [_draw(len(units), min(_CHUNK, resamples - done), rng) @ units for done in range(0, resamples, _CHUNK)]
    return np.concatenate(sums).astype(np.float64)


def percentiles(resampled: FloatArray, estimate: float, bounds: tuple[float, float]) -> Interval:
    """Return the interval of a figure from its resamples, freed from bias as ``bootstrap`` says.

    Args:
        resampled: (resamples,) the figure in each draw.
        estimate: the figure itself.
        bounds: lowest and highest value that the figure can have.
    """
    bias = float(resampled.mean()) - estimate
    low, high = np.percentile(resampled, [2.5, 97.5])
    low, high = np.clip([low - max(bias, 2.0 * bias), high - min(bias, 2.0 * bias)], *bounds)
    return Interval(float(low), float(high))


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


def wilson(hits: float, n: int) -> Interval:
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


def _group_sums(rows: FloatArray, groups: NDArray[np.int64]) -> FloatArray:
    """Return the sums of ``rows`` over the photos of each group, (groups, f)."""
    if np.shape(groups) != (len(rows),):
        raise ArtifactError(
            f"Expected a group for each of {len(rows)} photos, found shape {np.shape(groups)}. "
            "Take the groups of the same view."
        )
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(np.asarray(groups)[order], prepend=np.min(groups) - 1))
    return np.add.reduceat(rows[order], starts, axis=0)


def _draw(n: int, resamples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return how often each of n things is drawn in each of ``resamples`` draws of n, (resamples, n)."""
    times = np.empty((resamples, n), dtype=np.float32)
    for row in times:  # one at a time, which stays in the processor's cache
        row[:] = np.bincount(rng.integers(0, n, n), minlength=n)
    return times
