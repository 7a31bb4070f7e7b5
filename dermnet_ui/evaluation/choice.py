"""Which two evaluations the page compares, and in which view of the photos."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from dermnet_core.artifacts import PREDICTIONS
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.report import View, score
from dermnet_core.evaluations import StoredEvaluation, list_evaluations
from dermnet_core.i18n import _, retold
from dermnet_ui import active
from dermnet_ui.evaluation.selection import (
    VIEW_NAMES,
    VIEW_TITLES,
    Selection,
    Side,
    aligned,
    colours,
    mismatch,
    names,
    titles,
    view_title,
)

VIEW = "evaluation-view"
_FIRST, _SECOND, _USUAL = "evaluation-first", "evaluation-second", "evaluation-usual"
_FIRST_CHOICE = ("clean", "official")


def selection() -> Selection | None:
    """Show the pickers and return what was picked; None when no evaluation is installed or none can be read.

    An evaluation that cannot be used is named together with what to do, and left out.
    """
    found = listed()
    evaluations = _comparable(_pick(found)) if found else []
    if not evaluations:
        return None
    view = _view(evaluations)
    sides = zip(evaluations, names(evaluations), colours(evaluations), strict=True)
    with st.spinner(_("Computing intervals …")):
        chosen = Selection(tuple(side(entry, name, colour, view) for entry, name, colour in sides), view)
    if note := mismatch(chosen):
        st.info(note)
    return chosen


def choose(folder: Path) -> None:
    """Put an evaluation first in the pickers and nothing beside it; for callbacks."""
    st.session_state[_FIRST], st.session_state[_SECOND] = str(folder), ""


def listed() -> list[StoredEvaluation]:
    """Return the evaluations that are here and name those that cannot be read."""
    found, problems = list_evaluations()
    for problem in problems:
        st.error(retold(problem))
    return found


def loaded(stored: StoredEvaluation) -> Evaluation:
    """Return an evaluation, read once for all visitors.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    try:
        written = stored.file.stat().st_mtime_ns
    except OSError:
        written = 0  # reading it says what is wrong
    return _load(str(stored.file), written)


@st.cache_resource(max_entries=16, show_spinner=False)
def _load(file: str, written: int) -> Evaluation:
    return Evaluation.load(Path(file))


@st.cache_resource(max_entries=24, show_spinner=False)
def _score(key: str, view: str, _evaluation: Evaluation) -> View:
    return score(_evaluation, view)


def side(evaluation: Evaluation, name: str, colour: str, view: str) -> Side:
    """Return an evaluation in one view with its figures, which are computed once for all visitors."""
    return Side(evaluation, name, colour, evaluation.predictions(view), _score(evaluation.key, view, evaluation))


def usable(stored: StoredEvaluation) -> Evaluation | None:
    """Return an evaluation whose answers can be read and scored; otherwise say what is wrong with it."""
    try:
        evaluation = loaded(stored)
        evaluation.predictions()  # looks at each score
    except ArtifactError as error:
        left_out = _("The evaluation {name} is left out. {error}")
        st.error(left_out.format(name=stored.name, error=retold(str(error))))
        return None
    return evaluation


def _comparable(evaluations: list[Evaluation]) -> list[Evaluation]:
    """Return the evaluations with the classes in the order of the first, without those of other classes."""
    found = []
    for evaluation in evaluations:
        try:
            found.append(aligned(evaluation, evaluations[0].classes))
        except ArtifactError as error:
            st.warning(_("Only the first evaluation is shown. {error}").format(error=error))
    return found


def _pick(found: list[StoredEvaluation]) -> list[Evaluation]:
    """Return the chosen evaluations: those of the active models until somebody picks others."""
    options = {str(entry.folder): entry for entry in found}
    first, second = _usual(options)
    if st.session_state.get(_USUAL) != (first, second):
        # Other models are active, or evaluations came or went.
        st.session_state[_USUAL], st.session_state[_FIRST], st.session_state[_SECOND] = (first, second), first, second
    shown = titles(found)
    texts = dict(zip(options, shown, strict=True))
    with st.expander(_("Compare other evaluations")):
        columns = st.columns(2, gap="medium")
        chosen = [
            columns[0].selectbox(_("First"), list(options), key=_FIRST, format_func=texts.__getitem__),
            columns[1].selectbox(_("Second"), ["", *options], key=_SECOND,
                                 format_func=lambda folder: texts.get(folder) or _("None")),
        ]  # fmt: skip
        st.caption(
            _(
                "Here are the evaluations of the installed models, those that ship, and those that you made under "
                "Evaluate a folder or with the command line."
            )
        )
    loadable = [usable(options[folder]) for folder in dict.fromkeys(chosen) if folder]
    return [evaluation for evaluation in loadable if evaluation]


def _usual(options: Mapping[str, StoredEvaluation]) -> tuple[str, str]:
    """Return the folders that are compared before anybody picks: those of the active models."""
    folders = [str(artifact.folder) for artifact in active.artifacts() if (artifact.folder / PREDICTIONS).is_file()]
    usual = [folder for folder in folders if folder in options] or list(options)[:2]
    return usual[0], usual[1] if len(usual) > 1 else ""


def _view(evaluations: list[Evaluation]) -> str:
    """Return the view that all evaluations know and the visitor chose."""
    views = [view for view in VIEW_TITLES if all(view in entry.views for entry in evaluations)]
    first = next(view for view in _FIRST_CHOICE if view in views)
    if st.session_state.get(VIEW) not in views:
        st.session_state[VIEW] = first
    chosen = st.segmented_control(
        _("Photos"), views, format_func=lambda view: view_title(view, evaluations), required=True, key=VIEW
    )
    st.caption(_about_view(str(chosen or first), [view for view in VIEW_TITLES if view not in views]))
    return str(chosen or first)


def _about_view(view: str, unknown: list[str]) -> str:
    if not unknown:
        return f"{_(VIEW_TITLES[view])}."
    views = [_(VIEW_NAMES[name]).lower() for name in unknown]
    either = _("{first} or {second}").format(first=views[0], second=views[-1])
    sentence = _(
        "Which photos are {views} is not known here: it takes an evaluation of a folder that holds the training photos "
        "too."
    )
    return sentence.format(views=either if len(views) > 1 else views[0])
