"""Use a model that was trained elsewhere, for example in a notebook."""

from pathlib import Path

import streamlit as st

from dermnet_core.artifacts import CARD
from dermnet_core.errors import DermnetError
from dermnet_core.i18n import _, retold
from dermnet_core.training import control
from dermnet_core.training.register import adopt, register
from dermnet_ui import active
from dermnet_ui.dataset.folder import may_choose_folder
from dermnet_ui.training.live import CHOSEN
from dermnet_ui.training.setup import run_folder

_SOURCE, _NAME, _TOLD = "load-source", "load-name", "load-told"


def show(root: Path | None, allowed: bool) -> None:
    """Offer to register a folder of this computer; a visitor from elsewhere gets the command."""
    with st.expander(_("Load a model that was trained elsewhere")):
        st.markdown(
            _(
                "A finished run or a model folder is copied as it is. Weights from a notebook (`model.weights.h5` "
                "beside the recipe `config.json`) are first calibrated and evaluated on your photos, which takes some "
                "minutes."
            )
        )
        if not (allowed and may_choose_folder()):
            st.code(
                "python -m dermnet_core runs register FOLDER --name my-model --data DIR", language=None, wrap_lines=True
            )
            return
        with st.form("load", border=False):
            st.text_input(_("Folder"), key=_SOURCE)
            st.text_input(_("Name of the model"), key=_NAME, placeholder=_("small letters, digits, - and _"))
            st.form_submit_button(_("Load"), on_click=_load, args=(root,))
        if told := st.session_state.pop(_TOLD, None):
            (st.error if told[0] == "error" else st.success)(told[1])


def _load(root: Path | None) -> None:
    source = Path(str(st.session_state.get(_SOURCE, "")).strip().strip("\"'")).expanduser()
    name = str(st.session_state.get(_NAME, "")).strip()
    try:
        if root is not None and not any((source / place / CARD).is_file() for place in ("", "artifact")):
            run = adopt(source, run_folder(name, "adopted"), root)
            control.start(run.folder, finish=True)
            st.session_state[CHOSEN] = run.folder.name
            said = _("The weights are being calibrated in the run {name}: register it when it is finished.")
            said = said.format(name=run.folder.name)
        else:
            active.activate(register(source, name))
            said = _("Registered {name}. It answers on the other pages now; their sidebar changes that.")
            said = said.format(name=name)
    except DermnetError as error:
        st.session_state[_TOLD] = ("error", retold(str(error)))
    else:
        st.session_state[_TOLD] = ("success", said)
