"""Precision, recall and F1 of every class, both models side by side."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermnet_ui.case import FEW_PHOTOS
from dermnet_ui.charts_classes import dumbbell_chart, dumbbell_text
from dermnet_ui.evaluation import class_choice
from dermnet_ui.evaluation.chart import show_chart
from dermnet_ui.evaluation.class_rows import ClassRow, arranged, class_rows, class_table, orders
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.terms import PER_CLASS

_CHART, _TABLE = "class-dumbbells", "class-table"
_FIGURE, _ORDER = "class-figure", "class-order"


def show(selection: Selection) -> None:
    """Show the section."""
    figure, order = _choices(selection)
    rows = arranged(class_rows(selection), figure, order)
    st.caption(f"{PER_CLASS[figure].meaning} {_notes(rows, selection)}")
    if any(row.shown for row in rows):
        show_chart(
            dumbbell_chart(rows, selection, figure), _CHART, dumbbell_text(rows, selection, figure),
            title=f"{PER_CLASS[figure].title} by class, %", note=selection.note,
            on_select=_point_clicked, selection_mode="points",
        )  # fmt: skip
    else:
        st.info("The two evaluations share no class with photos. Choose evaluations of the same photos.")
    st.subheader("All classes as a table")
    st.caption("Click a column to sort by it; tick a row to open its class.")
    _table(rows, selection)
    table = class_table(selection)
    st.download_button("This table (CSV)", table.csv(), table.file, "text/csv", key="class-csv", on_click="ignore")


def frame(rows: Sequence[ClassRow], selection: Selection) -> pd.DataFrame:
    """Return one row a class: test and training photos, then each figure of each side in per cent with its interval."""
    split = (
        any(len({score.n for score in row.scores}) > 1 for row in rows),
        any(len({score.train for score in row.scores}) > 1 for row in rows),
    )
    return pd.DataFrame([
        {
            "Class": row.name,
            **_support("Test photos", [score.n for score in row.scores], selection, split[0]),
            **_support("Training photos", [score.train for score in row.scores], selection, split[1]),
            **{key: value for figure in PER_CLASS for key, value in _cells(row, selection, figure)},
        }
        for row in rows
    ])  # fmt: skip


def _choices(selection: Selection) -> tuple[str, str]:
    titles = orders(selection)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        figure = st.segmented_control(
            "Figure", list(PER_CLASS), default="recall", required=True, key=_FIGURE,
            format_func=lambda name: PER_CLASS[name].title,
            help=" ".join(f"{term.title}: {term.meaning}" for term in PER_CLASS.values()),
        )  # fmt: skip
        order = st.selectbox(
            "Sorted by", list(titles), format_func=titles.__getitem__, key=f"{_ORDER}-{len(titles)}", width=220
        )
    return str(figure), str(order)


def _notes(rows: Sequence[ClassRow], selection: Selection) -> str:
    """Say what the numbers and marks of the chart are, and which classes the view lacks."""
    pair = [side.name for side in selection.sides]
    text = f"On the right: {' → '.join(pair)}" + (" (difference). " if len(pair) == 2 else ". ")
    text += f'"few": trained on fewer than {FEW_PHOTOS} photos of the class. Click a point to open its class.'
    text += (
        " The intervals take each photo as a patient of its own: with series in the atlas they are rather too narrow."
    )
    missing = [row.name for row in rows if not row.shown]
    return f"{text} No photos in this view: {', '.join(missing)}." if missing else text


def _support(title: str, counts: Sequence[int], selection: Selection, split: bool) -> dict[str, int]:
    """Return a column for all sides, or one for each where they differ."""
    if not split:
        return {title: counts[0]}
    return {f"{title}, {side.name}": count for side, count in zip(selection.sides, counts, strict=True)}


def _cells(row: ClassRow, selection: Selection, figure: str) -> list[tuple[str, Any]]:
    cells: list[tuple[str, Any]] = []
    for side, score in zip(selection.sides, row.scores, strict=True):
        name, found = f"{PER_CLASS[figure].title}, {side.name}", score.estimate(figure)
        interval = f"{100 * found.interval.low:.1f}–{100 * found.interval.high:.1f}" if found else "no photos"
        cells += [(name, 100 * found.value if found else None), (f"{name}, 95 %", interval)]
    return cells


def _table(rows: Sequence[ClassRow], selection: Selection) -> None:
    titles: dict[str, Any] = {
        f"{term.title}, {side.name}": st.column_config.NumberColumn(format="%.1f", help=term.meaning)
        for term in PER_CLASS.values()
        for side in selection.sides
    }
    titles["Class"] = st.column_config.TextColumn(pinned=True, width=190)
    st.session_state[f"{_TABLE}-labels"] = [row.label for row in rows]
    st.dataframe(
        frame(rows, selection), hide_index=True, width="stretch", key=_TABLE, on_select=_row_ticked,
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
