"""Every figure against scikit-learn, on random and on degenerate predictions."""

import warnings

import numpy as np
import pytest
from sklearn import metrics as oracle

from dermnet_core.evaluation.calibration import expected_calibration_error, softmax
from dermnet_core.evaluation.metrics import HIGHEST, baselines, confusion_matrix, figures
from dermnet_core.evaluation.predictions import Predictions


def predictions_of(labels, scores) -> Predictions:
    classes = tuple(f"class {i}" for i in range(scores.shape[1]))
    return Predictions(tuple(f"{i}.jpg" for i in range(len(labels))), np.asarray(labels), scores, classes)


def certain(answers, classes: int):
    return np.eye(classes, dtype=np.float32)[answers]


def random_case(n: int, classes: int, seed: int):
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, n), softmax(rng.normal(0, 1, (n, classes)) + np.linspace(0, 2, classes))


CASES = {
    "random, 23 classes": random_case(4002, 23, 0),
    "random, 2 classes": random_case(50, 2, 1),
    "more classes than photos": random_case(7, 23, 2),
    "a class without photos": (np.array([0, 0, 2, 3]), random_case(4, 5, 3)[1]),
    "one class only": (np.full(6, 1), certain([1, 1, 0, 2, 1, 0], 3)),
    "all wrong": (np.array([0, 1, 2, 0]), certain([1, 2, 0, 2], 3)),
    "all right": (np.array([0, 1, 2, 0]), certain([0, 1, 2, 0], 3)),
    "always the same answer": (np.array([0, 1, 2, 0]), certain([2, 2, 2, 2], 3)),
    "one photo": (np.array([4]), certain([4], 6)),
}


@pytest.mark.parametrize(("labels", "scores"), CASES.values(), ids=CASES.keys())
def test_figures_agree_with_scikit_learn(labels, scores) -> None:
    found = figures(predictions_of(labels, scores))
    top, every, present = scores.argmax(axis=1), np.arange(scores.shape[1]), np.unique(labels)
    assert found.n == len(labels)
    assert found.top1 == pytest.approx(oracle.accuracy_score(labels, top))
    for average in ("macro", "weighted"):  # the mean over the classes that have photos
        wanted = oracle.precision_recall_fscore_support(labels, top, labels=present, average=average, zero_division=0)[
            :3
        ]
        recall = found.balanced_accuracy if average == "macro" else found.top1
        assert (getattr(found, f"{average}_precision"), recall, getattr(found, f"{average}_f1")) == pytest.approx(
            wanted
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # answers outside the true classes, and a single class, are meant
        assert found.balanced_accuracy == pytest.approx(oracle.balanced_accuracy_score(labels, top))
    wanted = oracle.precision_recall_fscore_support(labels, top, labels=every, zero_division=0)
    got = np.array([(entry.precision, entry.recall, entry.f1, entry.n) for entry in found.per_class]).T
    np.testing.assert_allclose(got, wanted)
    brier = oracle.brier_score_loss(labels, scores, labels=every, scale_by_half=False)
    assert found.brier == pytest.approx(brier, abs=1e-6)
    assert found.ece == pytest.approx(expected_calibration_error(scores.max(axis=1), top == labels), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_top_k_agrees_with_scikit_learn(seed: int) -> None:
    labels, scores = random_case(500, 23, seed)
    found = figures(predictions_of(labels, scores))
    every = np.arange(23)
    assert found.top3 == pytest.approx(oracle.top_k_accuracy_score(labels, scores, k=3, labels=every))
    assert found.top5 == pytest.approx(oracle.top_k_accuracy_score(labels, scores, k=5, labels=every))


def test_top_k_of_no_more_classes_than_k_is_always_right() -> None:
    assert figures(predictions_of(*CASES["all wrong"])).top3 == 1.0


def test_equal_scores_are_not_all_counted_as_hits() -> None:
    even = np.full((23, 23), 1 / 23, dtype=np.float32)
    found = figures(predictions_of(np.arange(23), even))
    assert (found.top1, found.top3, found.top5) == pytest.approx((1 / 23, 3 / 23, 5 / 23))


@pytest.mark.parametrize(("labels", "scores"), CASES.values(), ids=CASES.keys())
def test_confusion_matrix_agrees_with_scikit_learn(labels, scores) -> None:
    found = confusion_matrix(predictions_of(labels, scores))
    wanted = oracle.confusion_matrix(labels, scores.argmax(axis=1), labels=np.arange(scores.shape[1]))
    np.testing.assert_array_equal(found, wanted)


def test_scores_that_are_sure_and_wrong_have_the_highest_brier_score() -> None:
    assert figures(predictions_of(*CASES["all wrong"])).brier == 2.0 == HIGHEST["brier"]
    assert figures(predictions_of(*CASES["all right"])).brier == 0.0


def test_baselines_need_no_model() -> None:
    found = baselines(predictions_of([0, 0, 0, 1], certain([1, 1, 1, 1], 4)))
    assert (found.chance, found.majority) == (0.25, 0.75)
