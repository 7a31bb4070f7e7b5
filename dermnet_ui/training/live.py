"""The right half of the Train page: one run, its curves, and what can be done with it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from dermnet_core.errors import DermnetError
from dermnet_core.i18n import _, count, decimal, percent, retold
from dermnet_core.training import control
from dermnet_core.training.register import register
from dermnet_core.training.status import RunProgress, RunSummary, read_progress
from dermnet_ui import active, charts_training
from dermnet_ui.case import MODEL_COLOURS
from dermnet_ui.charts_training import MEASURES, Curve
from dermnet_ui.training.recipe import TITLES

CHOSEN = "train-run"
COMPARED = "train-compared"
_TOLD = "train-told"
_EVERY = 2.0
_OPTIONS = {"displayModeBar": False}


def show(runs: Sequence[RunSummary], allowed: bool) -> None:
    """Show the chosen run, live while it trains."""
    st.subheader(_("Progress"))
    if not runs:
        st.info(_("No run yet. Here you will see the curves of the one you start."), icon="ℹ️")
        return
    names = [summary.run.folder.name for summary in runs]
    if st.session_state.get(CHOSEN) not in names:
        running = [summary.run.folder.name for summary in runs if summary.progress.status == "running"]
        st.session_state[CHOSEN] = (running or names)[0]
    name = st.selectbox(_("Run"), names, key=CHOSEN)
    summary = runs[names.index(name)]
    if message := st.session_state.pop(_TOLD, None):
        (st.error if message[0] == "error" else st.success)(message[1])
    every = _EVERY if summary.progress.status == "running" else None
    behind = [run for run in runs if run.run.folder.name in st.session_state.get(COMPARED, []) and run is not summary]
    st.fragment(_panel, run_every=every)(summary, behind, every is not None)
    if allowed:
        _actions(summary)
    _log(summary.run.folder)


def progress_text(progress: RunProgress) -> str:
    """Return what a run does, how fast, and how long this part takes."""
    parts = [progress.phase]
    if progress.photos_per_second:
        parts.append(_("{n} photos a second").format(n=decimal(progress.photos_per_second, 0)))
    left = progress.seconds_left
    if left is not None:
        few, many = _("about {n} s left"), _("about {n} min left")
        parts.append((few if left < 90 else many).format(n=decimal(left if left < 90 else left / 60, 0)))
    return " · ".join(parts)


def curve(summary: RunSummary, epochs: RunProgress | None = None) -> Curve:
    """Return the curve of a run in the colour of its model."""
    progress = epochs or summary.progress
    return Curve(summary.run.folder.name, progress.epochs, MODEL_COLOURS[summary.run.config.model_name])


def _panel(summary: RunSummary, behind: Sequence[RunSummary], was_running: bool) -> None:
    try:
        progress = read_progress(summary.run.folder)
    except DermnetError as error:
        st.error(retold(str(error)))
        return
    if was_running and progress.status != "running":
        st.rerun()
    st.progress(progress.fraction, text=progress_text(progress))
    if progress.status == "failed":
        st.error(_("**The run did not finish.** {reason}").format(reason=retold(progress.message)))
    elif progress.status != "running":
        st.caption(_result(_(TITLES[summary.run.config.model_name]), progress))
    else:
        st.caption(_("It goes on when you leave this page, close the browser or stop the application."))
    chosen = curve(summary, progress)
    if not chosen.epochs:
        if progress.status == "running":
            st.caption(_("The curves begin with the first finished epoch."))
        return
    others = [curve(other) for other in behind]
    text = charts_training.curves_text(chosen)
    for measure in MEASURES:
        chart = charts_training.curves_chart(measure, chosen, others)
        if measure in ("accuracy", "loss"):
            st.plotly_chart(chart, config=_OPTIONS, key=f"train-{measure}", alt=text)
    left, right = st.columns(2)
    for measure, column in (("learning_rate", left), ("photos_per_second", right)):
        chart = charts_training.curves_chart(measure, chosen)
        column.plotly_chart(chart, config=_OPTIONS, key=f"train-{measure}", alt=_(MEASURES[measure]))


def _result(model: str, progress: RunProgress) -> str:
    text = _("{model}, {n} of {total} epochs.")
    text = text.format(model=model, n=count(len(progress.epochs)), total=count(progress.total))
    if progress.best is None:
        return text
    best = _("Best validation accuracy {value}.").format(value=percent(progress.best.val_accuracy))
    return f"{text} {best}"


def _actions(summary: RunSummary) -> None:
    folder, status = summary.run.folder, summary.progress.status
    with st.container(horizontal=True, gap="small"):
        if status == "running":
            st.button(_("Stop"), key="run-stop", on_click=_do, args=(lambda: control.stop(folder), _("Stopped.")))
            return
        if status != "finished":
            title = _("Start") if status == "new" else _("Resume")
            st.button(title, key="run-resume", type="primary", on_click=_do, args=(lambda: control.start(folder), ""))
            if summary.progress.best is not None:
                st.button(
                    _("Make a model of the best weights so far"), key="run-finish", on_click=_do,
                    args=(lambda: control.start(folder, finish=True), ""),
                )  # fmt: skip
        with st.popover(_("Delete")):
            sure = _("Delete **{name}** with its weights and curves? This cannot be undone.")
            st.markdown(sure.format(name=folder.name))
            st.button(
                _("Delete for good"), key="run-delete", on_click=_do,
                args=(lambda: control.delete(folder), _("Deleted {name}.").format(name=folder.name)),
            )  # fmt: skip
    if status == "finished":
        _register(folder)


def _register(folder: Path) -> None:
    with st.form("register", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(_("Name of the model"), key="register-name", placeholder=_("small letters, digits, - and _"))
        st.form_submit_button(_("Register as a model"), on_click=_registered, args=(folder,))
    st.caption(_("From then on it answers in this session; the sidebar of Classify and Models changes that."))


def _registered(folder: Path) -> None:
    name = str(st.session_state.get("register-name", "")).strip()
    said = _("Registered {name}. It answers on the other pages now.").format(name=name)
    _do(lambda: active.activate(register(folder, name)), said)


def _do(action: Callable[[], object], said: str) -> None:
    try:
        action()
    except DermnetError as error:
        st.session_state[_TOLD] = ("error", retold(str(error)))
    else:
        if said:
            st.session_state[_TOLD] = ("success", said)


def _log(folder: Path) -> None:
    with st.expander(_("Log")):
        text = control.tail(folder)
        if text:
            st.code(text, language=None, height=300)
        else:
            st.caption(_("The process has printed nothing yet."))
