import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from dermnet_ui.case import Case, agreement, caution, packed, reduced, score_text
from tests.ui.cases import PSORIASIS


@pytest.mark.parametrize(
    ("score", "text"), [(0.0, "0"), (0.001, "<1"), (0.0049, "<1"), (0.006, "1"), (0.624, "62"), (1.0, "100")]
)
def test_scores_are_whole_numbers(score: float, text: str):
    assert score_text(score) == text


def test_agreement_names_the_class_or_both(agreeing: Case, disagreeing: Case):
    assert agreement(agreeing) == "Both say Urticaria, Hives."
    assert agreement(disagreeing) == "They disagree: Eczema (CNN) vs Psoriasis, Lichen Planus (MobileNetV2)."


def test_caution_names_the_weak_models(agreeing: Case, disagreeing: Case):
    weak = agreeing.answers[0]
    assert caution(disagreeing) == ""
    assert caution(agreeing) == "Do not lean on the answer of CNN: see its note."
    assert caution(dataclasses.replace(agreeing, answers=(weak, weak))) == "Lean on neither answer: see the notes."


def test_a_thin_class_is_marked(agreeing: Case, disagreeing: Case):
    assert "Trained on only 8 photos of Urticaria, Hives." in agreeing.answers[1].notes()
    assert disagreeing.answers[0].notes() == ()


def test_notes_hold_the_models_own_reasons_first(agreeing: Case):
    assert agreeing.answers[0].notes()[0] == "The highest score is only 15: too low to lean on."


def test_classes_are_ordered_by_mean_score(disagreeing: Case):
    assert disagreeing.labels()[:2] == [PSORIASIS, "Eczema Photos"]
    assert sorted(disagreeing.labels()) == sorted(disagreeing.answers[0].prediction.classes)


def test_heatmaps_are_compared_on_the_class_of_the_surer_model(disagreeing: Case):
    assert disagreeing.common_label() == PSORIASIS


@pytest.mark.parametrize(
    ("shape", "expected"), [((3000, 1000), (800, 267)), ((20, 5000), (3, 800)), ((90, 80), (90, 80))]
)
def test_the_kept_copy_is_small_and_keeps_its_aspect(shape: tuple[int, int], expected: tuple[int, int]):
    assert reduced(np.zeros((*shape, 3), np.uint8)).shape == (*expected, 3)


@pytest.mark.parametrize("shape", [(600, 800, 3), (300, 900, 3), (900, 300, 3)])
def test_the_cover_is_the_middle_small(agreeing: Case, shape: tuple[int, int, int]):
    rgb = np.zeros(shape, np.uint8)
    rgb[shape[0] // 2 - 10 : shape[0] // 2 + 10, shape[1] // 2 - 10 : shape[1] // 2 + 10] = 255
    case = dataclasses.replace(agreeing, shown=packed(rgb))
    width, height = (cover := Image.open(io.BytesIO(case.cover))).size
    assert max(width, height) <= 320
    assert width / height == pytest.approx(4 / 3, abs=0.02)
    assert np.asarray(cover)[height // 2, width // 2].min() > 200
    assert case.cover is case.cover
