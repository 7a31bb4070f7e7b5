"""Softmax, temperature and calibration error against SciPy and by hand."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax

from dermnet_core.evaluation.calibration import (
    TEMPERATURES,
    bin_index,
    expected_calibration_error,
    fit_temperature,
    softmax,
)


def test_softmax_agrees_with_scipy_and_survives_huge_logits() -> None:
    logits = np.random.default_rng(0).normal(0, 5, (50, 23)).astype(np.float32)
    np.testing.assert_allclose(softmax(logits, 1.7), scipy_softmax(logits / 1.7, axis=1), atol=1e-6)
    assert softmax(logits).dtype == np.float32
    np.testing.assert_array_equal(softmax([1e30, 0.0]), [1.0, 0.0])


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
def test_softmax_refuses_a_temperature_that_is_not_positive(temperature: float) -> None:
    with pytest.raises(ValueError, match="positive temperature"):
        softmax([0.0, 1.0], temperature)


@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_temperature_is_where_scipy_finds_the_lowest_likelihood(sharpness: float) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (3000, 5))
    labels = np.array([rng.choice(5, p=row) for row in scipy_softmax(logits, axis=1)])
    logits *= sharpness

    def loss(temperature: float) -> float:
        return float(-log_softmax(logits / temperature, axis=1)[np.arange(3000), labels].mean())

    best = minimize_scalar(loss, bounds=TEMPERATURES, method="bounded", options={"xatol": 1e-7}).x
    assert fit_temperature(logits, labels) == pytest.approx(best, rel=1e-3)
    assert fit_temperature(logits, labels) == pytest.approx(sharpness, rel=0.1)


def test_temperature_stays_in_its_bounds_when_all_are_right_or_all_wrong() -> None:
    logits = np.eye(4) * 3
    assert fit_temperature(logits, np.arange(4)) == pytest.approx(TEMPERATURES[0])
    assert fit_temperature(logits, np.arange(4)[::-1]) == pytest.approx(TEMPERATURES[1])


@pytest.mark.parametrize(
    ("logits", "labels"), [(np.zeros((3, 2)), [0, 1]), (np.zeros((0, 2)), []), ([[np.nan, 0.0]], [0])]
)
def test_temperature_refuses_bad_arrays(logits, labels) -> None:
    with pytest.raises(ValueError, match="Expected"):
        fit_temperature(logits, labels)


def test_calibration_error_by_hand() -> None:
    # Two bins: three photos of mean confidence .9 and accuracy 2/3, one of .3 that is right.
    error = expected_calibration_error([0.8, 0.9, 1.0, 0.3], [1, 1, 0, 1], bins=2)
    assert error == pytest.approx(0.75 * (0.9 - 2 / 3) + 0.25 * 0.7)
    assert expected_calibration_error([1.0, 1.0], [True, True]) == 0.0
    assert expected_calibration_error([1.0, 1.0], [False, False]) == 1.0


def test_bins_hold_their_upper_edge_and_nothing_falls_outside() -> None:
    assert bin_index([0.0, 0.5, 0.50001, 1.0, 1.0001], bins=2).tolist() == [0, 0, 1, 1, 1]


def test_calibration_error_refuses_arrays_that_do_not_match() -> None:
    with pytest.raises(ValueError, match="Expected two arrays"):
        expected_calibration_error([0.5], [True, False])
