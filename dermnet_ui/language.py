"""Which language a visitor reads: the chosen one, else the browser's where the interface speaks it, else English."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dermnet_core.i18n import LANGUAGES, SOURCE, serve_language

_CHOSEN, _WIDGET = "language", "language-widget"
_KEPT: ContextVar[str] = ContextVar("language of a file that is written for somebody")
_File = TypeVar("_File")


def visitor() -> str:
    """Return the language of the session that is being answered, a key of ``LANGUAGES``; English outside of one."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return _KEPT.get(SOURCE)
    chosen = st.session_state.get(_CHOSEN)
    return str(chosen) if chosen in LANGUAGES else offered(st.context.locale)


def kept(write: Callable[[], _File]) -> Callable[[], _File]:
    """Return a call that answers in today's language of this visitor, for the files of ``st.download_button``.

    Streamlit writes such a file when it is asked for, outside of the session that offers it.
    """
    code = visitor()

    def written() -> _File:
        token = _KEPT.set(code)
        try:
            return write()
        finally:
            _KEPT.reset(token)

    return written


def offered(locale: str | None) -> str:
    """Return the language of the interface that fits a browser's locale such as "tr-TR"."""
    code = (locale or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else SOURCE


def declaration() -> str:
    """Return the script that names the visitor's language in the document, which Streamlit leaves at English."""
    return f'<script>document.documentElement.lang = "{visitor()}"</script>'


def picker() -> None:
    """Offer the languages in the sidebar."""
    codes = list(LANGUAGES)
    st.sidebar.selectbox(
        "Language · Dil", codes, codes.index(visitor()), format_func=LANGUAGES.__getitem__, key=_WIDGET,
        on_change=_choose,
    )  # fmt: skip


def _choose() -> None:
    # Kept apart from the widget, whose value Streamlit forgets on a page that is left.
    st.session_state[_CHOSEN] = st.session_state[_WIDGET]
    # A box to choose from shows the words in which something was chosen until it is told its value anew.
    for key, value in st.session_state.items():
        if isinstance(value, str) and key not in (_CHOSEN, _WIDGET):
            st.session_state[key] = value


serve_language(visitor)
