"""What the Overview says of leakage: the class of most copies only where one holds more than half; files in English."""

import dataclasses

import numpy as np
import pytest

from dermnet_core import i18n
from dermnet_core.evaluation.leakage import copied, parts
from dermnet_ui.evaluation import chart
from dermnet_ui.evaluation.leaked import sentence, views_table
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.tables import Table
from tests.ui.evaluation_cases import make_selection


def with_copies_of(selection: Selection, shares: list[int]) -> Selection:
    """Return a selection of one side whose copies are so many photos of each class."""
    side = selection.sides[0]
    clean = np.ones(len(side.evaluation.files), dtype=np.bool_)
    for place, n in enumerate(shares):
        clean[np.flatnonzero(side.evaluation.labels == place)[:n]] = False
    masks = {"clean": clean, "blocked": clean & side.evaluation.mask("blocked")}
    evaluation = dataclasses.replace(side.evaluation, masks=masks)
    return dataclasses.replace(selection, sides=(dataclasses.replace(side, evaluation=evaluation),))


def said(selection: Selection) -> str:
    return sentence([(side, parts(side.evaluation)) for side in selection.sides])


def test_the_class_of_most_copies_is_named():
    selection = with_copies_of(make_selection(("separable_cnn",)), [1, 4, 2])
    found = copied(selection.sides[0].evaluation)
    assert found is not None
    assert (found.label, found.n, found.total) == (selection.classes[1], 4, 7)
    assert said(selection).endswith("4 of 7.")
    assert "Most of the copies are of one class" in said(selection)


@pytest.mark.parametrize("shares", [[2, 2], [0]])
def test_without_more_than_half_of_the_copies_none_is_named(shares: list[int]):
    selection = with_copies_of(make_selection(("separable_cnn",)), shares)
    assert copied(selection.sides[0].evaluation) is None
    assert "Most of the copies" not in said(selection)


def test_a_table_is_shown_in_the_language_of_the_session_and_saved_in_english(monkeypatch: pytest.MonkeyPatch):
    spoken = ["tr"]
    monkeypatch.setattr(i18n, "_asked", lambda: spoken[0])
    shown, saved = [], {}
    monkeypatch.setattr(chart.st, "html", shown.append)
    monkeypatch.setattr(
        chart.st, "download_button", lambda label, data, file, *_rest, **_more: saved.update({file: data})
    )

    def make() -> Table:
        return views_table(make_selection(("separable_cnn",)))

    chart.show_table(make, "key")
    spoken[0] = "en"  # outside of the session
    assert "İlk-1 doğruluğu" in shown[0]
    assert saved["figures-by-view.csv"]().startswith("View and model,Photos,Top-1 accuracy,")
