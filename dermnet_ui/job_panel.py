"""A long command while it works: how far it is, and a button that stops it."""

from collections.abc import Collection, Mapping

import streamlit as st

from dermnet_core.i18n import _
from dermnet_ui.jobs import Job, progress_text

_PATIENCE = 3.0
"""Seconds that the page waits for a process to end before it shows it as running again."""


def show(
    job: Job | None,
    key: str,
    caption: str,
    phases: Mapping[str, str],
    rated: Collection[str] = ("photos",),
    title: str = "",
) -> None:
    """Show a running command; once it has ended, run the whole page again. For a fragment that runs every second.

    Args:
        job: the command; None when it is gone.
        key: of the panel; that of its button is ``<key>-stop``.
        caption: a quiet line, in the visitor's language.
        phases: name of a phase -> what is said of it, in English.
        rated: phases whose rate is in photos.
        title: a line above, as Markdown.
    """
    if job is None or job.state != "running":
        st.rerun()
    step = job.step
    with st.container(border=True, key=key):
        if title:
            st.markdown(title)
        done = min(1.0, step.done / step.total) if step.total else 0.0
        st.progress(done, text=progress_text(step, phases, rated))
        st.caption(caption)
        st.button(_("Stop"), key=f"{key}-stop", on_click=_stop, args=(job,))


def _stop(job: Job) -> None:
    job.stop()
    job.wait(_PATIENCE)
