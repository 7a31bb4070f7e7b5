"""Precision, recall and F1 of every class, both models side by side."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermnet_core.i18n import _, decimal
from dermnet_ui.case import FEW_PHOTOS
from dermnet_ui.charts_classes import dumbbell_chart, dumbbell_text
from dermnet_ui.evaluation import class_choice
from dermnet_ui.evaluation.chart import save_table, show_chart
from dermnet_ui.evaluation.class_rows import ClassRow, arranged, class_rows, class_table, orders
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.terms import PER_CLASS

_CHART, _TABLE = "class-dumbbells", "class-table"
_FIGURE, _ORDER = "class-figure", "class-order"


def show(selection: Selection) -> None:
    """Show the section."""
    figure, order = _choices(selection)
    rows = arranged(class_rows(selection), figure, order)
    st.caption(" ".join([PER_CLASS[figure].meaning, *_notes(rows, selection)]))
    if any(row.shown for row in rows):
        show_chart(
            dumbbell_chart(rows, selection, figure), _CHART, dumbbell_text(rows, selection, figure),
            title=_("{figure} by class, %").format(figure=PER_CLASS[figure].title), note=selection.note,
            on_select=_point_clicked, selection_mode="points",
        )  # fmt: skip
    else:
        st.info(_("The two evaluations share no class with photos. Choose evaluations of the same photos."))
    st.subheader(_("All classes as a table"))
    st.caption(_("Click a column to sort by it; tick a row to open its class."))
    _table(rows, selection)
    save_table(lambda: class_table(selection), class_table(selection).file, "class-csv")


def frame(rows: Sequence[ClassRow], selection: Selection) -> pd.DataFrame:
    """Return one row a class: test and training photos, then each figure of each side in per cent with its interval."""
    split = (
        any(len({score.n for score in row.scores}) > 1 for row in rows),
        any(len({score.train for score in row.scores}) > 1 for row in rows),
    )
    return pd.DataFrame([
        {
            _("Class"): row.name,
            **_support(_("Test photos"), [score.n for score in row.scores], selection, split[0]),
            **_support(_("Training photos"), [score.train for score in row.scores], selection, split[1]),
            **{key: value for figure in PER_CLASS for key, value in _cells(row, selection, figure)},
        }
        for row in rows
    ])  # fmt: skip


def _choices(selection: Selection) -> tuple[str, str]:
    titles = orders(selection)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        figure = st.segmented_control(
            _("Figure"), list(PER_CLASS), default="recall", required=True, key=_FIGURE,
            format_func=lambda name: PER_CLASS[name].title,
            help=" ".join(f"{term.title}: {term.meaning}" for term in PER_CLASS.values()),
        )  # fmt: skip
        order = st.selectbox(
            _("Sorted by"), list(titles), format_func=titles.__getitem__, key=f"{_ORDER}-{len(titles)}", width=220
        )
    return str(figure), str(order)


def _notes(rows: Sequence[ClassRow], selection: Selection) -> Iterator[str]:
    """Say what the numbers and marks of the chart are, and which classes the view lacks, a sentence at a time."""
    right = _("On the right: {names} (difference).") if len(selection.sides) == 2 else _("On the right: {names}.")
    yield right.format(names=" → ".join(side.name for side in selection.sides))
    yield _('"few": trained on fewer than {n} photos of the class.').format(n=FEW_PHOTOS)
    yield _("Click a point to open its class.")
    yield _(
        "The intervals take each photo as a patient of its own: with series in the atlas they are rather too narrow."
    )
    missing = [row.name for row in rows if not row.shown]
    if missing:
        yield _("No photos in this view: {names}.").format(names=", ".join(missing))


def _support(title: str, counts: Sequence[int], selection: Selection, split: bool) -> dict[str, int]:
    """Return a column for all sides, or one for each where they differ."""
    if not split:
        return {title: counts[0]}
    return {f"{title}, {side.name}": n for side, n in zip(selection.sides, counts, strict=True)}


def _cells(row: ClassRow, selection: Selection, figure: str) -> list[tuple[str, Any]]:
    cells: list[tuple[str, Any]] = []
    for side, score in zip(selection.sides, row.scores, strict=True):
        name, found = f"{PER_CLASS[figure].title}, {side.name}", score.estimate(figure)
        interval = (
            f"{decimal(100 * found.interval.low)}–{decimal(100 * found.interval.high)}" if found else _("no photos")
        )
        cells += [(name, 100 * found.value if found else None), (_("{figure}, 95 %").format(figure=name), interval)]
    return cells


def _table(rows: Sequence[ClassRow], selection: Selection) -> None:
    titles: dict[str, Any] = {
        f"{term.title}, {side.name}": st.column_config.NumberColumn(help=term.meaning)
        for term in PER_CLASS.values()
        for side in selection.sides
    }
    # Streamlit writes numbers with a point in every language; a style of pandas does not, and keeps them to sort by.
    shown = frame(rows, selection).style.format(dict.fromkeys(titles, decimal), na_rep="")
    titles[_("Class")] = st.column_config.TextColumn(pinned=True, width=190)
    st.session_state[f"{_TABLE}-labels"] = [row.label for row in rows]
    st.dataframe(
        shown, hide_index=True, width="stretch", key=_TABLE, on_select=_row_ticked,
        selection_mode="single-row", column_config=titles,
    )  # fmt: skip


def _point_clicked() -> None:
    points: list[dict[str, Any]] = st.session_state[_CHART].selection.points
    if points:
        class_choice.open_class(str(points[0]["customdata"][0]))


def _row_ticked() -> None:
    ticked: list[int] = st.session_state[_TABLE].selection.rows
    if ticked:
        class_choice.open_class(st.session_state[f"{_TABLE}-labels"][ticked[0]])
