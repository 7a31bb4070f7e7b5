"""Epochs of training runs in, plotly figures out; no Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import plotly.graph_objects as go

from dermnet_core.i18n import N_, _, count, decimal, percent, separators
from dermnet_core.training.status import Epoch

Measure = Literal["accuracy", "loss", "learning_rate", "photos_per_second"]
MEASURES: Mapping[Measure, str] = {
    "accuracy": N_("Accuracy, %"),
    "loss": N_("Loss"),
    "learning_rate": N_("Learning rate"),
    "photos_per_second": N_("Photos a second"),
}
BEHIND = "#7F8A90"
"""Neutral grey of the runs that are compared with the chosen one."""
_HEIGHT, _SMALL = 280, 170
_MARGINS = {"l": 8, "r": 8, "t": 26, "b": 32}
_TRAINED = ("accuracy", "loss")
_LINE = 0.09
"""Height of a line of text, as a share of the span of the values."""
_LABEL_ROOM = 1.32
"""The axis is so much longer than the last epoch: direct labels stand to the right of the lines."""


@dataclass(frozen=True)
class Curve:
    """The epochs of one run and how to draw them."""

    name: str
    epochs: Sequence[Epoch]
    colour: str


def curves_chart(measure: Measure, chosen: Curve, behind: Sequence[Curve] = ()) -> go.Figure:
    """Draw one measure over the epochs of all stages: validation as a line, training dashed, the best value marked.

    Args:
        measure: what to draw.
        chosen: drawn in its model's colour.
        behind: other runs, drawn in grey behind it; only their validation.
    """
    chart = go.Figure()
    for curve in behind:
        _line(chart, curve, measure, validation=True, width=1.5, colour=BEHIND)
    if measure in _TRAINED:
        _line(chart, chosen, measure, validation=False, width=1.5, dash="dot", colour=chosen.colour)
    _line(chart, chosen, measure, validation=True, width=2.5, colour=chosen.colour)
    _labels(chart, measure, chosen, behind)
    _stages(chart, chosen, named=measure in _TRAINED)
    if measure == "accuracy":
        _best(chart, chosen)
    longest = max((len(curve.epochs) for curve in (chosen, *behind)), default=1)
    room = _LABEL_ROOM if measure in _TRAINED or behind else 1.05
    chart.update_xaxes(
        title_text=_("Epoch"), range=[0.5, max(longest, 3) * room + 0.5], fixedrange=True, zeroline=False,
        tickvals=_ticks(longest), showgrid=False,
    )  # fmt: skip
    chart.update_yaxes(
        fixedrange=True, zeroline=False, nticks=5, side="left", automargin=True,
        rangemode="normal" if measure == "loss" else "tozero",
    )  # fmt: skip
    if measure == "learning_rate":
        chart.update_yaxes(type="log", tickformat=".0e")
    chart.add_annotation(
        text=f"<b>{_(MEASURES[measure])}</b>", x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
        yshift=4, showarrow=False,
    )  # fmt: skip
    height = _HEIGHT if measure in _TRAINED else _SMALL
    return chart.update_layout(
        height=height, margin=_MARGINS, showlegend=False, dragmode=False, separators=separators()
    )


def curves_text(chosen: Curve) -> str:
    """Say in a sentence what the curves show."""
    if not chosen.epochs:
        return _("{name}: no finished epoch yet.").format(name=chosen.name)
    best = max(chosen.epochs, key=lambda epoch: epoch.val_accuracy)
    last = chosen.epochs[-1]
    return _(
        "{name}: after {n} epochs the validation accuracy is {validation} and the training accuracy {training}; the "
        "best validation accuracy is {best}."
    ).format(
        name=chosen.name, n=count(len(chosen.epochs)), validation=percent(last.val_accuracy),
        training=percent(last.accuracy), best=percent(best.val_accuracy),
    )  # fmt: skip


def _values(curve: Curve, measure: Measure, validation: bool) -> list[float]:
    name = f"val_{measure}" if validation and measure in _TRAINED else measure
    factor = 100.0 if measure == "accuracy" else 1.0
    return [factor * float(getattr(epoch, name)) for epoch in curve.epochs]


def _line(
    chart: go.Figure,
    curve: Curve,
    measure: Measure,
    *,
    validation: bool,
    width: float,
    colour: str,
    dash: str = "solid",
) -> None:
    values = _values(curve, measure, validation)
    what = _measured(measure, validation)
    number = ".1e" if measure == "learning_rate" else ".1f" if measure != "loss" else ".3f"
    hover = _("{name}, {what}, epoch {epoch}: {value}")
    hover = hover.format(name=curve.name, what=what, epoch="%{x}", value=f"%{{y:{number}}}")
    chart.add_scatter(
        x=list(range(1, len(values) + 1)),
        y=[value or None for value in values] if measure == "learning_rate" else values,  # no place for 0 on a log axis
        mode="lines+markers" if len(values) < 4 else "lines",
        name=f"{curve.name}, {what}",
        line={"color": colour, "width": width, "dash": dash},
        hovertemplate=hover + "<extra></extra>",
    )


def _measured(measure: Measure, validation: bool) -> str:
    """Say what a line shows, in small letters."""
    if measure in _TRAINED:
        return _("validation") if validation else _("training")
    return _("learning rate") if measure == "learning_rate" else _("photos a second")


def _labels(chart: go.Figure, measure: Measure, chosen: Curve, behind: Sequence[Curve]) -> None:
    ends: list[tuple[float, int, str]] = []
    if chosen.epochs and measure in _TRAINED:
        ends = [
            (_values(chosen, measure, validation)[-1], len(chosen.epochs), text)
            for validation, text in ((True, _measured(measure, True)), (False, _measured(measure, False)))
        ]
    for curve in behind:
        if curve.epochs:
            ends.append((_values(curve, measure, True)[-1], len(curve.epochs), curve.name))
    span = _span(chart)
    for (value, epoch, text), place in zip(ends, _apart([end[0] for end in ends], span * _LINE), strict=True):
        label = f"{text} {decimal(value)}" if measure == "accuracy" else text
        chart.add_annotation(x=epoch, y=place, text=label, xanchor="left", xshift=6, showarrow=False)


def _span(chart: go.Figure) -> float:
    values = [float(value) for trace in chart.data for value in trace.y if value is not None]
    return max(values, default=1.0) - min(values, default=0.0) or 1.0


def _apart(values: Sequence[float], distance: float) -> list[float]:
    """Return places for labels at these heights that lie at least so far apart."""
    order = sorted(range(len(values)), key=values.__getitem__)
    places = list(values)
    for low, high in pairwise(order):
        places[high] = max(places[high], places[low] + distance)
    return places


def _best(chart: go.Figure, chosen: Curve) -> None:
    if len(chosen.epochs) < 2:
        return
    values = _values(chosen, "accuracy", True)
    place = max(range(len(values)), key=values.__getitem__)
    chart.add_scatter(
        x=[place + 1], y=[values[place]], mode="markers", hoverinfo="skip", name=_("best"),
        marker={"color": chosen.colour, "size": 11, "symbol": "diamond"},
    )  # fmt: skip
    best = _("best {value}").format(value=decimal(values[place]))
    if place < len(values) - 1:  # else the label of the line says the same
        chart.add_annotation(x=place + 1, y=values[place], text=best, yshift=14, showarrow=False)


def _stages(chart: go.Figure, chosen: Curve, *, named: bool) -> None:
    for number, (before, after) in enumerate(zip(chosen.epochs, chosen.epochs[1:], strict=False), start=1):
        if after.stage != before.stage:
            chart.add_vline(x=number + 0.5, line={"color": BEHIND, "width": 1, "dash": "dash"})
            if named:
                chart.add_annotation(
                    x=number + 0.5, y=1, yref="paper", yanchor="bottom", xanchor="left",
                    text=_("stage {n}").format(n=after.stage), showarrow=False, yshift=4,
                )  # fmt: skip


def _ticks(longest: int) -> list[int]:
    step = max(1, round(longest / 6))
    return sorted({1, *range(step, longest + 1, step)})
