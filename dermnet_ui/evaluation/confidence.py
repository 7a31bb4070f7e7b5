"""Can the scores be taken at their word, and what is gained when the models stay silent?"""

import streamlit as st

from dermnet_core.evaluation.reliability import Abstention, abstain_at, risk_coverage
from dermnet_core.i18n import _, decimal
from dermnet_ui.charts_confidence import CARD, YOURS, RiskLine, reliability_chart, risk_chart
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.confidence_figures import (
    TITLES,
    Calibration,
    abstention_table,
    bins_table,
    calibration,
    calibration_table,
    reliability_text,
    risk_text,
)
from dermnet_ui.evaluation.selection import Selection, Side


def show(selection: Selection) -> None:
    """Show calibration before and after temperature scaling, the risk-coverage curves and the threshold explorer."""
    with st.spinner(_("Computing intervals …")):
        found = [calibration_of(side, selection.view) for side in selection.sides]
    note = selection.note
    st.markdown(
        _(
            "A score of 70 should be right on 70 of 100 such photos. One number per model, the temperature, was fitted "
            "on validation photos to bring the scores there; it never changes which class comes first."
        )
    )
    for column, side, entry in zip(st.columns(len(found), gap="large"), selection.sides, found, strict=True):
        with column:
            _diagrams(side, entry, note)
    with st.expander(_("Photos and accuracy in each bin")):
        show_table(lambda: bins_table(selection.sides, found), "bins-csv")
    show_table(lambda: calibration_table(selection.sides, found), "calibration-csv")
    st.caption(
        _(
            "ECE: mean gap between score and accuracy over 15 bins. Brier: mean squared distance between all scores "
            "and the truth, 0 (best) to 2. Both are lower when better. Before: temperature 1; after: that of the card."
        )
    )
    _abstention(selection, note)


def _diagrams(side: Side, found: Calibration, note: str) -> None:
    for when, curve in (("before", found.before), ("after", found.after)):
        show_chart(
            reliability_chart(curve, side.colour), f"reliability-{when}-{side.name}",
            reliability_text(side.name, when, curve), title=_(TITLES[when]).format(name=side.name), note=note,
        )  # fmt: skip


@st.fragment
def _abstention(selection: Selection, note: str) -> None:
    """Let the visitor move the thresholds; only this part is drawn again."""
    chosen = []
    st.subheader(_("What if a model stays silent when its score is low?"))
    for column, side in zip(st.columns(len(selection.sides), gap="large"), selection.sides, strict=True):
        card = round(100 * side.about.abstain_below, 1)
        score = column.slider(
            _("{name}: stay silent below a model score of").format(name=side.name), 0.0, 100.0, card, 0.1, "%.1f",
            key=f"abstain-{side.evaluation.key}",
        )  # fmt: skip
        chosen.append(abstain_at(side.predictions, side.about.abstain_below if score == card else score / 100))
    lines = [risk_line(side, kept) for side, kept in zip(selection.sides, chosen, strict=True)]
    show_chart(risk_chart(lines), "risk-coverage", risk_text(lines), title=_("Error against photos answered"),
               note=note)  # fmt: skip
    show_table(lambda: abstention_table(selection.sides, chosen), "abstention-csv")
    limits = ", ".join(f"{side.name} {decimal(100 * side.about.abstain_below)}" for side in selection.sides)
    diamonds = _(
        "Filled diamonds: the value in the model's card ({limits}), chosen on validation photos. The Classify page "
        "uses the card's value: below it, it tells you not to lean on the answer. The sliders change nothing there."
    )
    st.caption(diamonds.format(limits=limits))


def calibration_of(side: Side, view: str) -> Calibration:
    """Return the calibration of one side, computed once for all visitors."""
    return _calibration(side.evaluation.key, view, side)


def risk_line(side: Side, kept: Abstention) -> RiskLine:
    """Return the risk-coverage curve of one side with the card's threshold and, where it is another, a chosen one."""
    card = abstain_at(side.predictions, side.about.abstain_below)
    marks = [(CARD, card)] + ([(YOURS, kept)] if kept.threshold != card.threshold else [])
    return RiskLine(side.name, side.colour, risk_coverage(side.predictions), marks)


@st.cache_resource(max_entries=16, show_spinner=False)
def _calibration(key: str, view: str, _side: Side) -> Calibration:
    return calibration(_side, view)
