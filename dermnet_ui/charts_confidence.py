"""How far the scores can be leaned on: reliability diagrams and risk-coverage curves; no Streamlit.

Text takes the colour of the page's theme; the models' colours mark points, lines and bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dermnet_core.evaluation.reliability import Abstention, ReliabilityCurve, RiskCoverage
from dermnet_core.i18n import N_, _, count, decimal, percent
from dermnet_ui.charts_points import MARK_COLOUR

CARD, YOURS = N_("card"), N_("yours")
"""Whose a threshold is."""
_HEIGHT = 360
_COUNTS = 0.2
"""Share of the height that the bars with the photos of each bin take."""
_POINTS = 400
"""Most points that a curve is drawn with."""
_TICKS = [0, 20, 40, 60, 80, 100]


@dataclass(frozen=True)
class RiskLine:
    """The risk-coverage curve of one model, with what one threshold does."""

    name: str
    colour: str
    curve: RiskCoverage
    marks: Sequence[tuple[str, Abstention]]
    """CARD or YOURS, and what that threshold does."""


def reliability_chart(curve: ReliabilityCurve, colour: str) -> go.Figure:
    """Draw accuracy against mean score of each bin that holds photos, with 95 % intervals; below, photos per bin."""
    bins = np.flatnonzero(curve.n)
    score, right = 100 * curve.confidence[bins], 100 * curve.accuracy[bins]
    lows = np.array([100 * curve.intervals[i].low for i in bins])
    highs = np.array([100 * curve.intervals[i].high for i in bins])
    hovers = [_bin_hover(curve, int(i)) for i in bins]
    some = _("{n} photos").format(n="%{y:,}")
    middles = 50 * (curve.edges[:-1] + curve.edges[1:])
    chart = go.Figure(
        [
            go.Scatter(x=[0, 100], y=[0, 100], mode="lines", line={"color": MARK_COLOUR, "dash": "dot", "width": 1.5},
                       hoverinfo="skip"),
            go.Scatter(x=score, y=right, mode="lines+markers", line={"color": colour, "width": 1.5},
                       marker={"color": colour, "size": 8}, cliponaxis=False, hovertext=hovers, hoverinfo="text",
                       error_y=_intervals(right, lows, highs, colour)),
            go.Bar(x=middles, y=curve.n, width=100 / len(curve.n) * 0.85, yaxis="y2", marker={"color": MARK_COLOUR},
                   hovertemplate=f"{some}<extra></extra>"),
        ]
    )  # fmt: skip
    return chart.update_layout(
        xaxis=_axis(_("Model score, 0 to 100"), [0, 100]) | {"anchor": "y2"},
        yaxis=_axis(_("Right, %"), [0, 102]) | {"domain": [_COUNTS + 0.14, 1.0]},
        yaxis2={"domain": [0.0, _COUNTS], "rangemode": "tozero", "visible": False, "fixedrange": True},
        annotations=[
            _text(4, 96, _("right more often than the score says")),
            {"x": 98, "y": 4, "xanchor": "right", "text": _("less often"), "showarrow": False, "opacity": 0.85},
            {"x": 0, "y": _COUNTS + 0.07, "yref": "paper", "xanchor": "left", "showarrow": False, "opacity": 0.85,
             "text": _("Photos per bin, at most {n}").format(n=count(int(curve.n.max())))},
        ],
        height=_HEIGHT,
        margin={"l": 44, "r": 8, "t": 8, "b": 44},
        showlegend=False,
        dragmode=False,
    )  # fmt: skip


def _bin_hover(curve: ReliabilityCurve, i: int) -> str:
    interval = curve.intervals[i]
    return _(
        "{n} photos with scores from {low} to {high}:<br>mean score {score}, right {share} (95 %: {least}–{most})"
    ).format(
        n=count(int(curve.n[i])), low=decimal(100 * curve.edges[i], 0), high=decimal(100 * curve.edges[i + 1], 0),
        score=decimal(100 * curve.confidence[i]), share=percent(curve.accuracy[i]), least=decimal(100 * interval.low),
        most=decimal(100 * interval.high),
    )  # fmt: skip


def risk_chart(lines: Sequence[RiskLine]) -> go.Figure:
    """Draw the error among the kept answers against the share of photos that get one; thresholds are marked."""
    chart, notes = go.Figure(), []
    lowest = min(float(line.curve.error[-1]) for line in lines)
    for line in lines:
        # Names stand outside the pair of curves; the lower one further off, since its curve falls to the left.
        curve = line.curve
        below = len(lines) > 1 and float(curve.error[-1]) == lowest
        keep = np.unique(np.linspace(0, len(curve.coverage) - 1, _POINTS).astype(int))
        share, error = 100 * curve.coverage[keep], 100 * curve.error[keep]
        words = _("{name}: answers {share} of the photos, {wrong} of these wrong<br>score {score} or more")
        hovers = [
            words.format(name=line.name, share=percent(s), wrong=percent(e), score=decimal(100 * t, 0))
            for s, e, t in zip(
                *(values[keep] for values in (curve.coverage, curve.error, curve.thresholds)), strict=True
            )
        ]
        chart.add_trace(
            go.Scatter(x=share, y=error, mode="lines", line={"color": line.colour, "width": 2.5}, hovertext=hovers,
                       hoverinfo="text", name=line.name)
        )  # fmt: skip
        notes.append(_text(share[-1], error[-1], line.name) | {"xanchor": "right", "yshift": -44 if below else 14})
        marked = [(name, found) for name, found in line.marks if found.error is not None]
        chart.add_trace(_marks(line, marked))
        notes += [_mark_label(found, name) for name, found in marked]
    return chart.update_layout(
        xaxis=_axis(_("Photos that get an answer, %"), [0, 101]),
        yaxis=_axis(_("Wrong among these, %"), [0, 100]),
        annotations=notes,
        height=_HEIGHT + 40,
        margin={"l": 44, "r": 8, "t": 8, "b": 44},
        showlegend=False,
        dragmode=False,
    )


def _marks(line: RiskLine, marked: Sequence[tuple[str, Abstention]]) -> go.Scatter:
    values = np.array([[100 * found.coverage, 100 * (found.error or 0.0), 100 * found.interval.low,
                        100 * found.interval.high] for _name, found in marked]).reshape(-1, 4)  # fmt: skip
    words = _("{name}, {whose} {threshold}: n = {n}, {share} wrong (95 %: {low}–{high})")
    hovers = [
        words.format(
            name=line.name, whose=_(whose), threshold=decimal(100 * found.threshold, 0), n=count(found.n),
            share=percent(found.error or 0.0), low=decimal(value[2]), high=decimal(value[3]),
        )
        for (whose, found), value in zip(marked, values, strict=True)
    ]  # fmt: skip
    symbols = ["diamond", "circle-open"]
    return go.Scatter(
        x=values[:, 0], y=values[:, 1], mode="markers", hovertext=hovers,
        hoverinfo="text", marker={"color": line.colour, "size": 12, "symbol": symbols[: len(marked)],
                                  "line": {"width": 2, "color": line.colour}},
        error_y=_intervals(values[:, 1], values[:, 2], values[:, 3], line.colour),
    )  # fmt: skip


def _mark_label(found: Abstention, name: str) -> dict[str, Any]:
    place = {"xanchor": "right", "xshift": -10, "yshift": 14}
    return (
        _text(100 * found.coverage, 100 * (found.error or 0.0), f"{_(name)} {decimal(100 * found.threshold, 0)}")
        | place
    )


def _intervals(values: Any, lows: Any, highs: Any, colour: str) -> dict[str, Any]:
    return {"type": "data", "symmetric": False, "array": highs - values, "arrayminus": values - lows, "color": colour,
            "thickness": 1.5, "width": 0}  # fmt: skip


def _axis(title: str, ends: list[int]) -> dict[str, Any]:
    return {"title": {"text": title}, "range": ends, "tickvals": _TICKS, "zeroline": False, "fixedrange": True}


def _text(x: float, y: float, text: str) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "xanchor": "left", "showarrow": False, "opacity": 0.85}
