"""Curves and rates against scikit-learn, on random, tied and degenerate scores; intervals against what they claim."""

import numpy as np
import pytest
from scipy.stats import binom, norm
from sklearn import metrics as oracle

from dermnet_core.evaluation.curves import (
    Rate,
    Rates,
    auc_interval,
    precision_recall_curve,
    rates_at,
    roc_curve,
)
from dermnet_core.evaluation.intervals import Interval, wilson

NOTHING = Interval(0.0, 1.0)


def drawn(positives: int, negatives: int, distance: float, rng: np.random.Generator):
    scores = np.concatenate([rng.normal(distance, 1, positives), rng.normal(0, 1, negatives)])
    return scores, np.arange(positives + negatives) < positives


RNG = np.random.default_rng(0)
CASES = {
    "random": drawn(300, 3700, 1.0, RNG),
    "thin": drawn(2, 50, 1.0, RNG),
    "one each": (np.array([0.4, 0.6]), np.array([True, False])),
    "ties": (RNG.integers(0, 5, 200) / 4.0, RNG.random(200) < 0.3),
    "all equal": (np.full(9, 0.2), np.arange(9) < 4),
    "all right": (np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False])),
    "all wrong": (np.array([0.1, 0.2, 0.8, 0.9]), np.array([True, True, False, False])),
}
every_case = pytest.mark.parametrize(("scores", "truth"), CASES.values(), ids=CASES.keys())


@every_case
def test_roc_agrees_with_scikit_learn(scores, truth) -> None:
    found, (false, true, thresholds) = (
        roc_curve(scores, truth),
        oracle.roc_curve(truth, scores, drop_intermediate=False),
    )
    np.testing.assert_allclose(found.false_positive_rate, false)
    np.testing.assert_allclose(found.sensitivity, true)
    np.testing.assert_allclose(found.thresholds, thresholds)
    assert found.auc == pytest.approx(oracle.roc_auc_score(truth, scores))
    assert found.interval.low <= found.auc <= found.interval.high


@every_case
def test_precision_recall_agrees_with_scikit_learn(scores, truth) -> None:
    found = precision_recall_curve(scores, truth)
    precision, recall, thresholds = oracle.precision_recall_curve(truth, scores)
    np.testing.assert_allclose(found.precision, precision[-2::-1])  # theirs ends in a point that no threshold gives
    np.testing.assert_allclose(found.recall, recall[-2::-1])
    np.testing.assert_allclose(found.thresholds, thresholds[::-1])
    assert found.average_precision == pytest.approx(oracle.average_precision_score(truth, scores))
    assert found.interval.low <= found.average_precision <= found.interval.high
    assert found.prevalence == truth.mean()


@every_case
def test_rates_agree_with_the_confusion_matrix_of_scikit_learn(scores, truth) -> None:
    for threshold in (np.inf, scores.max(), np.median(scores), scores.min(), -np.inf):
        found, called = rates_at(scores, truth, threshold), scores >= threshold
        tn, fp, fn, tp = oracle.confusion_matrix(truth, called, labels=[False, True]).ravel()
        assert (found.tp, found.fp, found.tn, found.fn) == (tp, fp, tn, fn)
        assert found.sensitivity == Rate(oracle.recall_score(truth, called), wilson(tp, tp + fn))
        assert found.specificity == Rate(oracle.recall_score(~truth, ~called), wilson(tn, tn + fp))
        if called.any():
            assert found.ppv == Rate(oracle.precision_score(truth, called), wilson(tp, tp + fp))
        if not called.all():
            assert found.npv == Rate(oracle.precision_score(~truth, ~called), wilson(tn, tn + fn))


def test_predictive_values_at_the_own_prevalence_are_those_of_the_photos() -> None:
    scores, truth = CASES["random"]
    own, given = rates_at(scores, truth, 0.8), rates_at(scores, truth, 0.8, truth.mean())
    assert (given.ppv.value, given.npv.value) == pytest.approx((own.ppv.value, own.npv.value))


def test_predictive_values_follow_bayes_rule() -> None:
    truth = np.arange(200) < 100
    called = np.concatenate([np.arange(100) < 90, np.arange(100) < 20])  # sensitivity 0.9, specificity 0.8
    found = rates_at(called, truth, 1.0, prevalence=0.01)
    assert found.ppv.value == pytest.approx(0.9 * 0.01 / (0.9 * 0.01 + 0.2 * 0.99))
    assert found.npv.value == pytest.approx(0.8 * 0.99 / (0.8 * 0.99 + 0.1 * 0.01))
    for rate in (found.ppv, found.npv):
        assert rate.interval.low < rate.value < rate.interval.high


def test_the_ends_of_prevalence_leave_no_doubt() -> None:
    scores, truth = CASES["random"]
    none, all_of_them = (rates_at(scores, truth, 0.5, prevalence) for prevalence in (0.0, 1.0))
    assert (none.ppv, none.npv) == (Rate(0.0, Interval(0.0, 0.0)), Rate(1.0, Interval(1.0, 1.0)))
    assert (all_of_them.ppv, all_of_them.npv) == (Rate(1.0, Interval(1.0, 1.0)), Rate(0.0, Interval(0.0, 0.0)))


