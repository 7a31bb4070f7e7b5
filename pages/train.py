"""What will a training cost, how does it go, and what came of it?"""

import streamlit as st

from dermnet_core.i18n import _
from dermnet_core.paths import runs_dir
from dermnet_core.training.status import list_runs
from dermnet_ui.dataset import folder
from dermnet_ui.frame import page_header
from dermnet_ui.permission import training_allowed
from dermnet_ui.training import history, live, load, setup

page_header(_("Train"), _("What will it cost to train a model, how does it go, and what came of it?"))
root = folder.current()
folder.in_sidebar(root)
allowed, reason = training_allowed()

runs, problems = list_runs(runs_dir())
left, right = st.columns([2, 3], gap="large")
with left:
    setup.show(root, allowed, reason)
with right:
    live.show(runs, allowed)
history.show(runs, problems)
load.show(root, allowed)
