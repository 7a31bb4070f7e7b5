"""A new search, and what can be done with one that is there."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import streamlit as st

from dermnet_core.data.listing import list_photos
from dermnet_core.errors import DermnetError
from dermnet_core.i18n import _, decimal, retold
from dermnet_core.paths import searches_dir
from dermnet_core.tuning import control
from dermnet_core.tuning.search import SearchSettings, create_search
from dermnet_core.tuning.table import SearchTable, read_search

CHOSEN = "tune-search"
_TOLD = "tune-told"
_EVERY = 2.0


def new(root: Path | None, allowed: bool, reason: str) -> None:
    """Show how to start a search, or why nobody can here."""
    st.subheader(_("A new search"))
    if root is None or not allowed:
        st.info(reason or _("Training is off here: no photo folder is set."), icon="ℹ️")
        st.caption(_("On your own computer:"))
        st.code("python -m dermnet_core tune SEARCH_DIR --data DIR --trials 30", language=None, wrap_lines=True)
        _machines()
        return
    with st.form("search", border=False):
        left, right = st.columns(2)
        trials = left.number_input(_("Trials"), 1, 500, 30, help=_("How many configurations are tried."))
        photos = right.number_input(_("Training photos"), 0, 1_000_000, 3000, 500, help=_("For each trial; 0: all."))
        epochs = left.number_input(
            _("Epochs"), 1, 100, 8, help=_("At most, for each trial; early stopping ends it sooner.")
        )
        size = right.number_input(_("Photo size, px"), 48, 224, 96, 16)
        name = st.text_input(_("Name of the search"), placeholder=_("today's date, if you name none"))
        st.caption(
            _(
                "Each trial trains in a process of its own. With 3,000 photos at 96 px one takes two to four minutes "
                "on a laptop; the first third is drawn at random."
            )
        )
        if st.form_submit_button(_("Start the search"), type="primary"):
            _create(root, str(name or ""), int(trials), int(photos), int(epochs), int(size))
    _told()
    _machines()


def actions(table: SearchTable, folder: Path) -> None:
    """Offer to stop, resume or delete a search."""
    with st.container(horizontal=True, gap="small"):
        if table.status == "running":
            st.button(_("Stop"), key="search-stop", on_click=_do, args=(lambda: control.stop(folder), _("Stopped.")))
            return
        if table.status != "finished":
            title = _("Start") if table.status == "new" else _("Resume")
            st.button(
                title, key="search-resume", type="primary", on_click=_do, args=(lambda: control.start(folder), "")
            )
        with st.popover(_("Delete")):
            sure = _("Delete the search **{name}** with all its trials? This cannot be undone.")
            st.markdown(sure.format(name=folder.name))
            st.button(
                _("Delete for good"), key="search-delete", on_click=_do,
                args=(lambda: control.delete(folder), _("Deleted {name}.").format(name=folder.name)),
            )  # fmt: skip


def live(folder: Path, trials: int) -> None:
    """Show how far a running search is; the page is drawn anew with each trial that ends."""
    st.fragment(_live, run_every=_EVERY)(folder, trials)


def progress_text(table: SearchTable) -> str:
    """Return how far a search is, what trains now, and how long the rest takes."""
    ended = [trial for trial in table.trials if trial.status in ("completed", "failed")]
    parts = [_("{n} of {total} trials").format(n=len(ended), total=table.settings.trials)]
    now = next((trial for trial in table.trials if trial.status == "running"), None)
    if now:
        text = _("trial {number}, {n} of at most {epochs} epochs")
        parts.append(text.format(number=now.number, n=now.epochs, epochs=table.settings.epochs))
    times = [trial.seconds for trial in ended if trial.seconds]
    if times:
        left = sum(times) / len(times) * (table.settings.trials - len(ended)) / 60
        about = _("about {n} min left").format(n=decimal(left, 0))
        parts.append(about if left >= 1 else _("less than a minute left"))
    return " · ".join(parts)


def _live(folder: Path, shown: int) -> None:
    table = read_search(folder)
    ended = sum(trial.status in ("completed", "failed") for trial in table.trials)
    if table.status != "running" or ended != shown:
        st.rerun()
    st.progress(min(1.0, ended / table.settings.trials), text=progress_text(table))
    st.caption(_("It goes on when you leave this page, close the browser or stop the application."))


def _create(root: Path, name: str, trials: int, photos: int, epochs: int, size: int) -> None:
    try:
        classes = {photo.label for photo in list_photos(root).photos}
        settings = SearchSettings(root, len(classes), trials, photos or None, epochs, size)
        folder = _folder(name)
        create_search(folder, settings)
        control.start(folder)
    except DermnetError as error:
        st.session_state[_TOLD] = ("error", retold(str(error)))
    else:
        st.session_state[CHOSEN] = folder.name
        st.rerun()


def _folder(name: str) -> Path:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name.strip()).strip("-")[:60] or f"{datetime.now():%Y-%m-%d-%H%M}"
    folder, number = searches_dir() / plain, 2
    while folder.exists():
        folder, number = searches_dir() / f"{plain}-{number}", number + 1
    return folder


def _do(action: Callable[[], object], said: str) -> None:
    try:
        action()
    except DermnetError as error:
        st.session_state[_TOLD] = ("error", retold(str(error)))
    else:
        if said:
            st.session_state[_TOLD] = ("success", said)


def _told() -> None:
    if told := st.session_state.pop(_TOLD, None):
        (st.error if told[0] == "error" else st.success)(told[1])


def _machines() -> None:
    with st.expander(_("Over several machines")):
        st.markdown(
            _(
                "Keras Tuner leads the search from one machine, the chief; any number of workers train. All need the "
                "photos and one search folder that every machine can write to. Make the search on the chief, then run:"
            )
        )
        st.code(
            "export KERASTUNER_ORACLE_IP=<address of the chief> KERASTUNER_ORACLE_PORT=8000\n"
            "KERASTUNER_TUNER_ID=chief   python -m dermnet_core tune SEARCH_DIR --data DIR   # on the chief\n"
            "KERASTUNER_TUNER_ID=worker0 python -m dermnet_core tune SEARCH_DIR --data DIR  # worker1 … elsewhere",
            language="bash", wrap_lines=True,
        )  # fmt: skip