@pytest.mark.parametrize("prevalence", [None, 0.1])
def test_a_share_of_nothing_is_none(prevalence) -> None:
    scores, unknown = np.array([0.2, 0.7, 0.9]), Rate(None, NOTHING)
    no_positives = rates_at(scores, [False] * 3, 0.5, prevalence)
    assert no_positives.sensitivity == unknown
    assert no_positives.specificity.value == pytest.approx(1 / 3)
    no_negatives = rates_at(scores, [True] * 3, 0.5, prevalence)
    assert no_negatives.specificity == unknown
    nobody_called = rates_at(scores, [True, False, True], 1.1, prevalence)
    assert nobody_called.ppv.value is None
    assert nobody_called.npv.value is not None
    everybody_called = rates_at(scores, [True, False, True], 0.0, prevalence)
    assert everybody_called.npv.value is None
    for found in (no_positives, no_negatives, nobody_called, everybody_called):
        assert all(np.isfinite([rate.interval.low, rate.interval.high]).all() for rate in shares(found))


def shares(found: Rates) -> tuple[Rate, ...]:
    return found.sensitivity, found.specificity, found.ppv, found.npv


@pytest.mark.parametrize("truth", [np.zeros(5, dtype=bool), np.ones(5, dtype=bool)])
def test_one_kind_of_photo_gives_no_area_and_no_nan(truth) -> None:
    roc, pr = roc_curve(np.arange(5.0), truth), precision_recall_curve(np.arange(5.0), truth)
    assert (roc.auc, roc.interval) == (None, NOTHING)
    assert pr.average_precision == (1.0 if truth.all() else None)
    assert pr.prevalence == truth.mean()
    for values in (roc.false_positive_rate, roc.sensitivity, pr.recall, pr.precision):
        assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("scores", "truth"),
    [([], []), ([0.1, 0.2], [True]), ([[0.1], [0.2]], [[True], [False]]), ([0.1, np.nan], [True, False])],
)
def test_scores_that_do_not_fit_are_refused(scores, truth) -> None:
    for curve in (roc_curve, precision_recall_curve, lambda s, t: rates_at(s, t, 0.5)):
        with pytest.raises(ValueError, match="finite scores"):
            curve(scores, truth)


@pytest.mark.parametrize("prevalence", [-0.1, 1.1, 5, float("nan")])
def test_a_prevalence_that_is_no_share_is_refused(prevalence: float) -> None:
    with pytest.raises(ValueError, match="prevalence from 0 to 1"):
        rates_at([0.1, 0.2], [True, False], 0.5, prevalence)


@pytest.mark.parametrize(("auc", "ends"), [(1.0, (None, 1.0)), (0.0, (0.0, None))])
def test_a_perfect_area_of_few_photos_is_not_certain(auc: float, ends) -> None:
    few, many = auc_interval(auc, 2, 50), auc_interval(auc, 200, 5000)
    for interval in (few, many):
        assert interval.high == 1.0 if ends[1] else interval.low == 0.0
    assert few.high - few.low > 0.3 > 0.03 > many.high - many.low


@pytest.mark.parametrize(("positives", "negatives"), [(2, 300), (20, 1500), (60, 60)])
@pytest.mark.parametrize("auc", [0.6, 0.9])
def test_the_interval_of_an_area_covers_the_truth_about_as_often_as_it_says(positives, negatives, auc) -> None:
    rng, covered = np.random.default_rng(3), 0
    for _ in range(200):
        found = roc_curve(*drawn(positives, negatives, 2.0**0.5 * norm.ppf(auc), rng)).interval
        covered += found.low <= auc <= found.high
    assert covered >= 182, covered


def test_the_interval_of_average_precision_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, covered = np.random.default_rng(4), 0
    truth = precision_recall_curve(*drawn(50_000, 375_000, 1.2, rng)).average_precision
    for _ in range(200):
        found = precision_recall_curve(*drawn(200, 1500, 1.2, rng)).interval
        covered += found.low <= truth <= found.high
    assert covered >= 182, covered


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "positives", "negatives", "prevalence"),
    [(0.8, 0.9, 30, 300, 0.02), (0.5, 0.99, 10, 1500, 0.1), (0.95, 0.95, 50, 50, 0.5)],
)
def test_intervals_of_predictive_values_hold_the_truth_in_95_percent_or_more(
    sensitivity, specificity, positives, negatives, prevalence
) -> None:
    truth = np.arange(positives + negatives) < positives
    called = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    left = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    hits, alarms = np.arange(positives + 1), np.arange(negatives + 1)
    chances = np.outer(binom.pmf(hits, positives, sensitivity), binom.pmf(alarms, negatives, 1 - specificity))
    covered = np.zeros(2)
    for tp, fp in np.argwhere(chances > 1e-6):
        found = rates_at(np.concatenate([hits[1:] <= tp, alarms[1:] <= fp]), truth, 1.0, prevalence)
        for i, (rate, (right, wrong)) in enumerate(((found.ppv, called), (found.npv, left))):
            if rate.interval.low <= right / (right + wrong) <= rate.interval.high:
                covered[i] += chances[tp, fp]
    assert (covered > 0.95).all(), covered
