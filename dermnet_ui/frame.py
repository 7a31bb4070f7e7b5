"""What every page shares: navigation, title, disclaimer and style."""

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.runtime.pages_manager import PagesManager

from dermnet_core.i18n import N_, _
from dermnet_core.paths import ASSETS, ROOT
from dermnet_ui import language, uploads, widget_words
from dermnet_ui.login import require_login
from dermnet_ui.upkeep import tidy

NAME = "DermNet Workbench"
DISCLAIMER = N_(
    "For research and teaching, not a medical device. Have a changing or worrying lesion seen by a clinician."
)


def navigation() -> Page:
    """Declare the pages and return the one that was asked for."""
    pages = ROOT / "pages"
    return st.navigation(
        [
            # The default page answers at "/" alone; its hidden twin lets "/classify" find it too.
            st.Page(pages / "classify.py", title=_("Classify"), url_path="start", default=True),
            st.Page(pages / "classify.py", title=_("Classify"), visibility="hidden"),
            st.Page(pages / "dataset.py", title=_("Dataset")),
            st.Page(pages / "train.py", title=_("Train")),
            st.Page(pages / "tune.py", title=_("Tune")),
            st.Page(pages / "evaluate.py", title=_("Evaluate")),
            st.Page(pages / "models.py", title=_("Models")),
        ]
    )


def page_header(title: str, question: str) -> None:
    """Open a page: configuration, logo, title, one sentence that says what it answers, disclaimer, sign-in.

    Every page calls this first. Until some session has declared the pages, Streamlit takes the folder ``pages`` for
    the table of pages and runs a deep-linked one without ``streamlit_app.py``; a page that is opened so declares them.
    """
    if PagesManager.uses_pages_directory:
        navigation()
        st.rerun()  # through streamlit_app.py: the widgets of this run would not know the clicks of the next one
    tidy()
    uploads.limit()
    st.set_page_config(page_title=f"{title} · {NAME}", page_icon=str(ASSETS / "icon.png"), layout="wide")
    st.logo(str(ASSETS / "logo.svg"), size="large")
    st.html(ASSETS / "style.css")
    if words := widget_words.style():
        st.html(words)
    st.title(title)
    st.markdown(question)
    # The script is a constant of language.py: it tells screen readers which language to pronounce.
    note = f'<p class="dn-quiet" role="note">{_(DISCLAIMER)}</p>{language.declaration()}'
    st.html(note, unsafe_allow_javascript=True)
    language.picker()
    require_login()
