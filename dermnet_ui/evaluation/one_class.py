"""One class against the rest: its figures, curves, a threshold to try, and where its errors go."""

from collections.abc import Sequence

import streamlit as st

from dermnet_core.evaluation import malignancy
from dermnet_core.i18n import N_, _, count, together
from dermnet_core.labels import display_name
from dermnet_ui.case import FEW_PHOTOS
from dermnet_ui.charts_classes import flow_chart, flow_text
from dermnet_ui.evaluation import class_choice, explorer
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.class_rows import ClassRow, class_rows
from dermnet_ui.evaluation.one_vs_rest import MALIGNANT, Flow, Target, got, options, rates_table, sent, targets
from dermnet_ui.evaluation.selection import VIEW_NAMES, Selection
from dermnet_ui.evaluation.tables import Cell, Table
from dermnet_ui.evaluation.terms import PER_CLASS

_LACKING = N_(
    "The {view} view holds no photo of {name}, so there is no recall and no curve. Choose another view, or another "
    "class."
)
_LACKING_ONE = N_(
    "The {view} view of {model} holds no photo of {name}, so there is no recall and no curve. Choose another view, or "
    "another class."
)


def show(selection: Selection) -> None:
    """Show the section."""
    option = class_choice.pick(options(selection))
    found = _targets(selection.key, option, selection)
    if option == MALIGNANT:
        _group(found)
    else:
        _facts(next(row for row in class_rows(selection) if row.label == option), selection)
    known = [target for target in found if target.positives]
    if known:
        explorer.show(selection, option, known)
    _errors(found, option)


@st.cache_resource(max_entries=64, show_spinner=False)
def _targets(key: str, option: str, _selection: Selection) -> tuple[Target, ...]:
    return targets(_selection, option)


def _facts(row: ClassRow, selection: Selection) -> None:
    """Show the figures of a class, or say that the view holds no photo of it."""
    st.markdown(_("**{n} photos in this view, {m} in training.**").format(n=row.tests, m=row.trains))
    lacking = [side.name for side, score in zip(selection.sides, row.scores, strict=True) if not score.n]
    if lacking:
        sentence = _LACKING if len(lacking) == len(row.scores) else _LACKING_ONE
        view = _(VIEW_NAMES[selection.view]).lower()
        st.info(_(sentence).format(view=view, model=together(lacking), name=row.name))
    if row.thin:
        st.caption(_("⚠ Trained on fewer than {n} photos of this class: expect little.").format(n=FEW_PHOTOS))
    if any(score.n for score in row.scores):
        show_table(lambda: _table(row, selection), "class-facts")


def _table(row: ClassRow, selection: Selection) -> Table:
    head = ("", *(side.name for side in selection.sides))
    rows: list[tuple[Cell, ...]] = [
        (term.title, *(score.estimate(figure) for score in row.scores)) for figure, term in PER_CLASS.items()
    ]
    counts: tuple[Cell, ...] = (_("Photos that the model named so"), *(score.named for score in row.scores))
    notes = (*(term.meaning for term in PER_CLASS.values()), "")
    return Table(f"{row.label}, first answers", head, (*rows, counts), notes=notes)


def _group(found: Sequence[Target]) -> None:
    """Say what counts, and what the first answers do."""
    sentence = _("**{n} of {total} photos in this view count as malignant or pre-malignant.**")
    counts = [(count(target.positives), count(len(target.truth))) for target in found]
    for n, total in dict.fromkeys(counts):
        st.markdown(sentence.format(n=n, total=total))
    with st.expander(_("What counts, and what the score is")):
        st.markdown(_definition())
    if not all(target.positives for target in found):
        st.info(_("Where there are no such photos, there is no sensitivity and no curve. Choose another view."))
        return
    rates = [target.first_answers for target in found]
    title = N_("Malignant or pre-malignant, first answers")
    st.subheader(_("At the first answers"))
    st.caption(_("Here a photo reaches the threshold when the model's first answer is one of the two classes."))
    show_table(lambda: rates_table(found, rates, title, explained=False), "class-group")


def _definition() -> str:
    first, second = display_name(malignancy.MALIGNANT_CLASS), display_name(malignancy.MELANOMA_CLASS)
    return _(
        "No one looked at the photos: the names of class folders and files decide, as the atlas gives them.\n\n"
        "- Every photo of *{first}* counts, but not these series: {excluded}.\n"
        "- In all other classes only these series count: {included}.\n"
        "- The score is the sum of the scores of *{first}* and *{second}*. The second class holds nevi too, so the "
        "score cannot tell a nevus from a melanoma.\n"
        "- Where each photo of another source has a code of its own, that decides instead: {counting} count, {others} "
        "do not."
    ).format(
        first=first,
        second=second,
        excluded=", ".join(malignancy.NOT_MALIGNANT),
        included=", ".join(malignancy.MALIGNANT),
        counting=", ".join(code for code, counts in malignancy.DIAGNOSES.items() if counts),
        others=", ".join(code for code, counts in malignancy.DIAGNOSES.items() if not counts),
    )


def _errors(found: Sequence[Target], option: str) -> None:
    st.subheader(_("Where the errors go"))
    group = option == MALIGNANT
    left, right = st.columns(2, gap="large")
    with left:
        title = _("What these photos were called") if group else _("What its photos were called")
        _flows(sent(found, option), found, "class-sent", title)
    with right:
        title = _("Whose photos were called so wrongly") if group else _("Whose photos were called this")
        _flows(got(found, option), found, "class-got", title)


def _flows(flows: Sequence[Flow], found: Sequence[Target], key: str, title: str) -> None:
    sides = [target.side for target in found]
    if not any(n for flow in flows for n in flow.counts):
        st.caption(_("{title}: there are none in this view.").format(title=title))
        return
    note = _("Photos, by first answer")
    show_chart(flow_chart(flows, sides), key, flow_text(flows, sides), title=title, note=note)
