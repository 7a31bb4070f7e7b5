"""Classes side by side: dumbbells of both models, and where the errors of one class go; no Streamlit.

Names stand above the marks, because beside them there is no room on a phone.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dermnet_core.i18n import _, count, decimal, together
from dermnet_ui.charts_frame import literal
from dermnet_ui.charts_points import MARK_COLOUR, PERCENT, error_bars, key_above
from dermnet_ui.evaluation.class_rows import ClassRow
from dermnet_ui.evaluation.one_vs_rest import Flow
from dermnet_ui.evaluation.selection import Selection, Side
from dermnet_ui.evaluation.terms import PER_CLASS

_ROW, _LINE, _GAP = 72, 20, 8
_LOWER = 0.2
"""How far the second model's point lies below the first's, so that their intervals do not cover each other."""
_MARGINS = {"l": 8, "r": 8, "t": 8, "b": 28}


def dumbbell_chart(rows: Sequence[ClassRow], selection: Selection, figure: str) -> go.Figure:
    """Draw one figure of each class, 0 to 100, the first row on top: a point a side, its 95 % interval, a link between.

    Classes without photos in the view are left out. Each point carries its class folder as ``customdata``.
    """
    drawn = [(row, -float(place)) for place, row in enumerate(row for row in rows if row.shown)]
    chart = go.Figure()
    if len(selection.sides) == 2:
        chart.add_trace(_links(drawn, figure))
    for number, side in enumerate(selection.sides):
        chart.add_trace(_points(drawn, number, side, figure))
    notes, shapes, margin = key_above([(side.name, side.colour) for side in selection.sides])
    for row, place in drawn:
        notes += [_note(0, place, f"<b>{literal(row.name)}</b><br>{_support(row)}", "left")]
        notes += [_note(100, place, f"<br>{_values(row, figure)}", "right")]
    height = _ROW * len(drawn)
    return chart.update_layout(
        xaxis={"range": [-2.5, 102.5], **PERCENT},
        yaxis={"range": [-len(drawn) + 0.4, 0.65], "visible": False, "fixedrange": True},
        annotations=notes,
        shapes=shapes,
        height=height + margin + _MARGINS["b"],
        margin=_MARGINS | {"t": margin},
        showlegend=False,
        dragmode=False,
        clickmode="event+select",
    )


def flow_chart(flows: Sequence[Flow], sides: Sequence[Side]) -> go.Figure:
    """Draw photos as bars from zero, a row for each flow, the first on top, a bar a side."""
    row = _LINE * (1 + len(sides)) + _GAP
    tops = [-float(row * place) for place in range(len(flows))]
    chart = go.Figure()
    for number, side in enumerate(sides, start=1):
        chart.add_bar(
            x=[flow.counts[number - 1] for flow in flows], y=[top - _LINE * number for top in tops], width=0.6 * _LINE,
            orientation="h", name=side.name, marker={"color": side.colour},
            hovertemplate=_("{name}: {n} photos").format(name=side.name, n="%{x:,}") + "<extra></extra>",
        )  # fmt: skip
    notes, shapes, margin = key_above([(side.name, side.colour) for side in sides])
    for top, flow in zip(tops, flows, strict=True):
        counts = " · ".join(count(n) for n in flow.counts)
        notes.append({
            "x": 0, "y": top, "text": f"{literal(flow.title)}: {counts}", "xanchor": "left", "showarrow": False,
        })  # fmt: skip
    height = row * len(flows)
    return chart.update_layout(
        xaxis={"rangemode": "tozero", "visible": False, "fixedrange": True},
        yaxis={"range": [0.6 * _LINE - height, 0.6 * _LINE], "visible": False, "fixedrange": True},
        annotations=notes,
        shapes=shapes,
        height=height + margin + 8,
        margin=_MARGINS | {"t": margin, "b": 8},
        showlegend=False,
        dragmode=False,
        barmode="overlay",
    )


def flow_text(flows: Sequence[Flow], sides: Sequence[Side]) -> str:
    """Say what ``flow_chart`` shows."""
    head = _("Photos, {names}.").format(names=together(side.name for side in sides))
    return f"{head} " + "; ".join(f"{flow.title}: {together(map(str, flow.counts))}" for flow in flows)


def dumbbell_text(rows: Sequence[ClassRow], selection: Selection, figure: str) -> str:
    """Say what ``dumbbell_chart`` shows."""
    names = together(side.name for side in selection.sides)
    each = _("{name}: {values}, {n} test photos")
    return (
        _("{figure} of {names}.").format(figure=PER_CLASS[figure].title, names=names)
        + " "
        + "; ".join(each.format(name=row.name, values=_values(row, figure), n=row.tests) for row in rows if row.shown)
    )


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
            f"{side.name}, {literal(row.name)}: {score.estimate(figure)}, n = {count(score.of(figure))}"
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
    text = _("{n} test · {m} training: few") if row.thin else _("{n} test · {m} training")
    return text.format(n=row.tests, m=row.trains)


def _values(row: ClassRow, figure: str) -> str:
    text = " → ".join(decimal(100 * score.values[figure]) for score in row.scores)
    difference = decimal(100 * row.difference(figure))
    signed = difference if difference.startswith("-") else f"+{difference}"
    return f"{text} ({signed})".replace("-", "−") if len(row.scores) == 2 else text


def _note(x: float, place: float, text: str, side: str) -> dict[str, Any]:
    return {
        "x": x, "y": place + 0.12, "text": text, "xanchor": side, "yanchor": "bottom", "align": side,
        "showarrow": False,
    }  # fmt: skip
