"""The first screen: how good both models are, whether the difference is luck, what leakage is worth, every figure."""

import streamlit as st

from dermnet_core.evaluation.compare import Comparison, compare, verdict
from dermnet_core.evaluation.original import CLAIMS, PHOTOS
from dermnet_ui.case import SHORT_NAMES
from dermnet_ui.charts_overview import FIRST, SECOND, estimate, headline_chart, headline_text, on_dermnet
from dermnet_ui.evaluation import leaked
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.comparison_table import comparison_table
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.tables import Cell, Table
from dermnet_ui.evaluation.terms import HEADLINE


def show(selection: Selection) -> None:
    """Show the section."""
    _verdict(selection)
    left, right = st.columns(2, gap="large")
    for column, names, title in ((left, FIRST, "First answers and scores"), (right, SECOND, "Means over classes")):
        with column:
            show_chart(
                headline_chart(selection, names), f"overview-{names[0]}", headline_text(selection, names),
                title=title, note=selection.note,
            )  # fmt: skip
    st.caption(
        "Per cent; lines are 95 % intervals, from drawing the photos again, copies and series at once where they are "
        "known. Macro means count every class alike, however few photos it has; "
        f"weighted means count it by its photos. {_original() if on_dermnet(selection) else ''}"
    )
    leaked.show(selection)
    st.subheader("All figures")
    show_table(figures_table(selection), "overview-table")
    _differences(selection)
    _recompute(selection)


def figures_table(selection: Selection) -> Table:
    """Return every headline figure of each side, and the accuracies that need no model."""
    rows: list[tuple[Cell, ...]] = [
        (term.title, *(estimate(side, name) for side in selection.sides)) for name, term in HEADLINE.items()
    ]
    baselines = [side.view.baselines for side in selection.sides]
    rows.append(("Top-1 of guessing", *(entry.chance for entry in baselines)))
    rows.append(("Top-1 of one answer", *(entry.majority for entry in baselines)))
    notes = [term.meaning for term in HEADLINE.values()]
    notes += [f"A guess at random among {len(selection.classes)} classes.", "Always the class with the most photos."]
    head = ("Figure", *(f"{side.name}, n = {side.view.figures.n:,}" for side in selection.sides))
    caption = "Per cent (Brier: 0 to 2), with 95 % intervals"
    return Table("Figures of the evaluation", head, tuple(rows), caption, tuple(notes))


def _verdict(selection: Selection) -> None:
    """Say in a sentence whether the difference of two models is more than luck."""
    found = comparison(selection.key, selection)
    if found is None:
        return
    first, second = (side.name for side in selection.sides)
    st.markdown(f"**{verdict(found, first, second)}**")
    st.caption(
        f"{first} alone is right on {found.only_first:,} photos, {second} alone on {found.only_second:,}, both on "
        f"{found.both:,}, neither on {found.neither:,}.",
        help="McNemar's test looks only at the photos on which just one model is right: if neither model were better, "
        "they would part about evenly. p is how often chance alone would part them so unevenly. For the interval "
        "photos are drawn again, whole series of a patient at once where they are known.",
    )


def _differences(selection: Selection) -> None:
    found = comparison(selection.key, selection)
    if found is not None:
        with st.expander("How much the two differ in each figure"):
            show_table(comparison_table(found, *(side.name for side in selection.sides)), "overview-differences")


@st.cache_resource(max_entries=32, show_spinner="Comparing photo by photo …")
def comparison(key: str, _selection: Selection) -> Comparison | None:
    """Return the paired test; None for a single model, or two that share no photo."""
    pair, evaluation = _selection.pair, _selection.sides[0].evaluation
    if pair is None:
        return None
    return compare(*pair, evaluation.groups_in(_selection.view) if _selection.paired else None)


def _original() -> str:
    claims = " and ".join(f"{claim.text} % for {SHORT_NAMES[claim.architecture]}" for claim in CLAIMS)
    return (
        f"The original report claims {claims} on {PHOTOS:,} test photos and shows no answers to check: its low figure "
        "is below guessing, and nothing measured here reaches the high one (docs/ORIGINAL.md retraces both)."
    )


def _recompute(selection: Selection) -> None:
    st.subheader("Compute it again")
    st.caption("DIR is the folder with the photos. The fingerprint is a SHA-256 over their names and contents.")
    for side in selection.sides:
        about = side.about
        st.markdown(f"{side.name}: {len(side.evaluation.files):,} photos, {about.photos}; evaluated {about.created}")
        st.code(f"{about.command}\n# photos {about.fingerprint}", language=None, wrap_lines=True)
