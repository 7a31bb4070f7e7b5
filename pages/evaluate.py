"""How good are the models, on which classes, and can the difference be more than luck?"""

import streamlit as st

from dermnet_core.errors import DermnetError
from dermnet_core.i18n import N_, _, retold
from dermnet_ui.evaluation import (
    choice,
    confidence,
    confusion,
    export,
    one_class,
    outside,
    overview,
    per_class,
    photos,
    recompute,
)
from dermnet_ui.frame import page_header

page_header(
    _("Evaluate"), _("How often is each model right, on which classes, and how far can its scores be leaned on?")
)

try:
    selection = choice.selection()
except DermnetError as error:
    st.error(retold(str(error)))
    st.stop()
if selection is None:
    st.info(_("No evaluation is here yet. Make one below."))
    recompute.show()
    st.stop()

SECTIONS = {
    N_("Overview"): lambda: overview.show(selection),
    N_("Per class"): lambda: per_class.show(selection),
    N_("One class"): lambda: one_class.show(selection),
    N_("Confusion"): lambda: confusion.show(selection),
    N_("Photos"): lambda: photos.show(selection),
    N_("Confidence"): lambda: confidence.show(selection),
    N_("Outside photos"): lambda: outside.show(selection),
    N_("Export"): lambda: export.show(selection),
    N_("Evaluate a folder"): recompute.show,
}
st.session_state.setdefault("evaluation-section", next(iter(SECTIONS)))
section = st.segmented_control(
    _("Section"),
    list(SECTIONS),
    required=True,
    key="evaluation-section",
    label_visibility="collapsed",
    format_func=_,
)
try:
    SECTIONS[section or "Overview"]()
except DermnetError as error:
    st.error(retold(str(error)))
