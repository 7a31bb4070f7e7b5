"""Which classes are taken for which others: predictions in, plotly figures out; no Streamlit.

Shades are the models' colours over the page's background, never so dark that the text of a theme is lost on them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dermnet_core.evaluation.errors_found import Confusion
from dermnet_core.i18n import N_, _, count, decimal, percent
from dermnet_core.labels import display_name
from dermnet_ui.case import MODEL_COLOURS
from dermnet_ui.charts_frame import literal
from dermnet_ui.evaluation.selection import Side

FloatArray = NDArray[np.float64]

COUNTS, OF_CLASS, OF_ANSWERS = "counts", "class", "answers"
KINDS: Mapping[str, str] = {
    COUNTS: N_("Counts"),
    OF_CLASS: N_("Recall, %"),
    OF_ANSWERS: N_("Precision, %"),
}
"""What the numbers in the cells are."""
_DARKEST = 0.5
"""Opacity of the darkest cell: text keeps a contrast of 4.5 : 1 on it in both themes (tested)."""
_ACCENT, _GREY = "#0F8279", "#7F8A90"
_BRIEF = 20
"""Characters of a class name on an axis."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 196, 84, 150, 56
_PAIR = 58
"""Height of a pair in pixels."""


@dataclass(frozen=True)
class Cell:
    """Photos of one class that were given to one class, by their places in the order of the classes."""

    true: int
    predicted: int


def confusion_chart(side: Side, kind: str, chosen: Cell | None = None) -> go.Figure:
    """Draw the confusion matrix of one model: a row for each class of the photos, a column for each answer.

    An invisible point on each cell carries its row and column as ``customdata``, because heatmaps take no clicks.

    Args:
        side: the model's answers.
        kind: a key of ``KINDS``.
        chosen: the cell with a frame.
    """
    counts = np.array(side.view.confusion)
    values = shares(counts, kind)
    top = float(counts.sum(axis=1).max()) if kind == COUNTS else 100.0
    scale = _Scale(((0.0, _shade(side.colour, 0.0)), (1.0, _shade(side.colour, _DARKEST))), 0.0, top)
    texts = _texts(values, 0 if kind == COUNTS else 1)
    hovers = _each(len(counts), lambda cell: _hover(side.evaluation.classes, {side.name: counts}, cell))
    return _matrix(side.evaluation.classes, counts, _answers(counts, kind), values, texts, hovers, scale, chosen)


def difference_chart(first: Side, second: Side, kind: str, chosen: Cell | None = None) -> go.Figure:
    """Draw the second model's confusion matrix minus the first one's; where they are equal, the background shows.

    Args:
        first: answers to some photos.
        second: answers of another model to the same photos.
        kind: a key of ``KINDS``; differences of per cents are percentage points.
        chosen: the cell with a frame.
    """
    classes = first.evaluation.classes
    tables = {side.name: np.array(side.view.confusion) for side in (first, second)}
    before, after = (shares(counts, kind) for counts in tables.values())
    values = after - before
    top = max(float(np.nanmax(np.abs(values))), 1.0)
    blue, orange = _poles(first, second)
    colours = ((0.0, _shade(blue, _DARKEST)), (0.5, _shade(blue, 0.0)), (0.5, _shade(orange, 0.0)))
    scale = _Scale((*colours, (1.0, _shade(orange, _DARKEST))), -top, top, (first.name, second.name))
    texts = _texts(values, 0 if kind == COUNTS else 1, "+")
    counts = tables[first.name]
    hovers = _each(len(counts), lambda cell: _hover(classes, tables, cell))
    return _matrix(classes, counts, [""] * len(counts), values, texts, hovers, scale, chosen)


