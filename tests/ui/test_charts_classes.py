"""Dumbbells and error bars carry the figures of the evaluation."""

import pytest

from dermnet_ui import charts_classes as charts
from dermnet_ui.evaluation.class_rows import arranged, class_rows, class_table, orders
from dermnet_ui.evaluation.one_vs_rest import Flow
from dermnet_ui.evaluation.terms import PER_CLASS
from tests.ui.evaluation_cases import make_selection


@pytest.mark.parametrize("figure", list(PER_CLASS))
def test_each_dumbbell_is_the_figure_of_both_models_with_its_interval(figure):
    selection = make_selection()
    rows = arranged(class_rows(selection), figure, "difference")
    _, *points = charts.dumbbell_chart(rows, selection, figure).data
    for side, trace in zip(selection.sides, points, strict=True):
        figures = {entry.label: entry for entry in side.view.figures.per_class}
        intervals = dict(zip(side.evaluation.classes, side.view.class_intervals, strict=True))
        for place, (label,) in enumerate(trace.customdata):
            interval = getattr(intervals[label], figure)
            assert trace.x[place] == pytest.approx(100 * getattr(figures[label], figure))
            assert trace.x[place] - trace.error_x.arrayminus[place] == pytest.approx(100 * interval.low)
            assert trace.x[place] + trace.error_x.array[place] == pytest.approx(100 * interval.high)


def test_the_order_is_the_one_that_was_asked_for():
    selection = make_selection()
    rows = class_rows(selection)
    differences = [row.difference("recall") for row in arranged(rows, "recall", "difference")]
    assert differences == sorted(differences, reverse=True)
    for order in orders(selection):
        assert sorted(row.label for row in arranged(rows, "f1", order)) == sorted(selection.classes)
    assert [row.name for row in arranged(rows, "f1", "name")] == sorted(selection.classes)
    assert [row.label for row in arranged(rows, "f1", "training")] == ["Warts", "Eczema", "Acne"]


def test_support_stands_beside_and_thin_classes_are_marked_in_words():
    selection = make_selection()
    rows = arranged(class_rows(selection), "recall", "name")
    texts = [note.text for note in charts.dumbbell_chart(rows, selection, "recall").layout.annotations]
    thin = next(text for text in texts if "Acne" in text)
    n = int((selection.sides[0].predictions.labels == 0).sum())
    assert thin.endswith(f"{n} test · 40 training: few")
    assert not any("Eczema" in text and "few" in text for text in texts)


def test_a_class_without_photos_comes_last_and_is_not_drawn():
    selection = make_selection(labelled=2)
    rows = arranged(class_rows(selection), "recall", "difference")
    assert rows[-1].label == "Warts"
    chart = charts.dumbbell_chart(rows, selection, "recall")
    assert all(["Warts"] not in list(map(list, trace.customdata)) for trace in chart.data[1:])
    assert not any("Warts" in note.text for note in chart.layout.annotations)
    assert "Warts" not in charts.dumbbell_text(rows, selection, "recall")
    assert class_table(selection).csv().splitlines()[-1].count(",,") > 0


def test_one_side_has_no_link_and_no_order_by_difference():
    selection = make_selection(("mobilenet_v2",))
    assert "difference" not in orders(selection)
    chart = charts.dumbbell_chart(arranged(class_rows(selection), "f1", "0"), selection, "f1")
    assert [trace.mode for trace in chart.data] == ["markers"]


def test_the_table_holds_every_figure_with_both_ends_of_its_interval():
    selection = make_selection()
    head, *lines = class_table(selection).csv().splitlines()
    assert len(lines) == 3
    names = head.split(",")
    for side in selection.sides:
        for term in PER_CLASS.values():
            assert {f"{side.name} {term.title.lower()}{end}" for end in ("", " low", " high")} <= set(names)
    values = dict(zip(names, lines[0].split(","), strict=True))
    assert float(values["CNN recall"]) == pytest.approx(selection.sides[0].view.figures.per_class[0].recall, abs=1e-6)


def test_bars_are_counts_from_zero_with_names_above():
    selection = make_selection()
    flows = [Flow("Acne (right)", (7, 9)), Flow("A <b> & c", (3, 0))]
    chart = charts.flow_chart(flows, selection.sides)
    assert [list(trace.x) for trace in chart.data] == [[7, 3], [9, 0]]
    assert chart.layout.xaxis.rangemode == "tozero"
    texts = [note.text for note in chart.layout.annotations]
    assert "Acne (right): 7 · 9" in texts
    assert "A &lt;b> &amp; c: 3 · 0" in texts
    assert "7 and 9" in charts.flow_text(flows, selection.sides)
