"""Figures on photos of another source, which hold only some of the classes."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.transfer import occurring, of_classes, restrict, transfer

CLASSES = ("Acne", "Eczema", "Warts", "Nevi", "Ulcer")


@pytest.fixture
def outside() -> Predictions:
    rng = np.random.default_rng(0)
    labels = rng.choice([1, 3, 4], 90, p=[0.5, 0.3, 0.2])
    scores = softmax(rng.normal(0, 1, (90, 5)) + np.eye(5)[labels])
    return Predictions(tuple(f"{i}.jpg" for i in range(90)), labels, scores, CLASSES)


def test_classes_with_photos_come_in_the_order_of_the_model(outside) -> None:
    assert occurring(outside) == ("Eczema", "Nevi", "Ulcer")
    np.testing.assert_array_equal(of_classes(outside, ["Ulcer", "Acne"]), outside.labels == 4)


def test_restricted_scores_keep_their_proportions_in_the_order_asked_for(outside) -> None:
    found = restrict(outside, ("Nevi", "Eczema"))
    kept = np.isin(outside.labels, [1, 3])
    assert found.classes == ("Nevi", "Eczema")
    assert found.files == tuple(np.array(outside.files)[kept])
    np.testing.assert_array_equal(np.array(found.classes)[found.labels], np.array(CLASSES)[outside.labels[kept]])
    np.testing.assert_allclose(
        found.scores[:, 0] / found.scores[:, 1], outside.scores[kept, 3] / outside.scores[kept, 1], rtol=1e-5
    )


def test_a_photo_without_any_score_left_gets_equal_ones() -> None:
    sure = Predictions(("a.jpg", "b.jpg"), np.array([1, 3]), np.eye(5)[[0, 3]], CLASSES)
    np.testing.assert_array_equal(restrict(sure, ("Eczema", "Nevi")).scores, [[0.5, 0.5], [0.0, 1.0]])


def test_figures_agree_with_scikit_learn_and_lie_inside_their_intervals(outside) -> None:
    classes, columns = ("Eczema", "Nevi", "Ulcer"), np.array([1, 3, 4])
    found, forced = transfer(outside, classes), columns[outside.scores[:, columns].argmax(axis=1)]
    assert found.n == 90
    assert found.among_all[0] == pytest.approx(oracle.accuracy_score(outside.labels, outside.top))
    assert found.among_some[0] == pytest.approx(oracle.accuracy_score(outside.labels, forced))
    assert found.balanced[0] == pytest.approx(oracle.balanced_accuracy_score(outside.labels, forced))
    assert found.majority == np.bincount(outside.labels).max() / 90
    assert found.among_all[0] < found.among_some[0]
    for value, interval in (found.among_all, found.among_some, found.balanced):
        assert interval.low < value < interval.high


def test_photos_of_one_patient_are_drawn_together(outside) -> None:
    classes = occurring(outside)
    groups = np.arange(90) // 30
    assert transfer(outside, classes, groups).among_all[1] != transfer(outside, classes).among_all[1]
    fewer = transfer(outside, ("Eczema", "Nevi"), groups)
    assert fewer.n == np.isin(outside.labels, [1, 3]).sum()


@pytest.mark.parametrize("classes", [(), ("Eczema",), ("Eczema", "Vitiligo")])
def test_classes_that_the_model_does_not_know_are_refused(classes, outside) -> None:
    with pytest.raises(ArtifactError, match="two or more of the 5 classes"):
        restrict(outside, classes)


def test_classes_without_photos_are_refused(outside) -> None:
    with pytest.raises(ArtifactError, match="at least one photo"):
        transfer(outside, ("Acne", "Warts"))
