"""Which class the section "One class" shows; other sections open it there."""

import streamlit as st

from dermnet_core.i18n import N_, _

SECTION, ONE_CLASS = "evaluation-section", N_("One class")
_CHOSEN, _PICKER = "evaluation-class", "evaluation-class-picker"


def open_class(label: str) -> None:
    """Show a class in the section "One class"; for callbacks, which run before the page."""
    st.session_state[_CHOSEN] = label
    st.session_state.pop(_PICKER, None)
    st.session_state[SECTION] = ONE_CLASS


def pick(options: dict[str, str]) -> str:
    """Show the picker and return what was picked.

    Args:
        options: key (a class folder) -> what it is called.
    """
    keys = list(options)
    before = st.session_state.get(_CHOSEN)
    chosen = st.selectbox(
        _("Class"), keys, keys.index(before) if before in keys else 0, format_func=options.__getitem__, key=_PICKER
    )
    # Kept apart from the widget, whose value Streamlit forgets while another section is shown.
    st.session_state[_CHOSEN] = chosen
    return str(chosen)
