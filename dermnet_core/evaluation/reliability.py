"""How far a score can be leaned on: accuracy by score, and what is left when unsure answers are withheld."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.evaluation.calibration import BINS, bin_index
from dermnet_core.evaluation.intervals import Interval, wilson
from dermnet_core.evaluation.predictions import Predictions

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """Accuracy of the photos in each of b equally wide bins of the top score; a bin holds its upper edge."""

    edges: FloatArray
    """(b + 1,) from 0 to 1."""
    confidence: FloatArray
    """(b,) mean top score; the middle of a bin without photos."""
    accuracy: FloatArray
    """(b,) share that is right; 0 in a bin without photos, whose interval is 0 to 1."""
    n: NDArray[np.int64]
    """(b,) photos."""
    intervals: tuple[Interval, ...]
    """Of each accuracy, 95 %, Wilson's."""


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """Error among the answers that are kept, a point for each distinct top score, from the surest on."""

    coverage: FloatArray
    """(k,) share of photos that get an answer, rising to 1."""
    error: FloatArray
    """(k,) share of these answers that is wrong."""
    thresholds: FloatArray
    """(k,) falling; answers with a top score from here on are kept."""
    area: float
    """Mean error over all coverages; lower is better (Geifman and El-Yaniv, 2017, https://arxiv.org/abs/1705.08500)."""


@dataclass(frozen=True)
class Abstention:
    """What withholding the answers below one top score does."""

    threshold: float
    coverage: float
    """Share of photos that get an answer."""
    error: float | None
    """Share of these answers that is wrong; None when no photo gets one."""
    n: int
    """Photos that get an answer."""
    interval: Interval
    """Of ``error``, 95 %, Wilson's; 0 to 1 when no photo gets an answer."""


def reliability(predictions: Predictions, bins: int = BINS) -> ReliabilityCurve:
    """Return the reliability diagram (Guo et al., 2017, https://arxiv.org/abs/1706.04599), binned as the ECE is."""
    scores, right = _surest(predictions)
    place = bin_index(scores, bins)
    n, hits, total = (
        np.bincount(place, weights=weights, minlength=bins) for weights in (np.ones(len(scores)), right, scores)
    )
    edges = np.linspace(0.0, 1.0, bins + 1)
    confidence = np.where(n > 0, total / np.maximum(n, 1), (edges[:-1] + edges[1:]) / 2.0)
    intervals = tuple(wilson(hit, int(count)) for hit, count in zip(hits.tolist(), n.tolist(), strict=True))
    return ReliabilityCurve(edges, confidence, hits / np.maximum(n, 1), n.astype(np.int64), intervals)


def risk_coverage(predictions: Predictions) -> RiskCoverage:
    """Return the error among the surest photos for each number of them; equal scores are kept or withheld together."""
    scores, right = _surest(predictions)
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.diff(scores[order], append=-1.0))
    kept = last + 1
    coverage = kept / len(scores)
    error = np.cumsum(~right[order])[last] / kept
    area = float(np.sum(np.diff(coverage, prepend=0.0) * error))
    return RiskCoverage(coverage, error, scores[order][last], area)


def abstain_at(predictions: Predictions, threshold: float) -> Abstention:
    """Return what is left when answers with a top score below ``threshold`` are withheld."""
    scores, right = _surest(predictions)
    kept = scores >= threshold
    n, wrong = int(kept.sum()), int((kept & ~right).sum())
    return Abstention(threshold, n / len(scores), wrong / n if n else None, n, wilson(wrong, n))


def _surest(predictions: Predictions) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return each photo's top score and whether its class is right, both (n,)."""
    return predictions.confidence.astype(np.float64), predictions.top == predictions.labels
