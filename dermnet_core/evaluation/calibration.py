"""From logits to scores that mean what they say: softmax, temperature, calibration error."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 15
"""Equal-width bins of the calibration error, as in Guo et al. (2017)."""

TEMPERATURES = (0.05, 20.0)
"""Lowest and highest temperature that ``fit_temperature`` returns."""

FloatArray = NDArray[np.float32]


def softmax(logits: ArrayLike, temperature: float = 1.0) -> FloatArray:
    """Return scores that sum to 1 along the last axis.

    Args:
        logits: (..., classes) numbers.
        temperature: above 0; higher makes the scores more even and never changes their order.

    Returns:
        (..., classes) float32; NaN in the rows that hold NaN or plus infinity, which ``Predictions`` refuses.

    Raises:
        ValueError: the temperature is not a positive number.
    """
    if not 0.0 < temperature < np.inf:
        raise ValueError(f"Expected a positive temperature, found {temperature}. Take 1 for none.")
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    with np.errstate(invalid="ignore"):
        exponents = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True), dtype=np.float32)


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """Return the temperature of lowest negative log-likelihood (Guo et al., 2017, https://arxiv.org/abs/1706.04599).

    Fit it on validation photos, never on the test photos. When every photo is right, or none is better than chance,
    there is no finite best temperature and the nearer of ``TEMPERATURES`` is returned.

    Args:
        logits: (n, classes) numbers, n at least 1.
        labels: (n,) class indices.

    Raises:
        ValueError: the shapes do not match, or a logit is not finite.
    """
    values, truth = np.asarray(logits, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    if values.ndim != 2 or truth.shape != values.shape[:1] or len(truth) == 0:
        raise ValueError(
            f"Expected logits (n, classes) and labels (n,), found {values.shape} and {truth.shape}. Pass matching ones."
        )
    if not np.isfinite(values).all():
        raise ValueError("Expected finite logits, found NaN or infinity. Check the model's weights.")
    own = values[np.arange(len(truth)), truth]
    low, high = TEMPERATURES
    # The likelihood is concave in 1/temperature, so the sign of its slope says on which side the best one lies.
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        expected = (softmax(values, middle) * values).sum(axis=1)
        low, high = (middle, high) if expected.mean() > own.mean() else (low, middle)
    return float(np.sqrt(low * high))


def bin_index(confidence: ArrayLike, bins: int = BINS) -> NDArray[np.int64]:
    """Return the bin of each confidence in 0..1; a bin holds its upper edge."""
    positions = np.ceil(np.asarray(confidence, dtype=np.float64) * bins).astype(np.int64) - 1
    return np.clip(positions, 0, bins - 1)


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = BINS) -> float:
    """Return the mean gap between confidence and accuracy over equal-width bins, weighted by photos.

    Args:
        confidence: (n,) top scores in 0..1, n at least 1.
        correct: (n,) whether the top class was right.
        bins: number of bins.

    Raises:
        ValueError: the shapes do not match or there are no photos.
    """
    scores, hits = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if scores.ndim != 1 or scores.shape != hits.shape or len(scores) == 0:
        raise ValueError(
            f"Expected two arrays (n,) with n of at least 1, found {scores.shape} and {hits.shape}. Pass matching ones."
        )
    gaps = np.bincount(bin_index(scores, bins), weights=hits - scores, minlength=bins)
    return float(np.abs(gaps).sum() / len(scores))
