"""The trials of a search in, plotly figures out; no Streamlit."""

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dermnet_core.i18n import _, percent, separators, significant
from dermnet_core.tuning.space import SPACE, Parameter, Value
from dermnet_core.tuning.table import SearchTable, Trial

_COLOUR = "#0072B2"
"""That of the CNN, which is what is searched."""
_MARGINS = {"l": 8, "r": 8, "t": 26, "b": 32}
_ROW = 34
_SCALE = [[0.0, "#3b528b"], [0.5, "#21918c"], [1.0, "#7ad151"]]
"""The middle of viridis: its ends vanish on a dark and on a light page."""


def progress_chart(table: SearchTable) -> go.Figure:
    """Draw the validation accuracy of each completed trial as a dot, and the best so far as a step line."""
    trials, chart = table.completed, go.Figure()
    hover = _("trial {number}: {value} %").format(number="%{x}", value="%{y:.1f}")
    numbers = [trial.number for trial in trials]
    values = [_percent(trial) for trial in trials]
    best = [max(values[: place + 1]) for place in range(len(values))]
    chart.add_scatter(
        x=numbers, y=best, mode="lines", line={"color": _COLOUR, "width": 2, "shape": "hv"}, hoverinfo="skip",
        name=_("best so far"),
    )  # fmt: skip
    chart.add_scatter(
        x=numbers, y=values, mode="markers", marker={"color": _COLOUR, "size": 8, "opacity": 0.6}, name=_("trials"),
        hovertemplate=hover + "<extra></extra>",
    )  # fmt: skip
    if table.best:
        chart.add_annotation(
            x=table.best.number, y=_percent(table.best), yshift=14, showarrow=False,
            text=_("best {value}, trial {number}").format(
                value=percent(table.best.val_accuracy or 0.0), number=table.best.number
            ),
        )  # fmt: skip
    title, last = _("Validation accuracy, %"), max([table.settings.trials, *numbers])
    chart.update_xaxes(title_text=_("Trial"), range=[0.3, last + 0.7], fixedrange=True, showgrid=False, zeroline=False)
    low, high = min(values, default=0.0), max(values, default=1.0)
    pad = max(1.0, 0.25 * (high - low))
    chart.update_yaxes(
        range=[max(0.0, low - pad), high + pad], fixedrange=True, zeroline=False, nticks=5, automargin=True
    )
    chart.add_annotation(
        text=f"<b>{title}</b>", x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
        yshift=4, showarrow=False,
    )  # fmt: skip
    return chart.update_layout(height=300, margin=_MARGINS, showlegend=False, dragmode=False, separators=separators())


def parallel_chart(table: SearchTable) -> go.Figure:
    """Draw each completed trial as a line through its values, coloured by validation accuracy (part of viridis)."""
    trials = table.completed
    dimensions = [_dimension(parameter, trials) for parameter in SPACE]
    accuracy = [_percent(trial) for trial in trials]
    dimensions.append({"label": _("Accuracy, %"), "values": accuracy, "tickformat": ".0f"})
    chart = go.Figure(
        go.Parcoords(
            dimensions=dimensions,
            line={"color": accuracy, "colorscale": _SCALE, "showscale": False},
            labelangle=-20,
            labelside="top",
        )
    )
    return chart.update_layout(height=380, margin={"l": 40, "r": 40, "t": 80, "b": 24})


def parallel_text(table: SearchTable) -> str:
    """Say in words what the parallel coordinates show: the values that the best trials share."""
    best = sorted(table.completed, key=_percent, reverse=True)[:3]
    rows = ("; ".join(f"{_(p.title)} {value_text(p, t.values.get(p.name))}" for p in SPACE) for t in best)
    trials = " · ".join(f"{percent(t.val_accuracy or 0.0)}: {row}" for t, row in zip(best, rows, strict=True))
    return _("The best trials: {trials}").format(trials=trials)


def importance_chart(shares: Sequence[tuple[str, float]]) -> go.Figure:
    """Draw the importance of each hyperparameter as sorted bars from zero, in per cent."""
    parameters = {parameter.name: parameter for parameter in SPACE}
    chart, rows = go.Figure(), [-float(row) for row in range(len(shares))]
    chart.add_bar(
        x=[100 * share for _name, share in shares], y=rows, width=0.3, orientation="h", marker={"color": _COLOUR},
        customdata=[[_(parameters[name].title), _(parameters[name].meaning)] for name, _share in shares],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )  # fmt: skip
    for row, (name, share) in zip(rows, shares, strict=True):
        text = f"{_(parameters[name].title)} · {percent(share, 0)}"
        chart.add_annotation(x=0, y=row + 0.42, text=text, xanchor="left", showarrow=False)
    chart.update_yaxes(range=[-len(shares) + 0.6, 0.8], visible=False, fixedrange=True)
    chart.update_xaxes(rangemode="tozero", visible=False, fixedrange=True)
    height = _ROW * len(shares) + 16
    return chart.update_layout(height=height, margin=_MARGINS | {"t": 8, "b": 8}, showlegend=False, dragmode=False)


def value_text(parameter: Parameter, value: Value | None) -> str:
    """Return a value as people write it; a dash for a block that the network lacks."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.0e}" if 0 < value < 1e-3 else significant(value, 4 if parameter.choices else 2)
    return str(value)


def _dimension(parameter: Parameter, trials: Sequence[Trial]) -> dict[str, Any]:
    if parameter.choices:
        choices: list[Value] = sorted(parameter.choices, key=lambda choice: 0 if isinstance(choice, str) else choice)
        values = [choices.index(trial.values[parameter.name]) for trial in trials]
        ticks = {"tickvals": list(range(len(choices))), "ticktext": [_tick(choice) for choice in choices]}
        return {"label": _(parameter.title), "values": values, "range": [0, len(choices) - 1], **ticks}
    # A network without this block has no value: it passes below the axis's lowest.
    missing = parameter.low - (parameter.step or 0.0)
    places = [float(trial.values.get(parameter.name, missing)) for trial in trials]
    if parameter.step is None:
        low, high = math.log10(parameter.low), math.log10(parameter.high)
        powers = list(range(math.floor(low), math.ceil(high) + 1))
        ticks = {"tickvals": powers, "ticktext": [f"1e{power}" for power in powers]}
        return {
            "label": _(parameter.title),
            "values": [math.log10(place) for place in places],
            "range": [low, high],
            **ticks,
        }
    low = missing if parameter.blocks else parameter.low
    return {"label": _(parameter.title), "values": places, "range": [low, parameter.high]}


def _tick(value: Value) -> str:
    return significant(value) if isinstance(value, float) else str(value)


def _percent(trial: Trial) -> float:
    return 100.0 * (trial.val_accuracy or 0.0)
