"""The section "Evaluate a folder": a model is asked about labelled photos, in a process that outlives the visitor."""

import sys
from pathlib import Path

import streamlit as st

from dermnet_core.errors import DermnetError
from dermnet_core.evaluations import StoredEvaluation, delete_evaluation, list_evaluations, own_folder
from dermnet_core.i18n import N_, _, day, retold
from dermnet_ui import job_panel
from dermnet_ui.dataset import folder as photo_folder
from dermnet_ui.evaluation import choice, request
from dermnet_ui.evaluation.request import Request
from dermnet_ui.jobs import EVALUATION, Jobs
from dermnet_ui.markup import plain
from dermnet_ui.permission import evaluating_allowed

_PHASES = {
    "starting": N_("Starting"),
    "photos": N_("Reading and measuring the photos"),
    "near duplicates": N_("Looking for near duplicates"),
    "answers": N_("The model answers"),
    "figures": N_("Computing figures and intervals"),
}
_WATCHED, _WANTED, _TOLD = "recompute-watched", "recompute-wanted", "recompute-told"


@st.cache_resource
def jobs() -> Jobs:
    """Return the evaluations that this server makes, by the folder that they write."""
    return Jobs(EVALUATION)


def show() -> None:
    """Show what can be evaluated, what is running, and the visitor's own evaluations."""
    allowed, reason = evaluating_allowed()
    if not allowed:
        st.info(reason, icon="ℹ️")
        st.code(request.GENERAL_COMMAND, language=None, wrap_lines=True)
        return
    if message := st.session_state.pop(_TOLD, None):
        st.error(message)
    root = photo_folder.current()
    _watched()
    if root is None:
        st.session_state.pop(_WANTED, None)
        st.markdown(
            _(
                "**No photo folder is set.** With one, any installed model can be asked about its photos here, and the "
                "answers compared with all other evaluations. This command does the same:"
            )
        )
        st.code(request.GENERAL_COMMAND, language=None, wrap_lines=True)
    elif wanted := request.choose(root):
        _start_box(wanted)
    else:
        st.session_state.pop(_WANTED, None)
    photo_folder.choice(root)
    _own()


def _start_box(wanted: Request) -> None:
    """Show the command and the button that starts it."""
    st.caption(_("The same in a terminal, in the folder of the application:"))
    st.code(wanted.shown_command(photo_folder.may_choose_folder()), language=None, wrap_lines=True)
    target = own_folder(wanted.name)
    job = jobs().get(target)
    running = job is not None and job.state == "running"
    if target.exists() and not running:
        replaced = _("There is an evaluation named {name} already; it will be replaced.")
        st.caption(replaced.format(name=wanted.name))
    again = job is not None and job.state in ("stopped", "failed")
    title = _("Go on") if again else _("Evaluate")
    # The callback gets no request: its own would be that of the script run before, without what was typed just before
    # the click. And the click itself would be lost where another rerun cuts this one short.
    st.button(title, key="recompute-start", type="primary", disabled=running, on_click=_want)
    if st.session_state.pop(_WANTED, False):
        _start(wanted)


def _want() -> None:
    st.session_state[_WANTED] = True


def _start(wanted: Request) -> None:
    if not evaluating_allowed()[0]:  # asked again, because a hidden button may be forged
        return
    target = own_folder(wanted.name)
    jobs().start(target, [sys.executable, "-m", "dermnet_core", *wanted.arguments(), "--json", "--progress", "json"])
    st.session_state[_WATCHED] = str(target.resolve())
    st.rerun()


def _watched() -> None:
    """Show the evaluation that this visitor started, or one that is running."""
    watched = st.session_state.get(_WATCHED)
    target = Path(watched) if watched else next(iter(jobs().running()), None)
    job = jobs().get(target) if target else None
    if target is None or job is None:
        return
    st.session_state[_WATCHED] = str(target)
    if job.state == "running":
        _live(target)
    elif job.state == "finished":
        with st.container(horizontal=True, vertical_alignment="center"):
            done = _("**{name} is evaluated.** It is offered above under “Compare other evaluations”.")
            st.success(done.format(name=plain(target.name)))
            st.button(_("Show it"), key="recompute-open", on_click=_open, args=(target,))
    elif job.state == "stopped":
        st.warning(retold(job.message), icon="⏹️")
    else:
        st.error(_("**The evaluation did not finish.** {reason}").format(reason=retold(job.message)))


@st.fragment(run_every=1.0)
def _live(target: Path) -> None:
    caption = _("It goes on when you leave this page. The photos are read; nothing in their folder is changed.")
    title = f"**{plain(target.name)}**"
    job_panel.show(jobs().get(target), "recompute", caption, _PHASES, ("photos", "answers"), title)


def _open(target: Path) -> None:
    choice.choose(next((entry.folder for entry in _own_evaluations() if entry.folder.resolve() == target), target))
    st.session_state["evaluation-section"] = "Overview"


def _own_evaluations() -> list[StoredEvaluation]:
    return [entry for entry in list_evaluations()[0] if entry.own]


def _own() -> None:
    """List the visitor's own evaluations, each with a way to delete it."""
    found = _own_evaluations()
    if not found:
        return
    st.subheader(_("Your own evaluations"))
    for entry in found:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            words = _("**{name}**: {model} on {photos}, {day}").format(
                name=plain(entry.name),
                model=plain(_(entry.about.title)),
                photos=plain(retold(entry.about.photos)),
                day=day(entry.about.created),
            )
            st.markdown(words)
            with st.popover(_("Delete"), key=f"recompute-ask-{entry.name}"):
                st.markdown(_("Its answers and figures are gone then; the photos and the model stay."))
                st.button(_("Delete it"), key=f"recompute-delete-{entry.name}", on_click=_delete, args=(entry,))


def _delete(entry: StoredEvaluation) -> None:
    if not evaluating_allowed()[0]:
        return
    try:
        delete_evaluation(entry)
    except DermnetError as error:
        st.session_state[_TOLD] = retold(str(error))
    if st.session_state.get(_WATCHED) == str(entry.folder.resolve()):
        del st.session_state[_WATCHED]
