"""Which class of the atlas does a photo look most like, according to both models?"""

import streamlit as st

from dermnet_core.errors import ArtifactError
from dermnet_core.i18n import _, retold
from dermnet_ui import active, components, resources
from dermnet_ui.comparison import comparison
from dermnet_ui.frame import page_header
from dermnet_ui.table import table

page_header(
    _("Classify"),
    _("Which class of the skin atlas has photos that look most like yours? Two models answer."),
)

try:
    models = resources.models(active.artifacts())
except ArtifactError as error:
    st.error(retold(str(error)))
    st.stop()

photos = table()
intake = st.container()
photos.examine(models)
with intake:
    components.intake(photos)
components.refusals(photos)
case = photos.case()
if case is None:
    components.empty(photos)
    st.stop()
components.strip(photos)
comparison(case, photos, models)
components.removal(photos, case)
