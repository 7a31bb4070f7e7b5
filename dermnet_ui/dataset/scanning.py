"""The scan of the folder: started, watched and stopped from the page, and its report."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

import streamlit as st

from dermnet_core.data.report import DatasetReport
from dermnet_core.dataset import changed_since, load_report, report_path
from dermnet_core.errors import DatasetError
from dermnet_core.i18n import N_, _, count, moment, retold
from dermnet_ui import job_panel
from dermnet_ui.jobs import Jobs

_PHASES = {
    "starting": N_("Starting"),
    "photos": N_("Reading and measuring the photos"),
    "near duplicates": N_("Looking for near duplicates"),
    "report": N_("Writing the report"),
}


@st.cache_resource
def jobs() -> Jobs:
    """Return the scans of this server."""
    return Jobs()


def report(root: Path) -> DatasetReport | None:
    """Return what the last scan of a folder found; None if it was never scanned.

    Raises:
        DatasetError: the stored report is damaged.
    """
    try:
        written = report_path(root).stat().st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
        return None
    with st.spinner(_("Opening the report …")):
        return _report(str(root), written)


def panel(root: Path, found: DatasetReport | None) -> None:
    """Show how the scan of the folder stands: never made, running, ended, or made before the folder changed."""
    job = jobs().get(root)
    if job is not None and job.state == "running":
        _live(root)
        return
    if job is not None and job.state == "stopped":
        st.warning(retold(job.message), icon="⏹️")
    elif job is not None and job.state == "failed":
        st.error(_("**The scan did not finish.** {reason}").format(reason=retold(job.message)))
    if found is None:
        _never(root, again=job is not None)
    else:
        _done(root, found)


def when(scanned: str) -> str:
    """Return an ISO 8601 time as people write it."""
    try:
        return moment(datetime.fromisoformat(scanned))
    except ValueError:
        return scanned


def scan_command(root: Path) -> list[str]:
    """Return the command that scans a folder, tells its progress on standard error and stores the report."""
    return [sys.executable, "-m", "dermnet_core", "dataset", str(root.resolve()), "--json", "--progress", "json"]


@st.cache_resource(max_entries=2, show_spinner=False)
def _report(root: str, written: int) -> DatasetReport | None:
    return load_report(Path(root))


@st.cache_data(ttl=15, max_entries=4, show_spinner=False)
def _changed(root: str, digest: str, _found: DatasetReport) -> bool:
    return changed_since(_found, Path(root))


@st.fragment(run_every=1.0)
def _live(root: Path) -> None:
    caption = _("The scan goes on when you leave this page. It reads the photos and changes nothing in the folder.")
    job_panel.show(jobs().get(root), "scan", caption, _PHASES)


def _never(root: Path, again: bool) -> None:
    with st.container(border=True):
        st.markdown(
            _(
                "**This folder has not been scanned yet.** A scan reads every photo once and finds copies, near "
                "duplicates, photos under two classes and files that do not belong. It takes about a minute "
                "for {n} photos and changes nothing in the folder."
            ).format(n=count(10_000))
        )
        title = _("Scan again") if again else _("Scan the folder")
        st.button(title, key="scan-start", type="primary", on_click=_start, args=(root,))


def _done(root: Path, found: DatasetReport) -> None:
    try:
        with st.spinner(_("Looking whether the folder has changed …")):
            changed = _changed(str(root), f"{found.digest} {found.summary.scanned}", found)
    except DatasetError as error:
        st.error(_("{error} Below are the figures of the last scan.").format(error=retold(str(error))))
        changed = False
    if changed:
        st.warning(_("The folder has changed since the last scan: scan again to see what it holds now."), icon="⚠️")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_("Scanned {when}").format(when=when(found.summary.scanned)), width="content")
        kind: Literal["primary", "tertiary"] = "primary" if changed else "tertiary"
        st.button(_("Scan again"), key="scan-start", type=kind, on_click=_start, args=(root,))


def _start(root: Path) -> None:
    _changed.clear()
    jobs().start(root, scan_command(root))
