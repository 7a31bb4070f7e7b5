"""Figures and cards in, plotly figures out; no Streamlit.

Text takes the colour of the page's theme; the models' colours mark points, lines and bars.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from dermnet_core.artifacts import ModelCard
from dermnet_core.labels import display_name
from dermnet_ui.case import FEW_PHOTOS, colour, short_name
from dermnet_ui.scored import FIGURES, Scored

_ROW, _BAR = 84, 36
_STEP = 0.3
"""Distance between a figure's name and the models below it; the figures are 1 apart."""
_MARGINS = {"l": 8, "r": 8, "t": 8, "b": 28}


def figures_chart(models: Sequence[Scored]) -> go.Figure:
    """Draw the headline figures of each model as points with 95 % intervals on one axis from 0 to 100."""
    chart = go.Figure()
    for row, title in enumerate(FIGURES.values()):
        chart.add_annotation(x=0, y=-row, text=f"<b>{title}</b>", xanchor="left", showarrow=False)
    for number, model in enumerate(models, start=1):
        _add_points(chart, model, _STEP * number)
    chart.update_xaxes(range=[0, 103], tickvals=[0, 20, 40, 60, 80, 100], zeroline=False, fixedrange=True)
    chart.update_yaxes(range=[-len(FIGURES) + 0.2, 0.3], visible=False, fixedrange=True)
    return chart.update_layout(height=_ROW * len(FIGURES), margin=_MARGINS, showlegend=False)


def _add_points(chart: go.Figure, model: Scored, below: float) -> None:
    rows = [-row - below for row in range(len(FIGURES))]
    values = [100 * getattr(model.view.figures, name) for name in FIGURES]
    lows = [100 * model.view.intervals[name].low for name in FIGURES]
    highs = [100 * model.view.intervals[name].high for name in FIGURES]
    chart.add_scatter(
        x=values,
        y=rows,
        mode="markers",
        name=short_name(model.card),
        marker={"color": colour(model.card), "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - value for high, value in zip(highs, values, strict=True)],
            "arrayminus": [value - low for low, value in zip(lows, values, strict=True)],
            "color": colour(model.card),
            "thickness": 1.5,
            "width": 0,
        },
        hovertext=[f"{title}: {model.text(name)}" for name, title in FIGURES.items()],
        hoverinfo="text",
    )
    for row, value, low, high in zip(rows, values, lows, highs, strict=True):
        # The label stands on the side where there is room for it.
        right = value < 60
        place = {"x": high, "xanchor": "left", "xshift": 8} if right else {"x": low, "xanchor": "right", "xshift": -8}
        chart.add_annotation(y=row, text=f"{short_name(model.card)} {value:.1f}", showarrow=False, **place)


def photos_chart(card: ModelCard) -> go.Figure:
    """Draw the training photos per class as sorted bars from zero; classes with few photos are marked in words."""
    rows = sorted(card.train_counts.items(), key=lambda row: row[1])
    chart = go.Figure()
    chart.add_bar(
        x=[count for _, count in rows],
        y=list(range(len(rows))),
        width=0.3,
        orientation="h",
        marker={"color": colour(card)},
        hoverinfo="skip",
    )
    for row, (label, count) in enumerate(rows):
        # Above the bar, because beside it there is no room on a phone.
        few = " · few" if count < FEW_PHOTOS else ""
        text = f"{display_name(label)} · {count:,}{few}"
        chart.add_annotation(x=0, y=row + 0.45, text=text, xanchor="left", showarrow=False)
    chart.update_xaxes(rangemode="tozero", visible=False, fixedrange=True)
    chart.update_yaxes(range=[-0.3, len(rows)], visible=False, fixedrange=True)
    return chart.update_layout(height=_BAR * len(rows) + 16, margin=_MARGINS | {"b": 8}, showlegend=False)
