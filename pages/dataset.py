"""What photos are in the folder, and which of them should not be trusted?"""

import streamlit as st

from dermnet_core.errors import DermnetError
from dermnet_core.i18n import N_, _, retold
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

page_header(_("Dataset"), _("What photos are there, and which of them would mislead a model or its figures?"))
root = folder.current()
folder.in_sidebar(root)

try:
    report = scanning.report(root) if root else None
    if root is not None:
        scanning.panel(root, report)
except DermnetError as error:
    st.error(retold(str(error)))
    report = None

if root is None or report is None:
    without_folder.show()
    if root is None:
        without_folder.invitation()
    else:
        folder.choice(root)
    st.stop()

SECTIONS = {
    N_("Classes"): lambda: overview.show(report),
    N_("Findings"): lambda: findings.show(report, root),
    N_("Photos"): lambda: browser.show(report, root),
    N_("Properties"): lambda: properties.show(report.summary, report, root),
    N_("Series"): lambda: series.show(report.summary, report, root),
    N_("Splits"): lambda: splits.show(report, root),
    N_("Export"): lambda: export.show(report, root),
}
overview.figures(report.summary)
st.session_state.setdefault("section", "Classes")
section = st.segmented_control(
    _("Section"), list(SECTIONS), required=True, key="section", format_func=_, label_visibility="collapsed"
)
try:
    SECTIONS[section or "Classes"]()
    photo.dialog(report, root)
except DermnetError as error:
    st.error(retold(str(error)))
folder.choice(root)
