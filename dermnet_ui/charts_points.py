"""Points with intervals on one axis from 0 to 100, a row a figure: the chart of every headline figure; no Streamlit.

Text takes the colour of the page's theme; the models' colours mark points and lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dermnet_core.evaluation.intervals import Interval
from dermnet_core.i18n import decimal

MARK_COLOUR, GRID = "#7F8A90", "rgba(127,138,144,.25)"
PERCENT: Mapping[str, Any] = {
    "tickvals": [0, 20, 40, 60, 80, 100],
    "showgrid": True,
    "gridcolor": GRID,
    "zeroline": False,
    "fixedrange": True,
}
"""Settings of an axis from 0 to 100."""
_LINE, _GAP = 25, 10
"""Height of a line, and the gap below the lines of a row, in pixels."""
_MARGINS = {"l": 8, "r": 8, "t": 8, "b": 28}


@dataclass(frozen=True)
class Series:
    """What one model has in each row, fractions from 0 to 1."""

    name: str
    colour: str
    values: Sequence[float]
    intervals: Sequence[Interval]
    hovers: Sequence[str]


@dataclass(frozen=True)
class Mark:
    """A quiet grey mark below the models of a row: a value, or a range, that is not ours."""

    row: int
    low: float
    high: float
    text: str
    hover: str


def points_chart(titles: Sequence[str], series: Sequence[Series], marks: Sequence[Mark] = ()) -> go.Figure:
    """Draw a row for each title: below it each series as a point with its 95 % interval, then the row's marks."""
    lines = [1 + len(series) + sum(mark.row == row for mark in marks) for row in range(len(titles))]
    tops = [-sum(_LINE * count + _GAP for count in lines[:row]) for row in range(len(titles))]
    chart, notes = go.Figure(), [_text(0, top, f"<b>{title}</b>") for top, title in zip(tops, titles, strict=True)]
    for place, entry in enumerate(series, start=1):
        rows = [top - _LINE * place for top in tops]
        chart.add_trace(_points(entry, rows))
        notes += [
            _label(row, f"{entry.name} {decimal(100 * value)}", value, interval)
            for row, value, interval in zip(rows, entry.values, entry.intervals, strict=True)
        ]
    taken = [1 + len(series)] * len(titles)
    for mark in marks:
        row = tops[mark.row] - _LINE * taken[mark.row]
        taken[mark.row] += 1
        chart.add_trace(_tick(mark, row))
        notes.append(_label(row, mark.text, mark.low, Interval(mark.low, mark.high)) | {"opacity": 0.85})
    height = sum(_LINE * count + _GAP for count in lines)
    return chart.update_layout(
        xaxis={"range": [0, 103], **PERCENT},
        yaxis={"range": [_LINE * 0.6 - height, _LINE * 0.6], "visible": False, "fixedrange": True},
        annotations=notes,
        height=height + _MARGINS["t"] + _MARGINS["b"],
        margin=_MARGINS,
        showlegend=False,
        dragmode=False,
    )


def error_bars(values: Sequence[float], intervals: Sequence[Interval], colour: str) -> Mapping[str, Any]:
    """Return 95 % intervals (0 to 1) as thin horizontal lines around values (0 to 1), on an axis from 0 to 100."""
    pairs = list(zip(values, intervals, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [100 * (interval.high - value) for value, interval in pairs],
        "arrayminus": [100 * (value - interval.low) for value, interval in pairs],
        "color": colour,
        "thickness": 1.5,
        "width": 0,
    }


def _points(series: Series, rows: Sequence[float]) -> go.Scatter:
    return go.Scatter(
        x=[100 * value for value in series.values],
        y=rows,
        mode="markers",
        name=series.name,
        marker={"color": series.colour, "size": 11},
        error_x=error_bars(series.values, series.intervals, series.colour),
        hovertext=list(series.hovers),
        hoverinfo="text",
    )


def _tick(mark: Mark, row: float) -> go.Scatter:
    """Return a short upright line, or a thick one along a range."""
    wide = mark.high > mark.low
    return go.Scatter(
        x=[100 * mark.low, 100 * mark.high] if wide else [100 * mark.low],
        y=[row, row] if wide else [row],
        mode="lines" if wide else "markers",
        line={"color": MARK_COLOUR, "width": 6},
        marker={"symbol": "line-ns", "size": 14, "line": {"color": MARK_COLOUR, "width": 3}},
        hovertext=mark.hover,
        hoverinfo="text",
        name=mark.text,
    )


def _label(row: float, text: str, value: float, interval: Interval) -> dict[str, Any]:
    """Return a label on the side of the interval where a phone has room for it, or else above the line."""
    if interval.high < 0.55:
        return _text(100 * interval.high, row, text) | {"xshift": 8}
    if interval.low > 0.4:
        return _text(100 * interval.low, row, text) | {"xanchor": "right", "xshift": -8}
    if value < 0.5:
        return _text(100 * value, row, text) | {"xshift": 8, "yshift": 10}
    return _text(100 * value, row, text) | {"xanchor": "right", "xshift": -8, "yshift": 10}


def _text(x: float, y: float, text: str) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "xanchor": "left", "showarrow": False}


def key_above(names: Sequence[tuple[str, str]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return annotations and shapes that name the colours above a drawing, a line each, and the margin they need.

    Args:
        names: what to write, and the colour.
    """
    notes, shapes = [], []
    for line, (name, colour) in enumerate(names):
        up = 8 + 18 * (len(names) - 1 - line)
        notes.append({
            "x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "xshift": 16,
            "yshift": up - 5, "text": name, "showarrow": False,
        })  # fmt: skip
        shapes.append({
            "type": "rect", "xref": "paper", "yref": "paper", "xsizemode": "pixel", "ysizemode": "pixel", "xanchor": 0,
            "yanchor": 1, "x0": 2, "x1": 12, "y0": up, "y1": up + 10, "fillcolor": colour, "line": {"width": 0},
        })  # fmt: skip
    return notes, shapes, 18 * len(names) + 12
