"""Choices of the Evaluate page that last while another section is shown."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dermnet_core.i18n import _


def told(options: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a constant in the visitor's language."""
    return {key: _(title) for key, title in options.items()}


def segments(label: str, options: Mapping[str, str], key: str, **arguments: Any) -> str:
    """Let the visitor pick one of a few and return its key.

    Args:
        label: what is chosen.
        options: key -> how it is called; the first one is chosen until somebody picks another.
        key: of the session state that keeps the choice; the widget's own is forgotten while it is not shown.
        arguments: further ones of ``st.segmented_control``.
    """
    widget = f"{key}-widget"
    before = st.session_state.get(widget, st.session_state.get(key))
    st.session_state[widget] = before if before in options else next(iter(options))
    chosen = st.segmented_control(
        label, list(options), format_func=options.__getitem__, required=True, key=widget, **arguments
    )
    st.session_state[key] = chosen
    return str(chosen)
