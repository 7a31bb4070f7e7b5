"""How size, light and sharpness are spread over the photos, and which photos stick out."""

from html import escape
from pathlib import Path

import streamlit as st

from dermnet_core.data.report import DatasetReport
from dermnet_core.data.stats import PROPERTIES, outliers
from dermnet_core.data.summary import QUANTILES, DatasetSummary, Distribution
from dermnet_ui.charts_properties import histogram
from dermnet_ui.dataset import catalogue, gallery, photo

_CHART_OPTIONS = {"displayModeBar": False}
_MOST = 12
_WORDS = {
    0.0: "the smallest",
    0.05: "5 % lie below",
    0.25: "a quarter lies below",
    0.5: "half lies below",
    0.75: "three quarters lie below",
    0.95: "95 % lie below",
    1.0: "the largest",
}


def show(summary: DatasetSummary, report: DatasetReport | None = None, root: Path | None = None) -> None:
    """Show one property at a time; with a folder, also the photos at both of its ends."""
    known = [key for key in PROPERTIES if key in summary.properties]
    st.subheader("How the photos are spread")
    if not known:
        with st.container(border=True):
            st.markdown("Here would be sizes, light and sharpness. These figures were made without the photos.")
        return
    key = st.selectbox("Property", known, format_func=lambda found: PROPERTIES[found].title, key="property", width=300)
    found, spread = PROPERTIES[key], summary.properties[key]
    st.markdown(found.meaning)
    text = f"Histogram of {found.title}: " + "; ".join(quantile_words(spread, found.unit))
    axis = f"{found.title} ({found.unit})" if found.unit else found.title
    st.plotly_chart(histogram(spread, axis), config=_CHART_OPTIONS, key="histogram", alt=text)
    if spread.quantiles[0] < spread.edges[0] or spread.quantiles[-1] > spread.edges[-1]:
        st.caption("The few photos beyond either end are counted in the first and the last bin.")
    rows = "".join(f"<li>{escape(words)}</li>" for words in quantile_words(spread, found.unit))
    st.html(f'<ul class="dn-quiet dn-quantiles" aria-label="Of all photos">{rows}</ul>')
    if report is not None and root is not None:
        _ends(report, root, key)


def quantile_words(spread: Distribution, unit: str) -> list[str]:
    """Return the quantiles of all photos, each in words with its value."""
    ends = f" {unit}" if unit else ""
    return [f"{_WORDS[share]} {value:,.4g}{ends}" for share, value in zip(QUANTILES, spread.quantiles, strict=True)]


def _ends(report: DatasetReport, root: Path, key: str) -> None:
    st.markdown("**Photos that stick out**")
    photos, found = catalogue.of(report), PROPERTIES[key]
    low, high = outliers(report.photos, key)
    if not low and not high:
        st.markdown("Nothing sticks out.")
    for end, name in ((low, "low"), (high, "high")):
        if end:
            st.caption(f"{len(end):,} unusually {name}")
            entries = [photos.by_file[facts.file] for facts in end[:_MOST]]
            values = [f"{found.value(facts):,.4g} {found.unit}".strip() for facts in end[:_MOST]]
            gallery.grid(root, entries, f"outliers-{name}", photo.open_photo, values)
