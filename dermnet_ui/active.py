"""Which models answer in a session: those that ship, or registered ones that the visitor chooses in the sidebar."""

import streamlit as st

from dermnet_core.artifacts import Artifact
from dermnet_core.i18n import _, retold
from dermnet_ui import resources
from dermnet_ui.case import short_name

_CHOSEN = "active-models"


def artifacts() -> list[Artifact]:
    """Return the active models, the CNN first; where several are installed, the sidebar offers them.

    A model that cannot be read is named there too.

    Raises:
        ArtifactError: none is installed.
    """
    for problem in resources.problems():
        st.sidebar.warning(retold(problem), icon="⚠️")
    return [_one(architecture, options) for architecture, options in resources.installed().items()]


def activate(artifact: Artifact) -> None:
    """Let a model answer in this session; the sidebar of the pages that use one changes it again."""
    st.session_state.setdefault(_CHOSEN, {})[artifact.card.architecture] = artifact.name


def _one(architecture: str, options: list[Artifact]) -> Artifact:
    names = [artifact.name for artifact in options]
    before = st.session_state.setdefault(_CHOSEN, {}).get(architecture)
    if len(options) == 1:
        return options[0]
    title = _("{name}: which model").format(name=short_name(options[0].card))
    name = st.sidebar.selectbox(
        title, names, names.index(before) if before in names else 0,
        help=_("The first one ships with the application; the others were registered on the page Train."),
    )  # fmt: skip
    # Kept apart from the widget, whose value Streamlit forgets on a page without it.
    st.session_state[_CHOSEN][architecture] = name
    return options[names.index(name)]
