"""What photos are in the folder, and which of them should not be trusted?"""

import streamlit as st

from dermnet_core.errors import DermnetError
from dermnet_ui.dataset import (
    browser,
    export,
    findings,
    folder,
    overview,
    photo,
    properties,
    scanning,
    series,
    splits,
    without_folder,
)
from dermnet_ui.frame import page_header

page_header("Dataset", "What photos are there, and which of them would mislead a model or its figures?")
root = folder.current()
folder.in_sidebar(root)

try:
    report = scanning.report(root) if root else None
    if root is not None:
        scanning.panel(root, report)
except DermnetError as error:
    st.error(str(error))
    report = None

if root is None or report is None:
    without_folder.show()
    if root is None:
        without_folder.invitation()
    else:
        folder.choice(root)
    st.stop()

SECTIONS = {
    "Classes": lambda: overview.show(report),
    "Findings": lambda: findings.show(report, root),
    "Photos": lambda: browser.show(report, root),
    "Properties": lambda: properties.show(report.summary, report, root),
    "Series": lambda: series.show(report.summary, report, root),
    "Splits": lambda: splits.show(report, root),
    "Export": lambda: export.show(report, root),
}
overview.figures(report.summary)
st.session_state.setdefault("section", "Classes")
section = st.segmented_control("Section", list(SECTIONS), required=True, key="section", label_visibility="collapsed")
try:
    SECTIONS[section or "Classes"]()
    photo.dialog(report, root)
except DermnetError as error:
    st.error(str(error))
folder.choice(root)
