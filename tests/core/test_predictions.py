"""Predictions are checked when they are made."""

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.predictions import Predictions

FILES = ("a.jpg", "b.jpg", "c.jpg")
CLASSES = ("Acne", "Eczema")
SCORES = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], dtype=np.float32)
LABELS = np.array([0, 1, 0])


def test_top_confidence_and_rank_share_one_rule_for_ties() -> None:
    predictions = Predictions(FILES, LABELS, SCORES, CLASSES)
    assert predictions.top.tolist() == [0, 0, 1]
    assert predictions.rank.tolist() == [0, 1, 1]
    np.testing.assert_allclose(predictions.confidence, [0.9, 0.5, 0.8], rtol=1e-6)


def test_select_keeps_files_labels_and_scores_together() -> None:
    kept = Predictions(FILES, LABELS, SCORES, CLASSES).select(np.array([False, True, True]))
    assert kept.files == ("b.jpg", "c.jpg")
    assert kept.labels.tolist() == [1, 0]
    np.testing.assert_array_equal(kept.scores, SCORES[1:])


@pytest.mark.parametrize(
    ("files", "labels", "scores", "classes", "message"),
    [
        ((), LABELS[:0], SCORES[:0], CLASSES, "at least one photo"),
        (("a.jpg", "b.jpg", "b.jpg"), LABELS, SCORES, CLASSES, r"each photo once.*b\.jpg"),
        (FILES, LABELS[:2], SCORES, CLASSES, "3 labels"),
        (FILES, LABELS, SCORES, ("Acne", "Eczema", "Warts"), "other classes"),
        (FILES, LABELS, SCORES, ("Acne", "Acne"), "different classes"),
        (FILES, np.array([0, 2, -1]), SCORES, CLASSES, r"2 photos, first b\.jpg"),
        (FILES, LABELS.astype(float), SCORES, CLASSES, "whole numbers"),
        (FILES, LABELS, np.where(SCORES > 0.85, np.nan, SCORES), CLASSES, r"finite scores.*a\.jpg"),
        (FILES, LABELS, SCORES * 2, CLASSES, "softmax"),
        (FILES, LABELS, np.array([[1.5, -0.5]] * 3), CLASSES, "softmax"),
    ],
)
def test_bad_predictions_are_refused_with_what_was_found(files, labels, scores, classes, message) -> None:
    with pytest.raises(ArtifactError, match=message):
        Predictions(files, labels, scores, classes)


@pytest.mark.parametrize("mask", [np.zeros(3, dtype=bool), np.ones(2, dtype=bool)])
def test_a_mask_of_no_photos_or_another_length_is_refused(mask) -> None:
    with pytest.raises(ArtifactError, match="Expected"):
        Predictions(FILES, LABELS, SCORES, CLASSES).select(mask)
