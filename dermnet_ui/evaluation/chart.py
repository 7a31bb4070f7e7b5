"""Show a chart or a table of the Evaluate page, with its title, its text alternative and a button that saves it."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dermnet_core.i18n import _
from dermnet_ui.charts_frame import INKS, PICTURE_KINDS, framed, picture_config
from dermnet_ui.evaluation.tables import Table

_KIND = "evaluation-picture-kind"


def show_chart(figure: go.Figure, key: str, alt: str, *, title: str, note: str = "", **options: Any) -> Any:
    """Show one chart and return what ``st.plotly_chart`` returns.

    Args:
        figure: drawn by a function of a ``charts`` module, without a title.
        key: of the Streamlit element.
        alt: what the chart says, in words.
        title: what it shows, about 40 characters; stands above it, in saved pictures too, and names their file.
        note: a quiet line below the title, such as the view and its number of photos.
        options: further arguments of ``st.plotly_chart``, such as ``on_select``.
    """
    kind = st.session_state.get(_KIND, "png")
    ink = INKS.get(str(st.context.theme.type), INKS["light"])
    shown = framed(figure, title, note, ink)
    return st.plotly_chart(shown, key=key, alt=alt, config=picture_config(title, kind), **options)


def pick_picture_kind() -> None:
    """Let the visitor choose once in which format the charts of the page are saved."""
    # Kept apart from the widget, whose value Streamlit forgets while another section is shown; and kept by a callback,
    # which runs even when the visitor is in another section before this one was run again.
    kinds = list(PICTURE_KINDS)
    st.radio(
        _("Format"), kinds, kinds.index(st.session_state.get(_KIND, kinds[0])),
        format_func=lambda kind: _(PICTURE_KINDS[kind]), horizontal=True, key=f"{_KIND}-widget", on_change=_keep_kind,
    )  # fmt: skip


def _keep_kind() -> None:
    st.session_state[_KIND] = st.session_state[f"{_KIND}-widget"]


def show_table(make: Callable[[], Table | None], key: str) -> None:
    """Show one table and a button that saves it as CSV.

    Args:
        make: returns the table, or None for nothing to show. It is called anew for the file, whose fields are English
            in every language: Streamlit writes a file when it is asked for, outside of the session that has a language.
        key: of the button.
    """
    table = make()
    if table is not None:
        st.html(table.html())
        save_table(lambda: make() or table, table.file, key)


def save_table(make: Callable[[], Table], file: str, key: str) -> None:
    """Show the button that saves a table as CSV; ``make`` and ``key`` as in ``show_table``."""
    st.download_button(_("This table (CSV)"), lambda: make().csv(), file, "text/csv", key=key, on_click="ignore")
