"""Classes side by side: dumbbells of both models, and where the errors of one class go; no Streamlit.

Names stand above the marks, because beside them there is no room on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dermnet_core.labels import display_name
from dermnet_ui.charts_points import MARK_COLOUR, error_bars, key_above
from dermnet_ui.evaluation.class_rows import ClassRow
from dermnet_ui.evaluation.selection import Selection, Side
from dermnet_ui.evaluation.terms import PER_CLASS

_ROW, _BAR_ROW = 72, 26
_LOWER = 0.2
"""How far the second model's point lies below the first's, so that their intervals do not cover each other."""
_MARGINS = {"l": 8, "r": 8, "t": 8, "b": 28}


@dataclass(frozen=True)
class Flow:
    """How many photos went between a class and another one, for each side."""

    label: str
    """Class folder, or ``REST``."""
    counts: tuple[int, ...]


REST = "other classes"


def dumbbell_chart(rows: Sequence[ClassRow], selection: Selection, figure: str) -> go.Figure:
    """Draw one figure of each class, 0 to 100, the first row on top: a point a side, its 95 % interval, a link between.

    Each point carries its class folder as ``customdata``.
    """
    chart, places = go.Figure(), [-float(place) for place in range(len(rows))]
    drawn = [(row, place) for row, place in zip(rows, places, strict=True) if row.shown]
    if len(selection.sides) == 2:
        chart.add_trace(_links(drawn, figure))
    for number, side in enumerate(selection.sides):
        chart.add_trace(_points(drawn, number, side, figure))
    notes, shapes, margin = key_above([(side.name, side.colour) for side in selection.sides])
    for row, place in zip(rows, places, strict=True):
        notes += [_note(0, place, f"<b>{_escape(row.name)}</b><br>{_support(row)}", "left")]
        notes += [_note(100, place, f"<br>{_values(row, figure)}", "right")]
    height = _ROW * len(rows)
    return chart.update_layout(
        xaxis={"range": [-1, 101], "tickvals": [0, 20, 40, 60, 80, 100], "zeroline": False, "fixedrange": True},
        yaxis={"range": [-len(rows) + 0.4, 0.65], "visible": False, "fixedrange": True},
        annotations=notes,
        shapes=shapes,
        height=height + margin + _MARGINS["b"],
        margin=_MARGINS | {"t": margin},
        showlegend=False,
        dragmode=False,
        clickmode="event+select",
    )


def flows(selection: Selection, label: str, *, called: bool, limit: int = 8) -> list[Flow]:
    """Return where photos of a class went, or whose photos came to it; the most photos first, the class itself on top.

    Args:
        selection: one or two sides.
        label: class folder.
        called: what photos of this class were called; otherwise which classes' photos were called this class.
        limit: how many other classes are named; the rest is added up.
    """
    place = selection.classes.index(label)
    columns = [_counts(side, place, called) for side in selection.sides]
    found = [Flow(name, tuple(column[i] for column in columns)) for i, name in enumerate(selection.classes)]
    own = found.pop(place)
    others = sorted((flow for flow in found if any(flow.counts)), key=lambda flow: -sum(flow.counts))
    rest = tuple(sum(column) for column in zip(*(flow.counts for flow in others[limit:]), strict=True))
    return [own, *others[:limit], *([Flow(REST, rest)] if rest else [])]


def flow_chart(found: Sequence[Flow], selection: Selection) -> go.Figure:
    """Draw photos as bars from zero, a row for each flow, a bar a side."""
    sides = selection.sides
    unit = 1 + len(sides)
    tops = [-float(unit * place) - 0.3 * place for place in range(len(found))]
    chart = go.Figure()
    for number, side in enumerate(sides, start=1):
        chart.add_bar(
            x=[flow.counts[number - 1] for flow in found], y=[top - number + 0.15 for top in tops], width=0.62,
            orientation="h", name=side.name, marker={"color": side.colour},
            hovertemplate=f"{side.name}: %{{x:,}} photos<extra></extra>",
        )  # fmt: skip
    notes, shapes, margin = key_above([(side.name, side.colour) for side in sides])
    for place, (top, flow) in enumerate(zip(tops, found, strict=True)):
        right = " (right)" if place == 0 else ""
        counts = " · ".join(f"{count:,}" for count in flow.counts)
        notes.append(_note(0, top, f"{_escape(display_name(flow.label))}{right}: {counts}", "left", middle=True))
    bottom = tops[-1] - unit
    return chart.update_layout(
        xaxis={"rangemode": "tozero", "visible": False, "fixedrange": True},
        yaxis={"range": [bottom, 0.8], "visible": False, "fixedrange": True},
        annotations=notes,
        shapes=shapes,
        height=round(_BAR_ROW * (0.8 - bottom) * 0.85) + margin + 8,
        margin=_MARGINS | {"t": margin, "b": 8},
        showlegend=False,
        dragmode=False,
        barmode="overlay",
    )


def dumbbell_text(rows: Sequence[ClassRow], selection: Selection, figure: str) -> str:
    """Say what ``dumbbell_chart`` shows."""
    return f"{PER_CLASS[figure].title} of {' and '.join(side.name for side in selection.sides)}. " + "; ".join(
        f"{row.name}: {_values(row, figure)}, {row.tests} test photos" for row in rows
    )


def _counts(side: Side, place: int, called: bool) -> tuple[int, ...]:
    matrix = side.view.confusion
    return matrix[place] if called else tuple(row[place] for row in matrix)


def _points(drawn: Sequence[tuple[ClassRow, float]], number: int, side: Side, figure: str) -> go.Scatter:
    scores = [row.scores[number] for row, _ in drawn]
    values = [score.values[figure] for score in scores]
    return go.Scatter(
        x=[100 * value for value in values],
        y=[place - _LOWER * number for _, place in drawn],
        mode="markers",
        name=side.name,
        customdata=[[row.label] for row, _ in drawn],
        marker={"color": side.colour, "size": 11},
        error_x=dict(error_bars(values, [score.intervals[figure] for score in scores], side.colour)),
        hovertext=[
            f"{side.name}, {_escape(row.name)}: {score.estimate(figure)}, n = {score.of(figure):,}"
            for (row, _), score in zip(drawn, scores, strict=True)
        ],
        hoverinfo="text",
    )


def _links(drawn: Sequence[tuple[ClassRow, float]], figure: str) -> go.Scatter:
    """Return a grey line between the two points of each class."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, place in drawn:
        x += [*(100 * score.values[figure] for score in row.scores), None]
        y += [place, place - _LOWER, None]
    return go.Scatter(
        x=x, y=y, mode="lines", line={"color": MARK_COLOUR, "width": 5}, opacity=0.35, hoverinfo="skip", name="link"
    )


def _support(row: ClassRow) -> str:
    few = ": few" if row.thin else ""
    return f"{row.tests} test · {row.trains} training{few}"


def _values(row: ClassRow, figure: str) -> str:
    if not row.shown:
        return "no photos in this view"
    text = " → ".join(f"{100 * score.values[figure]:.1f}" for score in row.scores)
    return f"{text} ({100 * row.difference(figure):+.1f})".replace("-", "−") if len(row.scores) == 2 else text


def _note(x: float, place: float, text: str, side: str, *, middle: bool = False) -> dict[str, Any]:
    where = {"y": place} if middle else {"y": place + 0.18, "yanchor": "bottom"}
    return {"x": x, "text": text, "xanchor": side, "align": side, "showarrow": False, **where}


def _escape(text: str) -> str:
    """Keep a folder's name from being read as markup by plotly."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
