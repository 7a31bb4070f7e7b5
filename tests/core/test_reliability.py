"""Reliability and abstention against scikit-learn and against counting by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from dermnet_core.evaluation.calibration import expected_calibration_error, softmax
from dermnet_core.evaluation.intervals import Interval, wilson
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.reliability import abstain_at, reliability, risk_coverage


def random_predictions(n: int = 1500, classes: int = 6, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, classes))
    labels = (logits + rng.gumbel(size=(n, classes))).argmax(axis=1)
    return Predictions(tuple(map(str, range(n))), labels, softmax(logits * 1.7), tuple("abcdef"[:classes]))


def answered(confidence, right) -> Predictions:
    """Return answers of two classes with these top scores."""
    sure, right = np.asarray(confidence, dtype=float), np.asarray(right, dtype=bool)
    scores = np.column_stack([sure, 1.0 - sure])
    return Predictions(tuple(map(str, range(len(sure)))), np.where(right, 0, 1), scores, ("a", "b"))


def test_bins_agree_with_scikit_learn() -> None:
    predictions = random_predictions()
    found, right = reliability(predictions), predictions.top == predictions.labels
    accuracy, confidence = calibration_curve(right, predictions.confidence, n_bins=15)
    filled = found.n > 0
    np.testing.assert_allclose(found.accuracy[filled], accuracy)
    np.testing.assert_allclose(found.confidence[filled], confidence)
    assert found.n.sum() == len(predictions)


def test_gaps_weighted_by_photos_are_the_calibration_error() -> None:
    predictions = random_predictions()
    found = reliability(predictions)
    gaps = np.abs(found.accuracy - found.confidence) * found.n / found.n.sum()
    wanted = expected_calibration_error(predictions.confidence, predictions.top == predictions.labels)
    assert gaps.sum() == pytest.approx(wanted)


def test_a_bin_without_photos_claims_nothing() -> None:
    found = reliability(answered([0.75, 0.95, 1.0], [True, True, False]), bins=10)
    assert found.edges == pytest.approx(np.linspace(0, 1, 11))
    assert found.n.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 2]
    assert found.confidence == pytest.approx([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.975])
    assert found.accuracy[[6, 7, 9]].tolist() == [0.0, 1.0, 0.5]
    assert (found.intervals[6], found.intervals[9]) == (Interval(0.0, 1.0), wilson(1, 2))


def test_risk_is_the_error_among_the_surest_photos() -> None:
    found = risk_coverage(answered([0.6, 0.9, 0.7, 0.8], [False, True, True, False]))
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert found.error == pytest.approx([0.0, 1 / 2, 1 / 3, 2 / 4])
    assert found.thresholds == pytest.approx([0.9, 0.8, 0.7, 0.6])
    assert found.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equal_scores_are_kept_together_in_whatever_order_they_come() -> None:
    right = np.array([True, False, True, False, True])
    for order in (np.arange(5), np.arange(5)[::-1]):
        found = risk_coverage(answered(np.full(5, 0.75), right[order]))
        assert (found.coverage.tolist(), found.error.tolist()) == ([1.0], [0.4])
        assert found.area == pytest.approx(0.4)


@pytest.mark.parametrize("right", [True, False])
def test_risk_of_all_right_and_all_wrong(right: bool) -> None:
    found = risk_coverage(answered([0.6, 0.9], [right, right]))
    assert found.error.tolist() == [0.0 if right else 1.0] * 2
    assert found.area == (0.0 if right else 1.0)


def test_abstention_lies_on_the_curve() -> None:
    predictions = random_predictions(300)
    curve = risk_coverage(predictions)
    for i in (0, 50, len(curve.thresholds) - 1):
        found = abstain_at(predictions, curve.thresholds[i])
        assert (found.coverage, found.error) == pytest.approx((curve.coverage[i], curve.error[i]))
        assert found.interval == wilson(round(found.error * found.n), found.n)


def test_answers_at_the_threshold_are_kept_and_none_left_has_no_error() -> None:
    predictions = answered([0.5, 0.75, 1.0], [False, True, True])
    kept = abstain_at(predictions, 0.75)
    assert (kept.n, kept.coverage, kept.error) == (2, pytest.approx(2 / 3), 0.0)
    nobody = abstain_at(predictions, 1.1)
    assert (nobody.n, nobody.coverage, nobody.error, nobody.interval) == (0, 0.0, None, Interval(0.0, 1.0))
    assert abstain_at(predictions, 0.0).coverage == 1.0
