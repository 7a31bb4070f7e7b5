"""Figures and cards in, plotly figures out; no Streamlit.

Text takes the colour of the page's theme; the models' colours mark points, lines and bars.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from dermnet_core.artifacts import ModelCard
from dermnet_core.i18n import _, count
from dermnet_core.labels import display_name
from dermnet_ui.case import FEW_PHOTOS, colour, short_name
from dermnet_ui.charts_points import Series, points_chart
from dermnet_ui.scored import FIGURES, Scored

_BAR = 36
_MARGINS = {"l": 8, "r": 8, "t": 8, "b": 8}


def figures_chart(models: Sequence[Scored]) -> go.Figure:
    """Draw the headline figures of each model as points with 95 % intervals on one axis from 0 to 100."""
    return points_chart([_(title) for title in FIGURES.values()], [_series(model) for model in models])


def _series(model: Scored) -> Series:
    return Series(
        short_name(model.card),
        colour(model.card),
        [getattr(model.view.figures, name) for name in FIGURES],
        [model.view.intervals[name] for name in FIGURES],
        [f"{_(title)}: {model.text(name)}" for name, title in FIGURES.items()],
    )


def photos_chart(card: ModelCard) -> go.Figure:
    """Draw the training photos per class as sorted bars from zero; classes with few photos are marked in words."""
    rows = sorted(card.train_counts.items(), key=lambda row: row[1])
    chart = go.Figure()
    chart.add_bar(
        x=[n for _label, n in rows],
        y=list(range(len(rows))),
        width=0.3,
        orientation="h",
        marker={"color": colour(card)},
        hoverinfo="skip",
    )
    for row, (label, n) in enumerate(rows):
        # Above the bar, because beside it there is no room on a phone.
        text = _("{name} · {n} · few") if n < FEW_PHOTOS else "{name} · {n}"
        text = text.format(name=display_name(label), n=count(n))
        chart.add_annotation(x=0, y=row + 0.45, text=text, xanchor="left", showarrow=False)
    chart.update_xaxes(rangemode="tozero", visible=False, fixedrange=True)
    chart.update_yaxes(range=[-0.3, len(rows)], visible=False, fixedrange=True)
    return chart.update_layout(height=_BAR * len(rows) + 16, margin=_MARGINS, showlegend=False)
