"""One class against the rest over all thresholds: ROC and precision-recall curves of both models; no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dermnet_core.evaluation.curves import PrecisionRecallCurve, Rates, RocCurve
from dermnet_core.evaluation.intervals import Interval
from dermnet_core.i18n import _
from dermnet_ui.charts_points import MARK_COLOUR, PERCENT, key_above
from dermnet_ui.evaluation.tables import Estimate

_HEIGHT = 320
_MARGINS = {"l": 8, "r": 12, "b": 8}


@dataclass(frozen=True, eq=False)
class Line:
    """The curves of one side, and what the chosen threshold does."""

    name: str
    colour: str
    roc: RocCurve
    precision_recall: PrecisionRecallCurve
    rates: Rates


def roc_chart(lines: Sequence[Line]) -> go.Figure:
    """Draw sensitivity against false alarms, 0 to 100, with the chosen threshold as a point."""
    chart = go.Figure(_guess([0, 100], [0, 100]))
    for line in lines:
        chart.add_trace(_curve(line, line.roc.false_positive_rate, line.roc.sensitivity))
        alarms, hits = line.rates.specificity.value, line.rates.sensitivity.value
        if alarms is not None and hits is not None:
            chart.add_trace(_point(line, 1.0 - alarms, hits))
    words = [_("AUC {value}").format(value=_area(line.roc.auc, line.roc.interval)) for line in lines]
    return _laid_out(chart, lines, words, _("False alarms (100 − specificity)"), _("Sensitivity"))


def precision_recall_chart(lines: Sequence[Line]) -> go.Figure:
    """Draw precision against recall, 0 to 100, with the chosen threshold as a point."""
    chart = go.Figure()
    for share in dict.fromkeys(line.precision_recall.prevalence for line in lines):
        chart.add_trace(_guess([0, 100], [100 * share, 100 * share]))
    for line in lines:
        chart.add_trace(_curve(line, line.precision_recall.recall, line.precision_recall.precision, "vh"))
        called = line.rates.tp + line.rates.fp
        if called and line.rates.sensitivity.value is not None:
            chart.add_trace(_point(line, line.rates.sensitivity.value, line.rates.tp / called))
    areas = [_area(line.precision_recall.average_precision, line.precision_recall.interval) for line in lines]
    return _laid_out(chart, lines, [_("AP {value}").format(value=area) for area in areas], _("Recall"), _("Precision"))


def curves_text(lines: Sequence[Line]) -> str:
    """Say what the two charts show."""
    return "; ".join(
        _("{name}: AUC {auc}, average precision {ap}").format(
            name=line.name,
            auc=_area(line.roc.auc, line.roc.interval),
            ap=_area(line.precision_recall.average_precision, line.precision_recall.interval),
        )
        for line in lines
    )


def corners(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points of a line (k,) are needed to draw it: not those within a level or an upright stretch."""
    level, upright = np.diff(y) == 0.0, np.diff(x) == 0.0
    inside = (level[1:] & level[:-1]) | (upright[1:] & upright[:-1])
    kept = np.ones(len(x), dtype=np.bool_)
    kept[1:-1] = ~inside
    return kept


def _curve(line: Line, x: NDArray[np.float64], y: NDArray[np.float64], shape: str = "linear") -> go.Scatter:
    kept = corners(x, y)
    return go.Scatter(
        x=100 * x[kept], y=100 * y[kept], mode="lines", name=line.name, hoverinfo="skip",
        line={"color": line.colour, "width": 2, "shape": shape},
    )  # fmt: skip


def _point(line: Line, x: float, y: float) -> go.Scatter:
    return go.Scatter(
        x=[100 * x], y=[100 * y], mode="markers", name=f"{line.name}, threshold", cliponaxis=False,
        marker={"color": line.colour, "size": 13, "symbol": "diamond"},
        hovertemplate=_("{name} at the threshold: {y} at {x}").format(name=line.name, y="%{y:.1f}", x="%{x:.1f}")
        + "<extra></extra>",
    )  # fmt: skip


def _guess(x: Sequence[float], y: Sequence[float]) -> go.Scatter:
    return go.Scatter(
        x=x, y=y, mode="lines", name="guessing", hoverinfo="skip",
        line={"color": MARK_COLOUR, "width": 1, "dash": "dot"},
    )  # fmt: skip


def _laid_out(chart: go.Figure, lines: Sequence[Line], words: Sequence[str], across: str, up: str) -> go.Figure:
    names = [(f"{line.name}: {text}", line.colour) for line, text in zip(lines, words, strict=True)]
    notes, shapes, margin = key_above([*names, (_("guessing"), MARK_COLOUR)])
    axis: dict[str, Any] = {"range": [0, 101], **PERCENT, "automargin": True}
    return chart.update_layout(
        xaxis=axis | {"title": {"text": across, "standoff": 6}},
        yaxis=axis | {"title": {"text": up, "standoff": 6}},
        annotations=notes,
        shapes=shapes,
        height=_HEIGHT + margin,
        margin=_MARGINS | {"t": margin},
        showlegend=False,
        dragmode=False,
    )


def _area(value: float | None, interval: Interval) -> str:
    return _("not known") if value is None else str(Estimate(value, interval))
