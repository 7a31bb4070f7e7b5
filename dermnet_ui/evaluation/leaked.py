"""What leakage is worth: how much better the models look on photos that resemble their training photos."""

from collections.abc import Sequence

import streamlit as st

from dermnet_core.evaluation.leakage import COPIES, NEW, OTHERS, Part, parts
from dermnet_ui.charts_overview import PARTS, parts_chart
from dermnet_ui.evaluation import choice
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.selection import VIEW_TITLES, Selection, Side
from dermnet_ui.evaluation.tables import Cell, Estimate, Table

_SHOWN = ("top1", "macro_f1")


def show(selection: Selection) -> None:
    """Show accuracy by what the training photos hold of a photo, and the figures of all views."""
    st.subheader("What leakage is worth")
    found = [(side, parts(side.evaluation)) for side in selection.sides]
    known = [(side, entry) for side, entry in found if entry]
    if not known:
        st.caption("Not known: which of these photos are copies of training photos was not recorded.")
        return
    st.markdown(sentence(known))
    same = len({tuple((part.name, part.n) for part in entry) for _, entry in known}) == 1
    left, right = st.columns(2, gap="large")
    for number, group in enumerate([known] if same else [[entry] for entry in known]):
        alt = "; ".join(_words(side, entry) for side, entry in group)
        with left:
            show_chart(parts_chart(group), f"overview-parts-{number}", alt, title="Top-1 accuracy by resemblance",
                       note="Neighbours: next to a training photo in a series")  # fmt: skip
    with right:
        show_table(views_table(selection), "overview-views")


def sentence(known: Sequence[tuple[Side, Sequence[Part]]]) -> str:
    """Say what the models lose on photos that are new to them."""
    lost = []
    for side, found in known:
        by_name = {part.name: part for part in found}
        copies, new = by_name.get(COPIES), by_name.get(NEW) or by_name.get(OTHERS)
        if copies and new:
            accuracies = f"{100 * copies.accuracy:.1f} % of the copies and {100 * new.accuracy:.1f} % of the photos"
            lost.append(f"{side.name} is right on {accuracies} new to it")
    if not lost:
        return "None of these photos is a byte copy of a training photo, or all of them are."
    return (
        f"{'; '.join(lost)}. Part of the gap is leakage, part the mix of classes, which differs between these "
        "photos: the blocked view says most about photos that a model has not seen."
    )


def views_table(selection: Selection) -> Table:
    """Return top-1 accuracy and macro F1 of each side in each view that it knows."""
    rows = tuple(_row(side, view) for view in VIEW_TITLES for side in selection.sides if view in side.evaluation.views)
    return Table("Figures by view", ("View and model", "Photos", "Top-1 accuracy", "Macro F1"), rows)


def _row(side: Side, view: str) -> tuple[Cell, ...]:
    found = choice.side(side.evaluation, side.name, side.colour, view).view
    figures = (Estimate(getattr(found.figures, name), found.intervals[name]) for name in _SHOWN)
    return (f"{view.capitalize()}, {side.name}", found.figures.n, *figures)


def _words(side: Side, found: Sequence[Part]) -> str:
    rows = (f"{PARTS[part.name]} {Estimate(part.accuracy, part.interval)}, n = {part.n:,}" for part in found)
    return f"{side.name}: " + ", ".join(rows)
