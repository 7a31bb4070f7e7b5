"""One class against the rest, and the malignant group: what is counted, and the curves that are drawn."""

import dataclasses

import numpy as np
import pytest
from sklearn import metrics

from dermnet_core.evaluation.curves import precision_recall_curve, rates_at, roc_curve
from dermnet_core.evaluation.malignancy import MALIGNANT_CLASS, MELANOMA_CLASS
from dermnet_ui import charts_curves as charts
from dermnet_ui.evaluation import one_vs_rest
from dermnet_ui.evaluation.selection import Selection
from tests.ui.evaluation_cases import make_selection

SKIN = ("Eczema Photos", MALIGNANT_CLASS, MELANOMA_CLASS)


def lines(found: tuple[one_vs_rest.Target, ...], threshold: float = 0.5) -> list[charts.Line]:
    return [
        charts.Line(
            target.side.name, target.side.colour, roc_curve(target.scores, target.truth),
            precision_recall_curve(target.scores, target.truth), rates_at(target.scores, target.truth, threshold),
        )
        for target in found
    ]  # fmt: skip


def test_the_group_is_offered_only_to_models_that_know_its_classes():
    assert list(one_vs_rest.options(make_selection())) == ["Acne", "Eczema", "Warts"]
    assert next(iter(one_vs_rest.options(make_selection(classes=SKIN)))) == one_vs_rest.MALIGNANT


def test_of_outside_photos_the_group_is_offered_only_with_codes():
    sides = make_selection(classes=SKIN).sides
    about = dataclasses.replace(sides[0].about, split="outside")

    def offered(codes: tuple[str, ...]) -> bool:
        outside = dataclasses.replace(sides[0].evaluation, about=about, attributes={"diagnosis": codes})
        side = dataclasses.replace(sides[0], evaluation=outside)
        return one_vs_rest.MALIGNANT in one_vs_rest.options(Selection((side,), "official"))

    n = len(sides[0].predictions)
    assert offered(("MEL",) * n)
    assert not offered(("MEL",) * (n - 1) + ("scar",))


def test_a_class_is_its_column_its_label_and_its_first_answers():
    selection = make_selection()
    for side, target in zip(selection.sides, one_vs_rest.targets(selection, "Eczema"), strict=True):
        assert target.scores == pytest.approx(side.predictions.scores[:, 1])
        assert target.positives == side.view.figures.per_class[1].n
        rates = target.first_answers
        assert rates.sensitivity.value == pytest.approx(side.view.figures.per_class[1].recall)
        assert rates.ppv.value == pytest.approx(side.view.figures.per_class[1].precision)


def test_the_group_adds_up_the_scores_of_both_classes():
    selection = make_selection(classes=SKIN)
    for side, target in zip(selection.sides, one_vs_rest.targets(selection, one_vs_rest.MALIGNANT), strict=True):
        assert target.scores == pytest.approx(side.predictions.scores[:, 1:].sum(axis=1), abs=1e-6)
        # The files of the made-up photos name no series, so the folder of malignant lesions alone counts.
        assert target.positives == side.view.figures.per_class[1].n
        assert list(target.first) == list(side.predictions.top > 0)


def test_errors_are_rows_and_columns_of_the_confusion_matrix():
    selection = make_selection()
    found = one_vs_rest.targets(selection, "Eczema")
    matrices = [np.array(side.view.confusion) for side in selection.sides]
    sent, got = one_vs_rest.sent(found, "Eczema"), one_vs_rest.got(found, "Eczema")
    assert sent[0] == one_vs_rest.Flow("Eczema (right)", tuple(int(matrix[1, 1]) for matrix in matrices))
    assert {flow.title: flow.counts for flow in sent}["Acne"] == tuple(int(matrix[1, 0]) for matrix in matrices)
    assert {flow.title: flow.counts for flow in got}["Acne"] == tuple(int(matrix[0, 1]) for matrix in matrices)


def test_many_classes_are_added_up_below():
    classes = tuple(f"class {number:02}" for number in range(20))
    selection = make_selection(classes=classes, n=2000)
    found = one_vs_rest.targets(selection, classes[0])
    flows = one_vs_rest.sent(found, classes[0])
    assert flows[-1].title == one_vs_rest.REST
    for place, target in enumerate(found):
        assert sum(flow.counts[place] for flow in flows) == target.positives


def test_errors_of_the_group_leave_out_what_counts():
    selection = make_selection(classes=SKIN)
    found = one_vs_rest.targets(selection, one_vs_rest.MALIGNANT)
    wrong = one_vs_rest.got(found, one_vs_rest.MALIGNANT)
    for place, target in enumerate(found):
        assert sum(flow.counts[place] for flow in wrong) == target.first_answers.fp


def test_curves_state_the_areas_that_scikit_learn_finds():
    found = one_vs_rest.targets(make_selection(), "Eczema")
    words = charts.curves_text(lines(found))
    for target in found:
        assert f"AUC {100 * metrics.roc_auc_score(target.truth, target.scores):.1f}" in words
        average = metrics.average_precision_score(target.truth, target.scores)
        assert f"average precision {100 * average:.1f}" in words


def test_the_chosen_threshold_is_a_point_on_both_curves():
    found = one_vs_rest.targets(make_selection(), "Eczema")
    drawn = lines(found)
    for chart, x, y in (
        (charts.roc_chart(drawn), lambda r: 100 - 100 * r.specificity.value, lambda r: 100 * r.sensitivity.value),
        (charts.precision_recall_chart(drawn), lambda r: 100 * r.sensitivity.value, lambda r: 100 * r.ppv.value),
    ):
        points = [trace for trace in chart.data if trace.mode == "markers"]
        for line, point in zip(drawn, points, strict=True):
            assert (point.x[0], point.y[0]) == pytest.approx((x(line.rates), y(line.rates)))
            assert point.marker.color == line.colour


def test_a_threshold_that_nothing_reaches_has_no_precision():
    chart = charts.precision_recall_chart(lines(one_vs_rest.targets(make_selection(), "Eczema"), threshold=1.01))
    assert not [trace for trace in chart.data if trace.mode == "markers"]


def test_a_line_keeps_the_corners_that_it_needs():
    x = np.array([0.0, 0.0, 0.0, 0.1, 0.2, 0.3, 0.3])
    y = np.array([0.0, 0.1, 0.2, 0.2, 0.2, 0.3, 0.4])
    assert list(charts.corners(x, y)) == [True, False, True, False, True, True, True]


def test_the_table_counts_every_photo():
    selection = make_selection()
    found = one_vs_rest.targets(selection, "Eczema")
    table = one_vs_rest.rates_table(found, [target.first_answers for target in found], "Rates")
    for column in (1, 2):
        counts = [row[column] for row in table.rows[-4:]]
        assert sum(int(str(count)) for count in counts) == 60
