"""Which classes the models take for which, down to the photos of one cell."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dermnet_core.evaluation.errors_found import Confusion, most_confused
from dermnet_core.evaluation.intervals import wilson
from dermnet_core.i18n import N_, _, count, decimal, ngettext, percent
from dermnet_core.labels import display_name
from dermnet_ui.charts_confusion import KINDS, Cell, confusion_chart, difference_chart, pairs_chart
from dermnet_ui.evaluation import drilldown
from dermnet_ui.evaluation.answers import answered_by, answers_given, cell_photos
from dermnet_ui.evaluation.chart import show_chart
from dermnet_ui.evaluation.controls import segments, told
from dermnet_ui.evaluation.selection import Selection, Side
from dermnet_ui.markup import plain

_FORM, _WHOSE, _KIND = "confusion-form", "confusion-whose", "confusion-kind"
_CELL = "confusion-cell"
"""Class folders of the photos and of the answer: their places may differ between evaluations."""
_TRUE, _CALLED = "confusion-true", "confusion-called"
_FORMS = {"matrix": N_("Matrix"), "pairs": N_("Most confused pairs")}
_DIFFERENCE = "difference"
_PAIRS = 10
_ANCHOR = "photos-of-the-cell"
_MEANING = N_(
    "Recall: of the photos of a class, how many per cent got this answer; each row sums to 100. Precision: of the "
    "photos that got this answer, how many per cent are of the class; each column sums to 100."
)

_NOTES = {
    "official": N_("Official photos, n = {n}"),
    "clean": N_("Clean photos, n = {n}"),
    "blocked": N_("Blocked photos, n = {n}"),
}


@st.fragment
def show(selection: Selection) -> None:
    """Show the confusion matrix or the most confused pairs, and the photos of the cell that was chosen."""
    st.subheader(_("Which classes are taken for which"))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        form = segments(_("Show"), told(_FORMS), _FORM)
        callers = _callers(selection)
        kind = segments(_("Numbers"), told(KINDS), _KIND, help=_(_MEANING)) if form == "matrix" else ""
    chosen = _chosen(selection)
    _status(callers, chosen)
    if form == "matrix":
        _matrix(selection, callers, kind, chosen)
    else:
        _pairs(selection, chosen)
    _chooser(selection, callers)
    if chosen is not None:
        _photos(selection, callers, chosen)


def _callers(selection: Selection) -> tuple[Side, ...]:
    """Return whose answers are looked at: one side, or both for their difference."""
    options = {str(number): side.name for number, side in enumerate(selection.sides)}
    if selection.paired:
        options[_DIFFERENCE] = _("Difference")
    if len(options) == 1:
        return selection.sides
    whose = segments(_("Answers of"), options, _WHOSE)
    return selection.sides if whose == _DIFFERENCE else (selection.sides[int(whose)],)


def _chosen(selection: Selection) -> Cell | None:
    """Return the chosen cell, if both its classes are here."""
    true, called = st.session_state.get(_CELL) or (None, None)
    classes = selection.classes
    return Cell(classes.index(true), classes.index(called)) if true in classes and called in classes else None


def _status(callers: Sequence[Side], chosen: Cell | None) -> None:
    """Say what a click does, and once a cell was chosen, how many photos it holds: they may be below the screen."""
    if chosen is None:
        st.markdown(_("Click a cell or a bar to see its photos below, or choose one under the chart."))
        return
    number = len(cell_photos(callers, callers, chosen))
    said = ngettext("**{n} photo** in the chosen cell", "**{n} photos** in the chosen cell", number)
    link = _("see them below")
    st.markdown(said.format(n=count(number)) + (f" · [{link}](#{_ANCHOR})" if number else ""))


def _chooser(selection: Selection, callers: Sequence[Side]) -> None:
    """Do what a click on a cell does, for those who use a keyboard."""
    true, called = st.session_state.get(_CELL) or (None, None)
    classes = list(selection.classes)
    st.session_state[_TRUE] = true if true in classes else None
    st.session_state[_CALLED] = called if called in classes else None
    given: dict[str, int] = {}
    if true in classes:
        row = zip(classes, answers_given(callers, classes.index(true)), strict=True)
        given = dict(sorted(row, key=lambda entry: -entry[1]))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.selectbox(
            _("Photos of"), classes, index=None, key=_TRUE, format_func=display_name, on_change=_picked, width=330,
            placeholder=_("Choose a class"),
        )  # fmt: skip
        st.selectbox(
            _("called"), list(given), index=None, key=_CALLED, on_change=_picked, width=330, disabled=not given,
            format_func=lambda label: f"{display_name(label)} · {count(given.get(label, 0))}",
            placeholder=_("Choose an answer") if given else _("Choose a class first"),
        )  # fmt: skip


def _picked() -> None:
    st.session_state[_CELL] = (st.session_state[_TRUE], st.session_state[_CALLED])


def _matrix(selection: Selection, callers: Sequence[Side], kind: str, chosen: Cell | None) -> None:
    if len(callers) == 2:
        first, second = callers
        figure, title = difference_chart(first, second, kind, chosen), _("{second} minus {first}")
        title = title.format(second=second.name, first=first.name)
    else:
        figure, title = confusion_chart(callers[0], kind, chosen), _("Confusion matrix of {name}")
        title = title.format(name=callers[0].name)
    with st.container(key="dn-matrix"):
        show_chart(
            figure, "confusion-matrix", matrix_text(callers), title=title, note=_note(selection, callers[0]),
            on_select=lambda: _clicked(selection, "confusion-matrix"), selection_mode="points",
        )  # fmt: skip
    if len(callers) == 2:
        st.caption(_("Shades follow the square root of the difference. Empty: no difference."))
    else:
        st.caption(_("Shades follow the square root of the number, so that small cells show. Empty: no photos."))


def matrix_text(callers: Sequence[Side]) -> str:
    """Return what a confusion matrix says most clearly, in words."""
    told = (pairs_text(side, most_confused(side.predictions, 5)) for side in callers)
    return " ".join([_("Confusion matrix."), *told])


def pairs_text(side: Side, pairs: Sequence[Confusion]) -> str:
    """Return the most confused pairs of a model in words."""
    names = [display_name(label) for label in side.predictions.classes]
    if not pairs:
        return _("{name} makes no error.").format(name=side.name)
    pair_text = _("{true} called {predicted}: {n} of {total}")
    rows = [
        pair_text.format(
            true=names[pair.true], predicted=names[pair.predicted], n=count(pair.n), total=count(pair.support)
        )
        for pair in pairs
    ]
    return _("{name} most often errs so: {pairs}.").format(name=side.name, pairs="; ".join(rows))


def _pairs(selection: Selection, chosen: Cell | None) -> None:
    found = [(side, most_confused(side.predictions, _PAIRS)) for side in selection.sides]
    longest = max((pair.n for _side, pairs in found for pair in pairs), default=1)
    for number, column in enumerate(st.columns(len(found), gap="large")):
        side, pairs = found[number]
        with column:
            if not pairs:
                right = _("**{name}** confuses no classes: all {n} answers are right.")
                st.markdown(right.format(name=side.name, n=count(len(side.predictions))))
                continue
            key = f"confusion-pairs-{number}"
            show_chart(
                pairs_chart(side, pairs, longest, chosen), key, pairs_text(side, pairs),
                title=_("{name}: class → called").format(name=side.name), note=_note(selection, side),
                on_select=lambda key=key, number=number: _clicked(selection, key, str(number)),
                selection_mode="points",
            )  # fmt: skip


def _clicked(selection: Selection, key: str, whose: str = "") -> None:
    """Choose the cell that was clicked; in the chart of one model also that model."""
    points: list[dict[str, Any]] = st.session_state[key].selection.points
    if not points:
        return
    true, called = (selection.classes[int(place)] for place in points[0]["customdata"][:2])
    st.session_state[_CELL] = (true, called)
    if whose and len(selection.sides) > 1:
        st.session_state[f"{_WHOSE}-widget"] = whose


def _photos(selection: Selection, callers: tuple[Side, ...], chosen: Cell) -> None:
    names = [display_name(label) for label in selection.classes]
    true, called = names[chosen.true], names[chosen.predicted]
    st.subheader(_("{true}, called {called}").format(true=plain(true), called=plain(called)), anchor=_ANCHOR)
    for side in callers:
        n, support = side.view.confusion[chosen.true][chosen.predicted], sum(side.view.confusion[chosen.true])
        if not support:
            nothing = _("{name}: there are no photos of {true} in this view.")
            st.markdown(nothing.format(name=side.name, true=true))
            continue
        interval = wilson(n, support)
        share = _("{name}: {n} of {total} photos of {true}, {share} (95 % interval {low}–{high}).").format(
            name=side.name, n=count(n), total=count(support), true=true, share=percent(n / support),
            low=decimal(100 * interval.low), high=decimal(100 * interval.high),
        )  # fmt: skip
        st.markdown(share)
    answered = answered_by(selection, callers[0])
    found = cell_photos(answered, callers, chosen)
    if len(found):
        if len(answered) < len(selection.sides):
            st.caption(_("Only the answers of this model: the other evaluation is of different photos."))
        drilldown.photo_list(found, "cell")
    else:
        none = _("No photo of {true} was called {called}. Choose a cell that holds a number.")
        st.info(none.format(true=true, called=called))


def _note(selection: Selection, side: Side) -> str:
    return _(_NOTES[selection.view]).format(n=count(len(side.predictions)))
