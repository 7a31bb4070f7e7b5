"""Wrong answers come out in the order of their weight."""

import dataclasses

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.errors_found import Confusion, confident_errors, disagreements, most_confused
from dermnet_core.evaluation.metrics import confusion_matrix
from dermnet_core.evaluation.predictions import Predictions

CLASSES = ("Acne", "Eczema", "Warts")


def answered(labels, top, confidence) -> Predictions:
    labels, top, sure = np.asarray(labels), np.asarray(top), np.asarray(confidence, dtype=float)
    scores = np.where(np.arange(3) == top[:, None], sure[:, None], (1.0 - sure[:, None]) / 2.0)
    return Predictions(tuple(f"{i}.jpg" for i in range(len(labels))), labels, scores, CLASSES)


FIRST = answered([0, 0, 0, 1, 1, 2, 2], [0, 1, 1, 0, 1, 0, 2], [0.9, 0.5, 0.8, 0.6, 0.7, 0.6, 0.4])
SECOND = answered([0, 0, 0, 1, 1, 2, 2], [0, 1, 2, 1, 0, 0, 1], [0.9, 0.5, 0.45, 0.9, 0.65, 0.6, 0.8])


def test_pairs_come_by_photos_then_by_their_share_of_the_class() -> None:
    assert most_confused(FIRST) == [Confusion(0, 1, 2, 3), Confusion(1, 0, 1, 2), Confusion(2, 0, 1, 2)]
    assert most_confused(FIRST, limit=1) == [Confusion(0, 1, 2, 3)]


def test_pairs_hold_every_wrong_answer_once() -> None:
    rng = np.random.default_rng(0)
    predictions = answered(rng.integers(0, 3, 300), rng.integers(0, 3, 300), rng.uniform(0.4, 1.0, 300))
    matrix, pairs = confusion_matrix(predictions), most_confused(predictions, limit=100)
    assert sum(pair.n for pair in pairs) == matrix.sum() - matrix.trace()
    assert all(pair.n == matrix[pair.true, pair.predicted] for pair in pairs)
    assert [pair.n for pair in pairs] == sorted((pair.n for pair in pairs), reverse=True)


def test_nothing_wrong_means_nothing_to_show() -> None:
    right = answered([0, 1], [0, 1], [0.9, 0.8])
    assert most_confused(right) == []
    assert len(confident_errors(right)) == len(disagreements(right, right)) == 0


def test_the_surest_error_comes_first_and_equals_stay_in_order() -> None:
    assert confident_errors(FIRST).tolist() == [2, 3, 5, 1]


def test_disagreements_come_by_the_less_sure_of_the_two_answers() -> None:
    assert disagreements(FIRST, SECOND).tolist() == [4, 3, 2, 6]
    assert disagreements(SECOND, FIRST).tolist() == [4, 3, 2, 6]


def test_answers_to_other_photos_cannot_disagree() -> None:
    with pytest.raises(ArtifactError, match="same photos"):
        disagreements(FIRST, SECOND.select(np.arange(7) > 0))
    with pytest.raises(ArtifactError, match="same classes"):
        disagreements(FIRST, dataclasses.replace(SECOND, classes=("Acne", "Eczema", "Vitiligo")))
