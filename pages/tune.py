"""Which settings suit the custom network?"""

import streamlit as st

from dermnet_core.errors import DermnetError
from dermnet_core.i18n import N_, _, retold
from dermnet_core.paths import searches_dir
from dermnet_core.tuning.table import list_searches, read_asset
from dermnet_ui.dataset import folder
from dermnet_ui.frame import page_header
from dermnet_ui.markup import notes_list
from dermnet_ui.permission import training_allowed
from dermnet_ui.tuning import results, setup

page_header(_("Tune"), _("Which settings of the custom network give the highest validation accuracy?"))
root = folder.current()
folder.in_sidebar(root)
allowed, reason = training_allowed()

SHIPPED = N_("The search that ships")
own, problems = list_searches(searches_dir())
tables = {table.name: table for table in own}
try:
    shipped = read_asset()
except DermnetError as error:
    st.error(retold(str(error)))
    shipped = None
names = [*tables, *([SHIPPED] if shipped else [])]
if problems:
    st.html(notes_list(tuple(map(retold, problems))))

left, right = st.columns([2, 3], gap="large")
with left:
    setup.new(root, allowed, reason)
with right:
    st.subheader(_("Found so far"))
    if not names:
        st.info(_("No search yet. Here you will see its trials, and which settings matter."), icon="ℹ️")
        st.stop()
    if st.session_state.get(setup.CHOSEN) not in names:
        st.session_state[setup.CHOSEN] = names[0]
    name = st.selectbox(
        _("Search"), names, key=setup.CHOSEN, format_func=lambda name: _(SHIPPED) if name == SHIPPED else name
    )
    table = shipped if name == SHIPPED and shipped else tables[name]
    if table.status == "running":
        ended = sum(trial.status in ("completed", "failed") for trial in table.trials)
        setup.live(searches_dir() / name, ended)
    elif table.status == "failed":
        st.error(_("**The search did not finish.** {reason}").format(reason=retold(table.message)))
    results.headline(table)
    results.train_button(table, allowed)
    if allowed and name != SHIPPED:
        setup.actions(table, searches_dir() / name)
results.show(table)
