"""What are the two models, and what can be expected of them?"""

import streamlit as st

from dermnet_core.errors import ArtifactError
from dermnet_core.i18n import _, retold
from dermnet_ui import active, model_card, resources
from dermnet_ui.frame import page_header

page_header(_("Models"), _("What are the two models, what were they trained on, and what can be expected of them?"))

try:
    artifacts = active.artifacts()
    scored = resources.evaluations(artifacts)
except ArtifactError as error:
    st.error(retold(str(error)))
    st.stop()

model_card.figures(scored)
for column, artifact in zip(st.columns(len(artifacts), gap="large"), artifacts, strict=True):
    with column:
        model_card.card(artifact.card, scored)