def pairs_chart(side: Side, pairs: Sequence[Confusion], longest: int, chosen: Cell | None = None) -> go.Figure:
    """Draw pairs of classes as bars from zero: photos of the one that are called the other, the most on top.

    Each bar carries its row and column of the confusion matrix as ``customdata``.

    Args:
        side: whose answers.
        pairs: as ``most_confused`` returns them.
        longest: photos at the right end of the axis, the same for both models.
        chosen: the pair with a frame.
    """
    classes, rows = side.evaluation.classes, [-float(row) for row in range(len(pairs))]
    framed = [chosen == Cell(pair.true, pair.predicted) for pair in pairs]
    titles = [_pair(classes, pair) for pair in pairs]
    some = _("{n} photos").format(n="%{x:,}")
    chart = go.Figure()
    chart.add_bar(
        x=[pair.n for pair in pairs], y=rows, width=0.2, orientation="h",
        customdata=[[pair.true, pair.predicted] for pair in pairs],
        marker={"color": side.colour, "line": {"color": _ACCENT, "width": [3 if found else 0 for found in framed]}},
        # Without a hover the bars could not be clicked.
        hovertemplate=f"{some}<extra></extra>",
    )  # fmt: skip
    # Above the bar and in two lines, because there is no room beside it on a phone.
    place = {"x": 0, "xanchor": "left", "yanchor": "bottom", "align": "left", "showarrow": False}
    words = [place | {"y": row + 0.12, "text": text} for row, text in zip(rows, titles, strict=True)]
    return chart.update_layout(
        height=_PAIR * len(pairs) + 16,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"range": [0, max(1, longest)], "visible": False, "fixedrange": True},
        yaxis={"range": [-len(pairs) + 0.75, 0.95], "visible": False, "fixedrange": True},
        annotations=words, dragmode=False, showlegend=False,
    )  # fmt: skip


def _pair(classes: Sequence[str], pair: Confusion) -> str:
    words = _("{n} of {total} · {share}").format(
        n=count(pair.n), total=count(pair.support), share=percent(pair.n / pair.support)
    )
    return f"{literal(brief_name(classes[pair.true]))} → {literal(brief_name(classes[pair.predicted]))}<br>{words}"


def shares(counts: NDArray[np.int64], kind: str) -> FloatArray:
    """Return a confusion matrix as counts or per cent, (c, c) float64; NaN where a row or column holds nothing."""
    if kind == COUNTS:
        return counts.astype(np.float64)
    whole = counts.sum(axis=1, keepdims=True) if kind == OF_CLASS else counts.sum(axis=0, keepdims=True)
    nothing = np.full(counts.shape, np.nan)
    found: FloatArray = np.divide(100.0 * counts, whole, out=nothing, where=np.broadcast_to(whole > 0, counts.shape))
    return found


def brief_name(label: str, most: int = _BRIEF) -> str:
    """Return as many parts of a class's name as fit into ``most`` characters, at least the beginning of the first."""
    first, *others = display_name(label).split(", ")
    for part in others:
        if len(first) + 2 + len(part) > most:
            break
        first = f"{first}, {part}"
    return first if len(first) <= most else first[: most - 1].rstrip() + "…"


@dataclass(frozen=True)
class _Scale:
    """Colours of the cells; they follow the square root of the value, so that small cells show beside the diagonal."""

    colours: tuple[tuple[float, str], ...]
    low: float
    high: float
    ends: tuple[str, str] | None = None
    """For a difference: who has more at the low and at the high end."""

    def ticks(self) -> tuple[list[float], list[str]]:
        """Return places and texts for the colour bar."""
        values = [self.high * part for part in (0.0, 0.05, 0.25, 0.5, 1.0)]
        if self.ends is None:
            return [_root(value) for value in values], [decimal(value, 0) for value in values]
        more = [_("{name} {n} more").format(name=name, n=decimal(self.high, 0)) for name in self.ends]
        return [_root(self.low), 0.0, _root(self.high)], [more[0], _("equal"), more[1]]


def _matrix(
    classes: Sequence[str],
    counts: NDArray[np.int64],
    answers: Sequence[str],
    values: FloatArray,
    texts: list[list[str]],
    hovers: list[str],
    scale: _Scale,
    chosen: Cell | None,
) -> go.Figure:
    size, row = len(classes), 27 if len(classes) > 12 else 44
    support = counts.sum(axis=1)
    places = [(i, j) for i in range(size) for j in range(size)]
    cells = {"x": [j for _i, j in places], "y": [i for i, _j in places]}
    font = {"size": 11 if size > 12 else 14}
    ticks = {"tickvals": list(range(size)), "showgrid": False, "zeroline": False, "fixedrange": True}
    chart = go.Figure()
    chart.add_heatmap(
        z=_rooted(values), x=list(range(size)), y=list(range(size)), zmin=_root(scale.low), zmax=_root(scale.high),
        colorscale=[list(step) for step in scale.colours], colorbar=_bar(scale), hoverinfo="skip", xgap=1, ygap=1,
    )  # fmt: skip
    # Text of the heatmap itself would change its colour with the cell, whatever the theme.
    chart.add_scatter(
        **cells, mode="text", text=[texts[i][j] for i, j in places], textfont=font, hoverinfo="skip", showlegend=False
    )
    chart.add_scatter(
        **cells, mode="markers", customdata=[list(place) for place in places], hovertext=hovers, hoverinfo="text",
        marker={"size": row - 2, "symbol": "square", "opacity": 0}, showlegend=False,
        selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}},
    )  # fmt: skip
    names = [literal(brief_name(label)) for label in classes]
    columns = [f"{name}{number}" for name, number in zip(names, answers, strict=True)]
    rows = [f"{name} · {count(number)}" for name, number in zip(names, support, strict=True)]
    return chart.update_layout(
        height=row * size + _TOP + _BOTTOM,
        margin={"l": _LEFT, "r": _RIGHT, "t": _TOP, "b": _BOTTOM},
        xaxis=ticks | {
            "ticktext": columns, "side": "top", "tickangle": -50, "ticklabeloverflow": "allow",
            "range": [-0.5, size - 0.5],
            "title": {"text": _("called"), "standoff": 4},
        },
        yaxis=ticks | {
            "ticktext": rows, "range": [size - 0.5, -0.5], "title": {"text": _("photos of"), "standoff": 4},
        },
        shapes=[*_diagonal(size), *([_frame(chosen)] if chosen is not None else [])],
        dragmode=False, hovermode="closest", showlegend=False,
    )  # fmt: skip


