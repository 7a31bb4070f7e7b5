"""The first screen: how good both models are, whether the difference is luck, what leakage is worth, every figure."""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from dermnet_core.evaluation.compare import Comparison, compare, verdict
from dermnet_core.evaluation.original import CLAIMS, PHOTOS
from dermnet_core.i18n import N_, _, count, moment, ngettext, retold
from dermnet_ui.case import SHORT_NAMES
from dermnet_ui.charts_overview import FIRST, SECOND, estimate, headline_chart, headline_text, on_dermnet
from dermnet_ui.evaluation import leaked
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.comparison_table import comparison_table
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.tables import Cell, Table
from dermnet_ui.evaluation.terms import HEADLINE
from dermnet_ui.markup import plain


def show(selection: Selection) -> None:
    """Show the section."""
    _verdict(selection)
    left, right = st.columns(2, gap="large")
    charts = ((left, FIRST, _("First answers and scores")), (right, SECOND, _("Means over classes")))
    for column, names, title in charts:
        with column:
            show_chart(
                headline_chart(selection, names), f"overview-{names[0]}", headline_text(selection, names),
                title=title, note=selection.note,
            )  # fmt: skip
    intervals = _(
        "Per cent; lines are 95 % intervals, from drawing the photos again, copies and series at once where they are "
        "known. Macro means count every class alike, however few photos it has; weighted means count it by its photos."
    )
    st.caption(f"{intervals} {_original() if on_dermnet(selection) else ''}")
    leaked.show(selection)
    st.subheader(_("All figures"))
    show_table(lambda: figures_table(selection), "overview-table")
    _differences(selection)
    _recompute(selection)


def figures_table(selection: Selection) -> Table:
    """Return every headline figure of each side, and the accuracies that need no model."""
    rows: list[tuple[Cell, ...]] = [
        (term.title, *(estimate(side, name) for side in selection.sides)) for name, term in HEADLINE.items()
    ]
    baselines = [side.view.baselines for side in selection.sides]
    rows.append((_("Top-1 of guessing"), *(entry.chance for entry in baselines)))
    rows.append((_("Top-1 of one answer"), *(entry.majority for entry in baselines)))
    notes = [term.meaning for term in HEADLINE.values()]
    notes.append(_("A guess at random among {n} classes.").format(n=len(selection.classes)))
    notes.append(_("Always the class with the most photos."))
    head = (_("Figure"), *(f"{side.name}, n = {count(side.view.figures.n)}" for side in selection.sides))
    caption = N_("Per cent (Brier: 0 to 2), with 95 % intervals")
    return Table(N_("Figures of the evaluation"), head, tuple(rows), caption, tuple(notes))


def _verdict(selection: Selection) -> None:
    """Say in a sentence whether the difference of two models is more than luck."""
    with st.spinner(_("Comparing photo by photo …")):
        found = comparison(selection.key, selection)
    if found is None:
        return
    first, second = (side.name for side in selection.sides)
    st.markdown(f"**{verdict(found, first, second)}**")
    st.caption(
        _(
            "{first} alone is right on {n} photos, {second} alone on {m}, both on {both}, neither on {neither}."
        ).format(
            first=first, n=count(found.only_first), second=second, m=count(found.only_second), both=count(found.both),
            neither=count(found.neither),
        ),
        help=_(
            "McNemar's test looks only at the photos on which just one model is right: if neither model were better, "
            "they would part about evenly. p is how often chance alone would part them so unevenly. For the interval "
            "photos are drawn again, whole series of a patient at once where they are known; p takes photos as "
            "independent."
        ),
    )  # fmt: skip


def _differences(selection: Selection) -> None:
    found = comparison(selection.key, selection)
    if found is not None:
        first, second = (side.name for side in selection.sides)
        with st.expander(_("How much the two differ in each figure")):
            show_table(partial(comparison_table, found, first, second), "overview-differences")


@st.cache_resource(max_entries=32, show_spinner=False)
def comparison(key: str, _selection: Selection) -> Comparison | None:
    """Return the paired test; None for a single model, or two that share no photo."""
    pair, evaluation = _selection.pair, _selection.sides[0].evaluation
    if pair is None:
        return None
    return compare(*pair, evaluation.groups_in(_selection.view) if _selection.paired else None)


def _original() -> str:
    low, high = CLAIMS
    return _(
        "The original report claims {low} % for {first} and {high} % for {second} on {n} test photos and shows no "
        "answers to check: its low figure is below guessing, and nothing measured here reaches the high one "
        "(docs/ORIGINAL.md retraces both)."
    ).format(
        low=low.text, first=SHORT_NAMES[low.architecture], high=high.text, second=SHORT_NAMES[high.architecture],
        n=count(PHOTOS),
    )  # fmt: skip


def _recompute(selection: Selection) -> None:
    st.subheader(_("Compute it again"))
    st.caption(_("DIR is the folder with the photos. The fingerprint is a SHA-256 over their names and contents."))
    for side in selection.sides:
        about = side.about
        n = len(side.evaluation.files)
        said = ngettext(
            "{name}: {n} photo, {photos}; evaluated {day}", "{name}: {n} photos, {photos}; evaluated {day}", n
        )
        st.markdown(
            said.format(
                name=plain(side.name),
                n=count(n),
                photos=plain(retold(about.photos)),
                day=moment(datetime.fromisoformat(about.created).astimezone(UTC)),
            )
        )
        st.code(f"{about.command}\n# photos {about.fingerprint}", language=None, wrap_lines=True)
