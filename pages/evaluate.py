"""How good are the models, on which classes, and can the difference be more than luck?"""

import streamlit as st

from dermnet_core.errors import DermnetError
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

page_header("Evaluate", "How often is each model right, on which classes, and how far can its scores be leaned on?")

try:
    selection = choice.selection()
except DermnetError as error:
    st.error(str(error))
    st.stop()
if selection is None:
    st.info("No evaluation is here yet. Make one below.")
    recompute.show()
    st.stop()

SECTIONS = {
    "Overview": lambda: overview.show(selection),
    "Per class": lambda: per_class.show(selection),
    "One class": lambda: one_class.show(selection),
    "Confusion": lambda: confusion.show(selection),
    "Photos": lambda: photos.show(selection),
    "Confidence": lambda: confidence.show(selection),
    "Outside photos": lambda: outside.show(selection),
    "Export": lambda: export.show(selection),
    "Evaluate a folder": recompute.show,
}
st.session_state.setdefault("evaluation-section", next(iter(SECTIONS)))
section = st.segmented_control(
    "Section", list(SECTIONS), required=True, key="evaluation-section", label_visibility="collapsed"
)
try:
    SECTIONS[section or "Overview"]()
except DermnetError as error:
    st.error(str(error))