def _bar(scale: _Scale) -> dict[str, object]:
    values, words = scale.ticks()
    return {
        "orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yanchor": "top", "ypad": 12, "len": 0.5,
        "thickness": 10, "tickvals": values, "ticktext": words, "outlinewidth": 0,
    }  # fmt: skip


def _diagonal(size: int) -> list[dict[str, object]]:
    """Return a thin frame for each cell of right answers."""
    return [_frame(Cell(place, place), _GREY, 1) for place in range(size)]


def _frame(cell: Cell, colour: str = _ACCENT, width: int = 3) -> dict[str, object]:
    place = {"x0": cell.predicted - 0.5, "x1": cell.predicted + 0.5, "y0": cell.true - 0.5, "y1": cell.true + 0.5}
    return {"type": "rect", **place, "line": {"color": colour, "width": width}}


def _hover(classes: Sequence[str], tables: Mapping[str, NDArray[np.int64]], cell: Cell) -> str:
    true, predicted = (literal(display_name(classes[place])) for place in (cell.true, cell.predicted))
    right = cell.true == cell.predicted
    head = _("<b>{true}</b> rightly called so") if right else _("<b>{true}</b> called <b>{called}</b>")
    lines = [head.format(true=true, called=predicted)]
    of_class, of_answers = _("{n} of {total} photos of the class"), _("{n} of {total} answers {called}")
    for name, counts in tables.items():
        n, photos, given = counts[cell.true, cell.predicted], counts[cell.true].sum(), counts[:, cell.predicted].sum()
        who = f"{literal(name)}: " if len(tables) > 1 else ""
        lines.append(who + of_class.format(n=count(n), total=count(photos)) + _percent(n, photos))
        lines.append(who + of_answers.format(n=count(n), total=count(given), called=predicted) + _percent(n, given))
    return "<br>".join(lines)


def _percent(part: int, whole: int) -> str:
    return f", {percent(part / whole)}" if whole else ""


def _answers(counts: NDArray[np.int64], kind: str) -> list[str]:
    """Return what follows the name of a column: how often the answer was given, where cells are parts of that."""
    return [f" · {count(number)}" if kind == OF_ANSWERS else "" for number in counts.sum(axis=0)]


def _texts(values: FloatArray, digits: int, sign: str = "") -> list[list[str]]:
    """Return the numbers of the cells, ``sign`` before positive ones; empty where there is nothing to say."""
    return [[_number(value, digits, sign) if value else "" for value in row] for row in np.nan_to_num(values).tolist()]


def _number(value: float, digits: int, sign: str) -> str:
    return (sign if value > 0 else "") + decimal(value, digits).replace("-", "−")


def _each(size: int, text: Callable[[Cell], str]) -> list[str]:
    return [text(Cell(i, j)) for i in range(size) for j in range(size)]


def _root(value: float) -> float:
    return float(np.sign(value) * np.sqrt(abs(value)))


def _rooted(values: FloatArray) -> list[list[float]]:
    found = np.nan_to_num(values)
    rooted: list[list[float]] = (np.sign(found) * np.sqrt(np.abs(found))).tolist()
    return rooted


def _poles(first: Side, second: Side) -> tuple[str, str]:
    """Return the colours of the two ends: the models' own, unless they are two shades of one colour."""
    both = tuple(MODEL_COLOURS.values())
    return (first.colour, second.colour) if {first.colour, second.colour} == set(both) else (both[0], both[1])


def _shade(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
