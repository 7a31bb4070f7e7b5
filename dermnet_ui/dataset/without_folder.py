"""What the page shows without a photo folder: the published counts and the figures that ship with the models."""

from collections.abc import Callable

import streamlit as st

from dermnet_core.data.summary import DatasetSummary
from dermnet_core.errors import DatasetError
from dermnet_core.i18n import N_, _, count, retold
from dermnet_core.labels import CLASSES
from dermnet_ui.dataset import folder, overview, properties, series


def show() -> None:
    """Show one of the two sets that are known without their photos."""
    choices = [overview.PUBLISHED_SET, overview.TRAINED_ON]
    chosen = st.segmented_control(
        _("Figures of"), choices, default=choices[0], required=True, key="known", format_func=_,
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == overview.TRAINED_ON:
        _trained_on()
    else:
        summary = overview.published_summary()
        published = _(
            "The {n} classes as published, without their photos: {train} for training and {test} for testing."
        )
        numbers = {split: count(sum(counts.values())) for split, counts in summary.counts.items()}
        st.caption(published.format(n=len(CLASSES), **numbers))
        overview.figures(summary)
        overview.classes(summary)


def invitation() -> None:
    """Say what a folder of photos would add, and how to get one."""
    with st.container(border=True):
        st.markdown(
            _(
                "**With the photos themselves** you would see here every defect side by side: copies, near duplicates, "
                "photos under two classes, files that do not belong; a photo browser; sizes, brightness and sharpness; "
                "the series of the file names; and everything as CSV, JSON and HTML."
            )
        )
        folder.choice(None)
        folder.fetch()


def _trained_on() -> None:
    try:
        summary = overview.shipped_summary()
    except DatasetError as error:
        st.error(retold(str(error)))
        return
    if summary is None:
        st.info(
            _(
                "Here would be the figures of the photos that the shipped models were trained on. The file {file} is "
                "missing; whoever has the photos makes it with the command below."
            ).format(file=f"assets/{overview.SHIPPED.name}")
        )
        st.code(
            f"python -m dermnet_core dataset DIR --summary assets/{overview.SHIPPED.name}",
            language=None,
            wrap_lines=True,
        )
        return
    overview.figures(summary)
    sections: dict[str, Callable[[DatasetSummary], None]] = {
        N_("Classes"): overview.classes,
        N_("Properties"): properties.show,
        N_("Series"): series.show,
    }
    part = st.segmented_control(
        _("Section"), list(sections), default="Classes", required=True, key="known-section", format_func=_,
        label_visibility="collapsed",
    )  # fmt: skip
    sections[part or "Classes"](summary)
