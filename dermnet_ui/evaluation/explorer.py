"""What a threshold on the score of one class would do: curves, sensitivity, specificity, predictive values."""

from collections.abc import Sequence

import streamlit as st

from dermnet_core.evaluation.curves import PrecisionRecallCurve, RocCurve, precision_recall_curve, rates_at, roc_curve
from dermnet_core.i18n import _, count
from dermnet_ui.charts_curves import Line, curves_text, precision_recall_chart, roc_chart
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.one_vs_rest import Target, rates_table
from dermnet_ui.evaluation.selection import Selection

_THRESHOLD = "class-threshold"


@st.fragment
def show(selection: Selection, option: str, found: Sequence[Target]) -> None:
    """Show the explorer; a new threshold or prevalence redraws nothing else."""
    st.subheader(_("What a threshold would do"))
    st.caption(
        _(
            "Each photo whose score reaches the threshold is called positive. Diamonds: the threshold that you set. "
            "It is no recommendation: a threshold has to be chosen on other photos than these."
        ),
        help=_(
            "AUC, the area under the ROC curve: how often a photo that belongs here scores higher than one that does "
            "not; guessing has 50. AP, average precision: the mean precision over all recalls; guessing has the "
            "prevalence."
        ),
    )
    threshold, prevalence = _controls(selection, option, found[0])
    rates = [rates_at(target.scores, target.truth, threshold, prevalence) for target in found]
    curves = _curves(f"{selection.key} {option}", found)
    lines = [
        Line(target.side.name, target.side.colour, *pair, entry)
        for target, pair, entry in zip(found, curves, rates, strict=True)
    ]
    alt, note = curves_text(lines), _photos(found)
    left, right = st.columns(2, gap="large")
    with left:
        show_chart(roc_chart(lines), "class-roc", alt, title=_("ROC curve, %"), note=note)
    with right:
        show_chart(precision_recall_chart(lines), "class-pr", alt, title=_("Precision and recall, %"), note=note)
    show_table(lambda: rates_table(found, rates, f"At a score of {100 * threshold:.0f} or more"), "class-rates")


def _controls(selection: Selection, option: str, target: Target) -> tuple[float, float | None]:
    """Return the threshold and the prevalence, 0 to 1; None for the photos' own prevalence."""
    left, right = st.columns([3, 1], gap="large", vertical_alignment="bottom")
    threshold = left.slider(
        _("Score threshold, %"),
        0,
        100,
        50,
        key=_THRESHOLD,
        help=_("The calibrated model score of this class, 0 to 100."),
    )
    own = round(100.0 * target.positives / len(target.truth), 1)
    percent = right.number_input(
        _("Prevalence, %"), 0.0, 100.0, own, 0.1, format="%.1f", key=f"class-prevalence-{selection.key}-{option}",
        help=_(
            "How many of 100 photos belong here where the model would be used. The predictive values depend on it. At "
            "first it is that of these photos."
        ),
    )  # fmt: skip
    return threshold / 100.0, None if percent == own else percent / 100.0


@st.cache_resource(max_entries=64, show_spinner=False)
def _curves(key: str, _found: Sequence[Target]) -> list[tuple[RocCurve, PrecisionRecallCurve]]:
    return [
        (roc_curve(target.scores, target.truth), precision_recall_curve(target.scores, target.truth))
        for target in _found
    ]


def _photos(found: Sequence[Target]) -> str:
    counts = dict.fromkeys(
        _("{n} here, {m} rest").format(n=count(target.positives), m=count(len(target.truth) - target.positives))
        for target in found
    )
    return f"n = {' / '.join(counts)}"
