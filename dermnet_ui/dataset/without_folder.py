"""What the page shows without a photo folder: the published counts and the figures that ship with the models."""

from collections.abc import Callable

import streamlit as st

from dermnet_core.data.summary import DatasetSummary
from dermnet_core.errors import DatasetError
from dermnet_ui.dataset import folder, overview, properties, series


def show() -> None:
    """Show one of the two sets that are known without their photos."""
    choices = [overview.PUBLISHED_SET, overview.TRAINED_ON]
    chosen = st.segmented_control(
        "Figures of", choices, default=choices[0], required=True, key="known", label_visibility="collapsed"
    )
    if chosen == overview.TRAINED_ON:
        _trained_on()
    else:
        st.caption("The 23 classes as published, without their photos: 15,557 for training and 4,002 for testing.")
        summary = overview.published_summary()
        overview.figures(summary)
        overview.classes(summary)


def invitation() -> None:
    """Say what a folder of photos would add, and how to get one."""
    with st.container(border=True):
        st.markdown(
            "**With the photos themselves** you would see here every defect side by side: copies, near duplicates, "
            "photos under two classes, files that do not belong; a photo browser; sizes, brightness and sharpness; the "
            "series of the file names; and everything as CSV, JSON and HTML."
        )
        folder.choice(None)
        folder.fetch()


def _trained_on() -> None:
    try:
        summary = overview.shipped_summary()
    except DatasetError as error:
        st.error(str(error))
        return
    if summary is None:
        st.info(
            "Here would be the figures of the photos that the shipped models were trained on. The file "
            f"assets/{overview.SHIPPED.name} is missing; whoever has the photos makes it with the command below."
        )
        st.code(f"python -m dermnet_core dataset DIR --summary assets/{overview.SHIPPED.name}", language=None)
        return
    overview.figures(summary)
    sections: dict[str, Callable[[DatasetSummary], None]] = {
        "Classes": overview.classes,
        "Properties": properties.show,
        "Series": series.show,
    }
    part = st.segmented_control(
        "Section", list(sections), default="Classes", required=True, key="known-section", label_visibility="collapsed"
    )
    sections[part or "Classes"](summary)
