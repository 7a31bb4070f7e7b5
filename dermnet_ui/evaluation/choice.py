"""Which two evaluations the page compares, and in which view of the photos."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dermnet_core.artifacts import PREDICTIONS
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.report import View, score_view
from dermnet_core.evaluations import StoredEvaluation, list_evaluations
from dermnet_ui import active
from dermnet_ui.evaluation.selection import VIEW_TITLES, Selection, Side, colours, names

VIEW = "evaluation-view"
_FIRST, _SECOND = "evaluation-first", "evaluation-second"
_FIRST_CHOICE = ("clean", "official")


@dataclass(frozen=True)
class _Option:
    title: str
    stored: StoredEvaluation


def selection() -> Selection | None:
    """Show the pickers and return what was picked; None when no evaluation is installed.

    Raises:
        ArtifactError: an evaluation is damaged.
    """
    found, problems = list_evaluations()
    for problem in problems:
        st.error(problem)
    if not found:
        return None
    evaluations = _pick(found)
    view = _view(evaluations)
    sides = zip(evaluations, names(evaluations), colours(evaluations), strict=True)
    return Selection(tuple(_side(entry, name, colour, view) for entry, name, colour in sides), view)


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


@st.cache_resource(max_entries=24, show_spinner="Computing intervals …")
def _score(key: str, view: str, _evaluation: Evaluation) -> View:
    return score_view(_evaluation.predictions(view))


def _side(evaluation: Evaluation, name: str, colour: str, view: str) -> Side:
    return Side(evaluation, name, colour, evaluation.predictions(view), _score(evaluation.key, view, evaluation))


def _pick(found: list[StoredEvaluation]) -> list[Evaluation]:
    """Return the chosen evaluations: those of the active models until somebody picks others."""
    options = {str(entry.folder): entry for entry in found}
    usual = _usual(options)
    with st.expander("Compare other evaluations"):
        columns = st.columns(2, gap="medium")
        chosen = [
            columns[0].selectbox("First", list(options), _index(options, usual, 0), key=_FIRST,
                                 format_func=lambda folder: _title(options[folder])),
            columns[1].selectbox("Second", ["", *options], _index(options, usual, 1) + 1, key=_SECOND,
                                 format_func=lambda folder: _title(options[folder]) if folder else "None"),
        ]  # fmt: skip
    return [loaded(options[folder]) for folder in dict.fromkeys(chosen) if folder]


def _usual(options: dict[str, StoredEvaluation]) -> list[str]:
    folders = [str(artifact.folder) for artifact in active.artifacts() if (artifact.folder / PREDICTIONS).is_file()]
    return [folder for folder in folders if folder in options] or list(options)[:2]


def _index(options: dict[str, StoredEvaluation], usual: list[str], place: int) -> int:
    return list(options).index(usual[place]) if place < len(usual) else -1 if place else 0


def _title(stored: StoredEvaluation) -> str:
    return f"{stored.about.title} · {stored.about.model} · {stored.about.photos}"


def _view(evaluations: list[Evaluation]) -> str:
    """Return the view that all evaluations know and the visitor chose."""
    views = [view for view in VIEW_TITLES if all(view in entry.views for entry in evaluations)]
    first = next(view for view in _FIRST_CHOICE if view in views)
    if st.session_state.get(VIEW) not in views:
        st.session_state[VIEW] = first
    counts = {view: int(evaluations[0].mask(view).sum()) for view in views}
    chosen = st.segmented_control(
        "Photos", views, format_func=lambda view: f"{VIEW_TITLES[view]} ({counts[view]:,})", required=True, key=VIEW
    )
    return str(chosen or first)
