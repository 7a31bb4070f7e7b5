"""What leakage is worth: how much better the models look on photos that resemble their training photos."""

from collections.abc import Iterator, Sequence

import streamlit as st

from dermnet_core.evaluation.leakage import COPIES, NEW, OTHERS, Part, copied, parts
from dermnet_core.i18n import N_, _, count, percent
from dermnet_core.labels import display_name
from dermnet_ui.charts_overview import PARTS, parts_chart
from dermnet_ui.evaluation import choice
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.selection import VIEW_NAMES, VIEW_TITLES, Selection, Side
from dermnet_ui.evaluation.tables import Cell, Estimate, Table
from dermnet_ui.evaluation.terms import HEADLINE

_SHOWN = ("top1", "macro_f1")


def show(selection: Selection) -> None:
    """Show accuracy by what the training photos hold of a photo, and the figures of all views."""
    st.subheader(_("What leakage is worth"))
    found = [(side, parts(side.evaluation)) for side in selection.sides]
    known = [(side, entry) for side, entry in found if entry]
    if not known:
        st.caption(_("Not known: which of these photos are copies of training photos was not recorded."))
        return
    st.markdown(sentence(known))
    same = len({tuple((part.name, part.n) for part in entry) for _, entry in known}) == 1
    left, right = st.columns(2, gap="large")
    for number, group in enumerate([known] if same else [[entry] for entry in known]):
        alt = "; ".join(_words(side, entry) for side, entry in group)
        with left:
            show_chart(parts_chart(group), f"overview-parts-{number}", alt, title=_("Top-1 accuracy by resemblance"),
                       note=_("Neighbours: next to a training photo in a series"))  # fmt: skip
    with left:
        st.caption(_("The lines are 95 % intervals that take photos as independent; series make them too narrow."))
    with right, st.spinner(_("Computing intervals …")):
        show_table(lambda: views_table(selection), "overview-views")


def sentence(known: Sequence[tuple[Side, Sequence[Part]]]) -> str:
    """Say what the models lose on photos that are new to them."""
    lost = []
    for side, found in known:
        by_name = {part.name: part for part in found}
        copies, new = by_name.get(COPIES), by_name.get(NEW) or by_name.get(OTHERS)
        if copies and new:
            said = _("{name} is right on {copies} of the copies and {new} of the photos new to it.")
            values = {"copies": percent(copies.accuracy), "new": percent(new.accuracy)}
            lost.append(said.format(name=side.name, **values))
    if not lost:
        return _("None of these photos is a byte copy of a training photo, or all of them are.")
    mix = _(
        "Part of the gap is leakage, part the mix of classes, which differs between these photos: the blocked view "
        "says most about photos that a model has not seen."
    )
    return " ".join([*lost, mix, *_most_copies(known[0][0])])


def _most_copies(side: Side) -> Iterator[str]:
    """Name the class that most copies are of, if there is one: what it holds, the gap holds."""
    most = copied(side.evaluation)
    if most is not None:
        said = _("Most of the copies are of one class: {name}, {n} of {total}.")
        yield said.format(name=display_name(most.label), n=count(most.n), total=count(most.total))


def views_table(selection: Selection) -> Table:
    """Return top-1 accuracy and macro F1 of each side in each view that it knows."""
    rows = tuple(_row(side, view) for view in VIEW_TITLES for side in selection.sides if view in side.evaluation.views)
    head = (_("View and model"), _("Photos"), *(HEADLINE[name].title for name in _SHOWN))
    return Table(N_("Figures by view"), head, rows)


def _row(side: Side, view: str) -> tuple[Cell, ...]:
    found = choice.side(side.evaluation, side.name, side.colour, view).view
    figures = (Estimate(getattr(found.figures, name), found.intervals[name]) for name in _SHOWN)
    return (f"{_(VIEW_NAMES[view])}, {side.name}", found.figures.n, *figures)


def _words(side: Side, found: Sequence[Part]) -> str:
    rows = (f"{_(PARTS[part.name])} {Estimate(part.accuracy, part.interval)}, n = {count(part.n)}" for part in found)
    return f"{side.name}: " + ", ".join(rows)
