"""The overview's charts carry the figures of the evaluation."""

import dataclasses
import itertools

import pytest

from dermnet_core.evaluation.leakage import parts
from dermnet_core.evaluation.metrics import HEADLINE
from dermnet_ui import charts_overview as charts
from dermnet_ui.evaluation import terms
from dermnet_ui.evaluation.selection import Selection
from tests.ui.evaluation_cases import make_selection


def test_both_charts_together_show_every_headline_figure_once():
    assert sorted([*charts.FIRST, *charts.SECOND]) == sorted(HEADLINE)
    assert set(terms.HEADLINE) == set(HEADLINE)


@pytest.mark.parametrize(
    "architectures", [("separable_cnn",), ("separable_cnn", "mobilenet_v2"), ("mobilenet_v2",) * 2]
)
def test_points_and_lines_are_figures_and_intervals(architectures):
    selection = make_selection(architectures)
    for names in (charts.FIRST, charts.SECOND):
        chart = charts.headline_chart(selection, names)
        for side, trace in zip(selection.sides, chart.data, strict=False):
            assert trace.marker.color == side.colour
            for place, name in enumerate(names):
                value, interval = getattr(side.view.figures, name), side.view.intervals[name]
                assert trace.x[place] == pytest.approx(100 * value)
                assert trace.x[place] - trace.error_x.arrayminus[place] == pytest.approx(100 * interval.low)
                assert trace.x[place] + trace.error_x.array[place] == pytest.approx(100 * interval.high)
                assert f"n = {side.view.figures.n}" in trace.hovertext[place]


def test_baselines_and_the_original_report_stand_as_grey_marks_on_top_1_alone():
    selection = make_selection()
    chart = charts.headline_chart(selection, charts.FIRST)
    texts = [note.text for note in chart.layout.annotations]
    majority = 100 * selection.sides[0].view.baselines.majority
    for text in ("guessing 33.3", f"always the largest class {majority:.1f}", "original report, CNN 2.45",
                 "original report, MobileNetV2 75–80"):  # fmt: skip
        assert text in texts
    marks = chart.data[2:]
    assert [x for mark in marks for x in mark.x] == pytest.approx([100 / 3, majority, 2.45, 75, 80])
    assert not charts.headline_chart(selection, charts.SECOND).data[2:]


def test_no_two_lines_of_the_chart_share_a_height():
    chart = charts.headline_chart(make_selection(), charts.FIRST)
    heights = sorted(note.y for note in chart.layout.annotations)
    assert min(after - before for before, after in itertools.pairwise(heights)) >= 20


def test_parts_carry_accuracy_and_n():
    selection = make_selection()
    sides = [(side, parts(side.evaluation)) for side in selection.sides]
    chart = charts.parts_chart(sides)
    for (_, found), trace in zip(sides, chart.data, strict=True):
        assert list(trace.x) == pytest.approx([100 * part.accuracy for part in found])
    assert any(f"n = {sides[0][1][0].n}" in note.text for note in chart.layout.annotations)


def test_the_text_says_every_figure():
    selection = make_selection()
    words = charts.headline_text(selection, charts.FIRST)
    for side in selection.sides:
        assert f"{100 * side.view.figures.top1:.1f}" in words
        assert side.name in words


def test_photos_of_another_source_are_not_held_against_the_original_report():
    first, second = make_selection().sides
    about = dataclasses.replace(second.about, split="outside")
    outside = dataclasses.replace(second, evaluation=dataclasses.replace(second.evaluation, about=about))
    chart = charts.headline_chart(Selection((first, outside), "official"), charts.FIRST)
    assert not any("original" in note.text for note in chart.layout.annotations)
    assert any("guessing" in note.text for note in chart.layout.annotations)
