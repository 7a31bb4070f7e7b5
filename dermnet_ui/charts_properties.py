"""Properties, series and splits of a data set in, plotly figures out; no Streamlit.

Blue and orange belong to the two models, so the splits have colours of their own. Text takes the colour of the theme.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from dermnet_core.data.summary import QUANTILES, Distribution
from dermnet_core.i18n import N_, _, count, ngettext, separators, significant
from dermnet_core.labels import display_name
from dermnet_ui.charts_dataset import PART_NAMES, SPLIT_COLOURS, counted
from dermnet_ui.charts_frame import literal

_PANEL, _HEAD, _FOOT = 150, 30, 44
"""Heights in pixels: of a histogram, of the line above it, of the axis below the last one."""
_MARKED = {0.05: N_("5 %: {value}"), 0.5: N_("half: {value}"), 0.95: N_("95 %: {value}")}
_MARGINS = {"l": 8, "r": 8, "t": 8, "b": 8}
_GREY = "#7F8A90"
_ROW, _CLASS_ROW = 32, 62
"""Heights in pixels of a bar with one line above it, and with two."""
_VIEW_SHADES = {"official": "rgba(127,138,144,.3)", "clean": "rgba(204,121,167,.55)", "blocked": "#CC79A7"}


def histogram(spread: Distribution, axis_title: str) -> go.Figure:
    """Draw how a property is spread, one panel a split on one axis, with the marks of three quantiles of all photos.

    Args:
        spread: edges, counts a split, and quantiles.
        axis_title: the property with its unit.
    """
    splits = [split for split in SPLIT_COLOURS if sum(spread.counts.get(split, ()))]
    height = len(splits) * (_HEAD + _PANEL) + _FOOT
    plot, chart = height - _FOOT - _MARGINS["t"], go.Figure()
    for number, split in enumerate(splits):
        top = 1 - number * (_HEAD + _PANEL) / plot
        axis = "y" if number == 0 else f"y{number + 1}"
        place = {
            "range": [0, _highest(spread, split)],
            "domain": [max(0.0, top - (_HEAD + _PANEL) / plot), top - _HEAD / plot],
        }
        chart.update_layout({f"yaxis{axis[1:]}": place | {"fixedrange": True, "nticks": 3, "showgrid": False}})
        _panel(chart, spread, split, axis)
        _marks(chart, spread, axis, _highest(spread, split), words=number == 0)
        photos = sum(spread.counts[split])
        title = ngettext("{n} photo", "{n} photos", photos).format(n=count(photos))
        title = title if split == "all" else f"{_(PART_NAMES[split])} · {title}"
        chart.add_annotation(
            text=title, x=0, y=top - _HEAD / plot, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
            showarrow=False,
        )  # fmt: skip
    kind = "log" if is_logarithmic(spread.edges) else "linear"
    chart.update_xaxes(type=kind, title={"text": axis_title, "standoff": 4}, fixedrange=True, showgrid=False, nticks=8)
    # The axis belongs to the last panel, the lowest.
    chart.update_xaxes(anchor=f"y{len(splits)}" if len(splits) > 1 else "y")
    margins = _MARGINS | {"b": _FOOT, "l": 40}
    return chart.update_layout(
        height=height, margin=margins, showlegend=False, dragmode=False, hovermode="closest", separators=separators()
    )


def is_logarithmic(edges: Sequence[float]) -> bool:
    """Return whether bins widen by a constant factor rather than being of one width."""
    if len(edges) < 3 or edges[0] <= 0:
        return False
    ratios = [high / low for low, high in pairwise(edges)]
    return min(ratios) > 1.0 and max(ratios) - min(ratios) < 0.01 * max(ratios)


def tree_chart(rows: Sequence[tuple[int, str, int]]) -> go.Figure:
    """Draw branches and leaves of a tree of names as bars from zero, each below its branch.

    Args:
        rows: depth (0 for the outermost), name and photos, from top to bottom.
    """
    chart, heights = go.Figure(), [-float(row) for row in range(len(rows))]
    chart.add_bar(
        x=[photos for _depth, _name, photos in rows],
        y=heights,
        width=0.2,
        orientation="h",
        marker={"color": _GREY, "opacity": [1.0 if depth == 0 else 0.6 for depth, _name, _photos in rows]},
        hoverinfo="skip",
    )
    for height, (depth, name, photos) in zip(heights, rows, strict=True):
        _title(chart, height, f"{literal(name)} · {count(photos)}", indent=16 * depth)
    return _as_rows(chart, len(rows))


def parts_chart(counts: Mapping[str, Mapping[str, int]], labels: Sequence[str]) -> go.Figure:
    """Draw, per class, the photos of train, validation (hatched: it is cut from train) and test end to end.

    Args:
        counts: part -> class folder -> photos.
        labels: class folders from top to bottom.
    """
    chart = go.Figure()
    for part in counts:
        pattern = {"shape": "/", "size": 5, "fgcolor": SPLIT_COLOURS["train"], "bgcolor": "rgba(0,0,0,0)"}
        colour = SPLIT_COLOURS["test" if part == "test" else "train"]
        marker: dict[str, Any] = {"color": colour, "line": {"color": colour, "width": 1}}
        _bars(chart, counts[part], labels, part, marker | ({"pattern": pattern} if part == "validation" else {}))
    _class_titles(chart, counts, labels)
    return _as_rows(chart, len(labels), _CLASS_ROW).update_layout(barmode="stack")


def views_chart(counts: Mapping[str, Mapping[str, int]], labels: Sequence[str]) -> go.Figure:
    """Draw, per class, the test photos of each view; each view lies within the one before it.

    Args:
        counts: view (official, clean, blocked) -> class folder -> photos.
        labels: class folders from top to bottom.
    """
    chart = go.Figure()
    for view in counts:
        _bars(chart, counts[view], labels, view, {"color": _VIEW_SHADES.get(view, _GREY)})
    _class_titles(chart, counts, labels)
    return _as_rows(chart, len(labels), _CLASS_ROW).update_layout(barmode="overlay")


def _panel(chart: go.Figure, spread: Distribution, split: str, axis: str) -> None:
    counts, colour = spread.counts[split], SPLIT_COLOURS[split]
    bins = [
        _("{low} to {high}: {n}").format(low=significant(low), high=significant(high), n=count(photos))
        for (low, high), photos in zip(pairwise(spread.edges), counts, strict=True)
    ]
    chart.add_scatter(
        x=list(spread.edges), y=[*counts, counts[-1]], yaxis=axis, name=split, mode="lines",
        line={"shape": "hv", "color": colour, "width": 1.5}, fill="tozeroy", fillcolor=_faded(colour),
        text=[*bins, bins[-1]],
        hoverinfo="text",
    )  # fmt: skip


def _marks(chart: go.Figure, spread: Distribution, axis: str, top: float, words: bool) -> None:
    low, high = spread.edges[0], spread.edges[-1]
    for step, (share, name) in enumerate(_MARKED.items()):
        value = spread.quantiles[QUANTILES.index(share)]
        height = top * (0.78 + 0.09 * step)
        # The words stand on the side where there is room for them, each a line higher than the last.
        side = "middle right" if _position(value, low, high, is_logarithmic(spread.edges)) < 0.5 else "middle left"
        chart.add_scatter(
            x=[value, value], y=[0, height], yaxis=axis, mode="lines+text" if words else "lines",
            line={"color": _GREY, "width": 1, "dash": "dot"}, hoverinfo="skip", textposition=side,
            text=["", _(name).format(value=significant(value))] if words else None, showlegend=False,
        )  # fmt: skip


def _position(value: float, low: float, high: float, logarithmic: bool) -> float:
    if logarithmic:
        value, low, high = (math.log(max(number, 1e-12)) for number in (value, low, high))
    return (value - low) / (high - low) if high > low else 0.0


def _highest(spread: Distribution, split: str) -> float:
    # Room above the highest bin for the words of the quantiles.
    return 1.45 * max(spread.counts[split])


def _bars(
    chart: go.Figure, counts: Mapping[str, int], labels: Sequence[str], name: str, marker: Mapping[str, Any]
) -> None:
    chart.add_bar(
        x=[counts.get(label, 0) for label in labels],
        y=[-float(row) for row in range(len(labels))],
        width=0.24,
        orientation="h",
        name=name,
        marker=dict(marker),
        hovertemplate=f"{counted('%{x:,}', name)}<extra></extra>",
    )


def _class_titles(chart: go.Figure, counts: Mapping[str, Mapping[str, int]], labels: Sequence[str]) -> None:
    for row, label in enumerate(labels):
        numbers = " · ".join(counted(count(counts[part].get(label, 0)), part) for part in counts)
        _title(chart, -float(row), f"{literal(display_name(label))}<br>{numbers}", above=0.12)


def _title(chart: go.Figure, height: float, text: str, indent: int = 0, above: float = 0.16) -> None:
    # Above the bar, because beside it there is no room on a phone.
    chart.add_annotation(
        x=0, y=height + above, text=text, xanchor="left", yanchor="bottom", xshift=indent, align="left", showarrow=False
    )


def _as_rows(chart: go.Figure, rows: int, row: int = _ROW) -> go.Figure:
    chart.update_yaxes(range=[-rows + 0.6, 0.9], visible=False, fixedrange=True)
    chart.update_xaxes(rangemode="tozero", visible=False, fixedrange=True)
    height = row * rows + 24
    return chart.update_layout(
        height=height, margin=_MARGINS, showlegend=False, dragmode=False, separators=separators()
    )


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},.25)"
