"""How size, light and sharpness are spread over the photos, and which photos stick out."""

from html import escape
from pathlib import Path

import streamlit as st

from dermnet_core.data.report import DatasetReport
from dermnet_core.data.stats import PROPERTIES, outliers
from dermnet_core.data.summary import QUANTILES, DatasetSummary, Distribution
from dermnet_core.i18n import N_, _, count, significant
from dermnet_ui.charts_properties import histogram
from dermnet_ui.dataset import catalogue, gallery, photo

_CHART_OPTIONS = {"displayModeBar": False}
_MOST = 12
_WORDS = {
    0.0: N_("the smallest {value}"),
    0.05: N_("5 % lie below {value}"),
    0.25: N_("a quarter lies below {value}"),
    0.5: N_("half lies below {value}"),
    0.75: N_("three quarters lie below {value}"),
    0.95: N_("95 % lie below {value}"),
    1.0: N_("the largest {value}"),
}


def show(summary: DatasetSummary, report: DatasetReport | None = None, root: Path | None = None) -> None:
    """Show one property at a time; with a folder, also the photos at both of its ends."""
    known = [key for key in PROPERTIES if key in summary.properties]
    st.subheader(_("How the photos are spread"))
    if not known:
        with st.container(border=True):
            st.markdown(_("Here would be sizes, light and sharpness. These figures were made without the photos."))
        return
    key = st.selectbox(_("Property"), known, format_func=_title, key="property", width=300)
    found, spread = PROPERTIES[key], summary.properties[key]
    st.markdown(_(found.meaning))
    text = _("Histogram of {property}: {quantiles}").format(
        property=_title(key), quantiles="; ".join(quantile_words(spread, found.unit))
    )
    axis = f"{_title(key)} ({found.unit})" if found.unit else _title(key)
    st.plotly_chart(histogram(spread, axis), config=_CHART_OPTIONS, key="histogram", alt=text)
    if spread.quantiles[0] < spread.edges[0] or spread.quantiles[-1] > spread.edges[-1]:
        st.caption(_("The few photos beyond either end are counted in the first and the last bin."))
    rows = "".join(f"<li>{escape(words)}</li>" for words in quantile_words(spread, found.unit))
    title = escape(_("Of all photos"))
    st.html(f'<ul class="dn-quiet dn-quantiles" aria-label="{title}">{rows}</ul>')
    if report is not None and root is not None:
        _ends(report, root, key)


def quantile_words(spread: Distribution, unit: str) -> list[str]:
    """Return the quantiles of all photos, each in words with its value."""
    return [
        _(_WORDS[share]).format(value=_with_unit(value, unit))
        for share, value in zip(QUANTILES, spread.quantiles, strict=True)
    ]


def _title(key: str) -> str:
    return _(PROPERTIES[key].title)


def _with_unit(value: float, unit: str) -> str:
    return f"{significant(value)} {unit}".strip()


def _ends(report: DatasetReport, root: Path, key: str) -> None:
    st.markdown(_("**Photos that stick out**"))
    photos, found = catalogue.of(report), PROPERTIES[key]
    low, high = outliers(report.photos, key)
    if not low and not high:
        st.markdown(_("Nothing sticks out."))
    for end, name, words in ((low, "low", N_("{n} unusually low")), (high, "high", N_("{n} unusually high"))):
        if end:
            st.caption(_(words).format(n=count(len(end))))
            entries = [photos.by_file[facts.file] for facts in end[:_MOST]]
            values = [_with_unit(found.value(facts), found.unit) for facts in end[:_MOST]]
            gallery.grid(root, entries, f"outliers-{name}", photo.open_photo, values)
