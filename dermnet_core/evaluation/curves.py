"""One class, or one group of classes, against the rest: curves over all thresholds, and the rates at one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dermnet_core.evaluation.intervals import Interval, Z, wilson

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Sensitivity against false alarms; a point for "no photo at all" and one for each distinct score, from the top.

    A rate of no photos counts as 0.
    """

    false_positive_rate: FloatArray
    """(k,)"""
    sensitivity: FloatArray
    """(k,)"""
    thresholds: FloatArray
    """(k,) falling; a photo is called positive from this score on. The first is infinite."""
    auc: float | None
    """How often a photo of the class scores higher than one of the rest, ties half; None when either is missing."""
    interval: Interval
    """Of ``auc``; 0 to 1 when there is none."""


@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Precision against recall, a point for each distinct score, from the top."""

    recall: FloatArray
    """(k,); 0 throughout when there are no positives."""
    precision: FloatArray
    """(k,)"""
    thresholds: FloatArray
    """(k,) falling; a photo is called positive from this score on."""
    average_precision: float | None
    """Sum of precision times gained recall, without interpolation; None when there are no positives."""
    interval: Interval
    """Of ``average_precision``; 0 to 1 when there is none."""
    prevalence: float
    """Share of positives: the precision of a guess."""


@dataclass(frozen=True)
class Rate:
    """A share with its 95 % interval; None, and 0 to 1, when there is nothing to take a share of."""

    value: float | None
    interval: Interval


@dataclass(frozen=True)
class Rates:
    """What a threshold does: counts of photos, and shares."""

    tp: int
    fp: int
    tn: int
    fn: int
    sensitivity: Rate
    specificity: Rate
    ppv: Rate
    npv: Rate


def roc_curve(scores: ArrayLike, truth: ArrayLike) -> RocCurve:
    """Return the curve of ``score >= threshold`` and the area under it.

    Args:
        scores: (n,) finite numbers, n at least 1.
        truth: (n,) whether each photo is positive.

    Raises:
        ValueError: the shapes do not match, there are no photos, or a score is not finite.
    """
    thresholds, hits, alarms = _counts(*_checked(scores, truth))
    positives, negatives = int(hits[-1]), int(alarms[-1])
    thresholds = np.concatenate([[np.inf], thresholds])
    hits, alarms = np.concatenate([[0], hits]), np.concatenate([[0], alarms])
    sensitivity, false = hits / max(positives, 1), alarms / max(negatives, 1)
    if positives == 0 or negatives == 0:
        return RocCurve(false, sensitivity, thresholds, None, Interval(0.0, 1.0))
    area = float(np.trapezoid(sensitivity, false))
    return RocCurve(false, sensitivity, thresholds, area, auc_interval(area, positives, negatives))


def precision_recall_curve(scores: ArrayLike, truth: ArrayLike) -> PrecisionRecallCurve:
    """Return the curve of ``score >= threshold`` and its average precision.

    The interval is the binomial one of Boyd, Eng and Page (2013, https://doi.org/10.1007/978-3-642-40994-3_29), a share
    of as many trials as there are positives, in Wilson's form, which keeps its sense near 0 and 1. With a handful of
    positives the average precision itself comes out too high on the mean, and the interval does not know that.

    Args:
        scores: (n,) finite numbers, n at least 1.
        truth: (n,) whether each photo is positive.

    Raises:
        ValueError: as ``roc_curve``.
    """
    thresholds, hits, alarms = _counts(*_checked(scores, truth))
    positives, n = int(hits[-1]), int(hits[-1] + alarms[-1])
    precision, recall = hits / (hits + alarms), hits / max(positives, 1)
    average = float(np.sum(np.diff(recall, prepend=0.0) * precision)) if positives else None
    interval = wilson((average or 0.0) * positives, positives)
    return PrecisionRecallCurve(recall, precision, thresholds, average, interval, positives / n)


def rates_at(scores: ArrayLike, truth: ArrayLike, threshold: float, prevalence: float | None = None) -> Rates:
    """Return what a threshold does: a photo is called positive when ``score >= threshold``.

    Sensitivity and specificity have Wilson's intervals. The predictive values follow from both and from the prevalence
    by Bayes' rule, and take it as known; their intervals join the low ends and the high ends of the two intervals, and
    so hold the truth in at least 95 % of samples, mostly in more.

    Args:
        scores: (n,) finite numbers, n at least 1.
        truth: (n,) whether each photo is positive.
        threshold: any number; the infinite ones call no photo, or every photo, positive.
        prevalence: share of positives among those to whom the predictive values shall apply; None: among these photos,
            and then the intervals of the predictive values are Wilson's.

    Raises:
        ValueError: as ``roc_curve``, or a prevalence outside 0 to 1.
    """
    values, positive = _checked(scores, truth)
    if prevalence is not None and not 0.0 <= prevalence <= 1.0:
        raise ValueError(f"Expected a prevalence from 0 to 1, found {prevalence}. Pass a share, not a percentage.")
    called = values >= threshold
    tp, fp = int((called & positive).sum()), int((called & ~positive).sum())
    tn, fn = int((~called & ~positive).sum()), int((~called & positive).sum())
    sensitivity, specificity = _rate(tp, tp + fn), _rate(tn, tn + fp)
    if prevalence is None:
        return Rates(tp, fp, tn, fn, sensitivity, specificity, _rate(tp, tp + fp), _rate(tn, tn + fn))
    ppv = _predictive(sensitivity, specificity, prevalence)
    npv = _predictive(specificity, sensitivity, 1.0 - prevalence)
    return Rates(tp, fp, tn, fn, sensitivity, specificity, ppv, npv)


def auc_interval(auc: float, positives: int, negatives: int) -> Interval:
    """Return the 95 % interval of an area under the ROC curve.

    The values that lie within 1.96 standard errors, with the error at the value and not at the estimate, so that the
    interval keeps its sense for 2 photos or an area of 1 (method 5 of Newcombe, 2006,
    https://doi.org/10.1002/sim.2324). The tests simulate how often it holds the truth: about 95 % of samples, also with
    2 photos of the class among 300.

    Args:
        auc: 0 to 1.
        positives: photos of the class, at least 1.
        negatives: photos of the rest, at least 1.
    """

    def end(outside: float) -> float:
        inside = auc
        for _ in range(50):
            middle = (inside + outside) / 2.0
            near = abs(middle - auc) <= Z * _auc_variance(middle, positives, negatives) ** 0.5
            inside, outside = (middle, outside) if near else (inside, middle)
        return inside

    return Interval(0.0 if auc == 0.0 else end(0.0), 1.0 if auc == 1.0 else end(1.0))


def _auc_variance(auc: float, positives: int, negatives: int) -> float:
    """Return Newcombe's variance: that of Hanley and McNeil (1982) with the mean of the two numbers in both places."""
    mean = (positives + negatives) / 2.0
    spread = 1.0 + (mean - 1.0) * ((1.0 - auc) / (2.0 - auc) + auc / (1.0 + auc))
    return auc * (1.0 - auc) * spread / (positives * negatives)


def _predictive(own: Rate, other: Rate, share: float) -> Rate:
    """Return the share of the truly positive among those called positive, or the same of negatives."""
    ends = [_bayes(*pair, share) for pair in ((own.interval.low, other.interval.low),
                                              (own.interval.high, other.interval.high))]  # fmt: skip
    low, high = (0.0 if ends[0] is None else ends[0]), (1.0 if ends[1] is None else ends[1])
    value = None if own.value is None or other.value is None else _bayes(own.value, other.value, share)
    return Rate(value, Interval(low, high))


def _bayes(own: float, other: float, share: float) -> float | None:
    true, false = own * share, (1.0 - other) * (1.0 - share)
    return true / (true + false) if true + false > 0.0 else None


def _rate(part: int, whole: int) -> Rate:
    return Rate(part / whole if whole else None, wilson(part, whole))


def _checked(scores: ArrayLike, truth: ArrayLike) -> tuple[FloatArray, NDArray[np.bool_]]:
    values, positive = np.asarray(scores, dtype=np.float64), np.asarray(truth, dtype=np.bool_)
    if values.ndim != 1 or values.shape != positive.shape or len(values) == 0 or not np.isfinite(values).all():
        raise ValueError(
            f"Expected finite scores (n,) and truth (n,) of one photo or more, found {values.shape} and "
            f"{positive.shape}, {int((~np.isfinite(values)).sum())} not finite. Pass matching ones."
        )
    return values, positive


def _counts(scores: FloatArray, positive: NDArray[np.bool_]) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct scores, falling, and how many positives and negatives score at least that."""
    order = np.argsort(-scores, kind="stable")
    scores, positive = scores[order], positive[order]
    last = np.flatnonzero(np.diff(scores, append=-np.inf))
    hits = np.cumsum(positive, dtype=np.int64)[last]
    return np.asarray(scores[last]), hits, last + 1 - hits
