import dataclasses
import itertools

import numpy as np
import pytest

from dermnet_core.evaluation.errors_found import most_confused
from dermnet_core.labels import CLASSES, display_name
from dermnet_ui.case import MODEL_COLOURS
from dermnet_ui.charts_confusion import (
    COUNTS,
    KINDS,
    OF_ANSWERS,
    OF_CLASS,
    Cell,
    brief_name,
    confusion_chart,
    difference_chart,
    pairs_chart,
    shares,
)
from dermnet_ui.charts_frame import INKS
from dermnet_ui.evaluation.selection import SECOND_COLOURS
from tests.ui.evaluation_cases import make_selection

LABELS = tuple(entry.folder for entry in CLASSES)
GROUNDS = {"light": "#FFFFFF", "dark": "#14181B"}


def drawn(chart) -> np.ndarray:
    """Return what the heatmap shows, its square root taken back."""
    z = np.array(chart.data[0].z)
    return np.sign(z) * z**2


def test_cells_are_counts_or_per_cent_of_row_or_column():
    side = make_selection().sides[0]
    counts = np.array(side.view.confusion)
    assert np.allclose(drawn(confusion_chart(side, COUNTS)), counts)
    assert np.allclose(drawn(confusion_chart(side, OF_CLASS)).sum(axis=1), 100)
    assert np.allclose(drawn(confusion_chart(side, OF_ANSWERS)).sum(axis=0), 100)


def test_a_class_without_photos_has_no_share():
    counts = np.array([[3, 1], [0, 0]])
    assert np.isnan(shares(counts, OF_CLASS)[1]).all()
    assert shares(counts, OF_ANSWERS).tolist() == [[100.0, 100.0], [0.0, 0.0]]
    side = make_selection(labelled=2).sides[0]
    for kind in KINDS:
        assert np.isfinite(drawn(confusion_chart(side, kind))).all()


def test_numbers_stand_in_the_cells_and_nothing_where_there_is_none():
    side = make_selection().sides[0]
    counts = np.array(side.view.confusion)
    texts = np.array(confusion_chart(side, COUNTS).data[1].text).reshape(3, 3)
    assert texts[0, 0] == str(counts[0, 0])
    assert all((text == "") == (count == 0) for text, count in zip(texts.flat, counts.flat, strict=True))
    share = np.array(confusion_chart(side, OF_CLASS).data[1].text).reshape(3, 3)
    assert share[0, 0] == f"{100 * counts[0, 0] / counts[0].sum():.1f}"


def test_every_cell_can_be_clicked_and_says_what_it_is():
    side = make_selection().sides[0]
    points = confusion_chart(side, COUNTS).data[2]
    assert [list(place) for place in points.customdata] == [list(p) for p in itertools.product(range(3), repeat=2)]
    assert points.marker.opacity == points.selected.marker.opacity == points.unselected.marker.opacity == 0
    n, support = side.view.confusion[0][1], sum(side.view.confusion[0])
    assert f"{n} of {support} photos of the class" in points.hovertext[1]
    assert "Acne" in points.hovertext[1]
    assert "Eczema" in points.hovertext[1]


def test_the_difference_is_second_minus_first_and_nothing_where_they_are_equal():
    first, second = make_selection().sides
    expected = np.array(second.view.confusion) - np.array(first.view.confusion)
    chart = difference_chart(first, second, COUNTS)
    assert np.allclose(drawn(chart), expected)
    assert chart.data[0].zmin == -chart.data[0].zmax
    middle = [colour for place, colour in chart.data[0].colorscale if place == 0.5]
    assert all(colour.endswith(",0.0)") for colour in middle)  # the background shows
    same = difference_chart(first, dataclasses.replace(first, name="The same"), OF_CLASS)
    assert set(same.data[1].text) == {""}


def test_two_models_of_one_kind_still_differ_in_hue():
    first, second = make_selection(("separable_cnn", "separable_cnn")).sides
    scale = difference_chart(first, second, COUNTS).data[0].colorscale
    assert scale[0][1].startswith("rgba(0,114,178")
    assert scale[-1][1].startswith("rgba(213,94,0")


def test_the_chosen_cell_has_a_frame():
    side = make_selection().sides[0]
    frame = confusion_chart(side, COUNTS, Cell(0, 2)).layout.shapes[-1]
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (1.5, 2.5, -0.5, 0.5)


def test_rows_carry_their_photos_and_columns_of_precision_their_answers():
    side = make_selection().sides[0]
    counts = np.array(side.view.confusion)
    assert confusion_chart(side, OF_CLASS).layout.yaxis.ticktext[0] == f"Acne · {counts[0].sum()}"
    assert confusion_chart(side, OF_CLASS).layout.xaxis.ticktext[0] == "Acne"
    assert confusion_chart(side, OF_ANSWERS).layout.xaxis.ticktext[0] == f"Acne · {counts[:, 0].sum()}"


def test_names_are_short_and_begin_like_the_class():
    found = [brief_name(label) for label in LABELS]
    assert max(map(len, found)) <= 20
    assert len(set(found)) == len(LABELS)
    assert all(display_name(label).startswith(name.rstrip("…")) for name, label in zip(found, LABELS, strict=True))
    assert brief_name("Melanoma Skin Cancer Nevi and Moles") == "Melanoma, Nevi"  # mostly naevi: never the first alone


def test_pairs_are_bars_that_open_their_cell():
    side = make_selection(n=200).sides[0]
    pairs = most_confused(side.predictions, 3)
    chart = pairs_chart(side, pairs, pairs[0].n)
    assert list(chart.data[0].x) == sorted((pair.n for pair in pairs), reverse=True)
    assert [list(place) for place in chart.data[0].customdata] == [[pair.true, pair.predicted] for pair in pairs]
    first = pairs[0]
    assert f"{first.n} of {first.support} · {100 * first.n / first.support:.1f} %" in chart.layout.annotations[0].text
    assert chart.layout.xaxis.range[0] == 0


@pytest.mark.parametrize("theme", GROUNDS)
@pytest.mark.parametrize("colour", [*MODEL_COLOURS.values(), *SECOND_COLOURS.values(), "#777777"])
def test_text_can_be_read_on_the_darkest_cell(theme: str, colour: str):
    from dermnet_ui.charts_confusion import _DARKEST

    cell = [_DARKEST * a + (1 - _DARKEST) * b for a, b in zip(_rgb(colour), _rgb(GROUNDS[theme]), strict=True)]
    light, dark = sorted([_luminance(cell), _luminance(_rgb(INKS[theme]))], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _rgb(colour: str) -> list[float]:
    return [float(int(colour[place : place + 2], 16)) for place in (1, 3, 5)]


def _luminance(rgb: list[float]) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [value / 255 for value in rgb]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
