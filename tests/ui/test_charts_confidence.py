import numpy as np
import pytest

from dermnet_core.evaluation.metrics import figures
from dermnet_core.evaluation.reliability import abstain_at, reliability, risk_coverage
from dermnet_ui.charts_confidence import RiskLine, reliability_chart, risk_chart
from dermnet_ui.evaluation.confidence_figures import (
    abstention_table,
    bins_table,
    calibration,
    calibration_table,
    reliability_text,
    risk_text,
)
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.tables import Estimate
from tests.ui.evaluation_cases import make_selection


@pytest.fixture(scope="module")
def selection() -> Selection:
    return make_selection(view="clean", n=200)


def test_only_bins_with_photos_are_drawn_with_their_interval_and_count(selection: Selection):
    curve = reliability(selection.sides[0].predictions)
    diagonal, points, bars = reliability_chart(curve, "#0072B2").data
    held = curve.n > 0
    assert list(diagonal.x) == list(diagonal.y) == [0, 100]
    assert list(points.y) == pytest.approx(list(100 * curve.accuracy[held]))
    lows = [100 * interval.low for interval, n in zip(curve.intervals, curve.n, strict=True) if n]
    assert list(np.array(points.y) - np.array(points.error_y.arrayminus)) == pytest.approx(lows)
    assert sum(bars.y) == len(selection.sides[0].predictions)


def test_the_curve_ends_at_the_error_of_all_photos_and_the_card_is_marked(selection: Selection):
    side = selection.sides[0]
    card = abstain_at(side.predictions, 0.5)
    line = RiskLine(side.name, side.colour, risk_coverage(side.predictions), [("card", card)])
    chart = risk_chart([line])
    curve, marks = chart.data
    assert curve.x[-1] == pytest.approx(100)
    assert curve.y[-1] == pytest.approx(100 * (1 - side.view.figures.top1))
    assert (marks.x[0], marks.y[0]) == pytest.approx((100 * card.coverage, 100 * (card.error or 0)))
    assert "card 50" in [annotation.text for annotation in chart.layout.annotations]
    assert f"card 50.0: {100 * card.coverage:.1f} % answered" in risk_text([line])


def test_a_threshold_that_keeps_nothing_has_no_mark_and_no_error(selection: Selection):
    side = selection.sides[0]
    nothing = abstain_at(side.predictions, 1.1)
    line = RiskLine(side.name, side.colour, risk_coverage(side.predictions), [("yours", nothing)])
    assert len(risk_chart([line]).data[1].x) == 0
    assert "nothing left" in risk_text([line])
    (_, yours) = abstention_table([side], [nothing]).rows
    assert yours[3:] == (0, 0.0, None)


def test_calibration_before_is_at_temperature_one_and_after_is_the_view(selection: Selection):
    side = selection.sides[0]
    assert side.about.temperature == 2.0
    found = calibration(side, "clean")
    raw = figures(side.evaluation.predictions("clean", calibrated=False))
    assert found.ece_before.value == raw.ece
    assert found.brier_after.value == side.view.figures.brier
    assert found.ece_before.value != found.ece_after.value
    assert found.brier_before.interval.low < found.brier_before.value < found.brier_before.interval.high
    row = calibration_table([side], [found]).rows[0]
    assert row[:3] == (side.name, 150, "2.00")
    bins = [row for row in bins_table([side], [found]).rows if row[1] == "after"]
    assert sum(int(row[4]) for row in bins) == 150  # type: ignore[arg-type]
    assert all(isinstance(row[6], Estimate) for row in bins)
    assert "n = " in reliability_text(side.name, "after", found.after)
