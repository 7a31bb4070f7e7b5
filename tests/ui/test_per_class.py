"""The table of classes: one column of counts for both models, or one each where they differ."""

import pytest

from dermnet_ui.evaluation.class_rows import class_rows
from dermnet_ui.evaluation.per_class import frame
from dermnet_ui.evaluation.selection import Selection
from tests.ui.evaluation_cases import make_selection


def test_numbers_are_per_cent_and_sortable_with_their_interval_beside():
    selection = make_selection()
    table = frame(class_rows(selection), selection)
    side = selection.sides[0]
    recall, interval = side.view.figures.per_class[0].recall, side.view.class_intervals[0].recall
    assert table["Recall, CNN"][0] == pytest.approx(100 * recall)
    assert table["Recall, CNN, 95 %"][0] == f"{100 * interval.low:.1f}–{100 * interval.high:.1f}"
    assert list(table["Test photos"]) == [entry.n for entry in side.view.figures.per_class]
    assert list(table["Training photos"]) == [40, 80, 120]


def test_a_class_without_photos_has_no_number():
    selection = make_selection(labelled=2)
    table = frame(class_rows(selection), selection)
    assert table["F1, MobileNetV2"].isna().tolist() == [False, False, True]
    assert table["F1, MobileNetV2, 95 %"][2] == "no photos"


def test_models_on_different_photos_have_counts_of_their_own():
    first, second = make_selection(n=60).sides[0], make_selection(n=30).sides[1]
    selection = Selection((first, second), "official")
    table = frame(class_rows(selection), selection)
    assert table["Test photos, CNN"].sum() == 60
    assert table["Test photos, MobileNetV2"].sum() == 30
    assert "Training photos" in table
