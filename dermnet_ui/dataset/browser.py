"""The photo browser: filters, an order, and pages of small photos that open."""

from pathlib import Path

import streamlit as st

from dermnet_core.data.report import DatasetReport
from dermnet_core.i18n import N_, _, count, ngettext
from dermnet_core.labels import display_name
from dermnet_ui.charts_dataset import PART_NAMES
from dermnet_ui.dataset import catalogue, gallery, photo
from dermnet_ui.dataset.catalogue import Catalogue
from dermnet_ui.dataset.filters import FACETS, SORTS, Filters, Found, arranged, look

PAGE = 24
# The state is kept apart from the widgets, whose own is dropped while another section is shown.
_FILTERS, _SORT, _PAGE, _SEARCH = "photo_filters", "photo_sort", "photo_page", "photo_search"
_WIDGET = "filter-{}"
_TITLES = {"label": N_("Class"), "split": N_("Split"), "series": N_("Series"), "defect": N_("Finding")}
_EVERYTHING = {
    "label": N_("All classes"),
    "split": N_("All splits"),
    "series": N_("All series"),
    "defect": N_("With or without"),
}
_WIDTHS = {"label": 300, "series": 260, "split": 150, "defect": 330}


def go(
    label: str | None = None, split: str | None = None, series: str | None = None, defect: str | None = None
) -> None:
    """Open the browser on some photos; for the callbacks of other parts.

    Args:
        label: class folder, or None for all.
        split: train or test, or None for all.
        series: as `series_of` reads it off a file name, or None for all.
        defect: key of a finding, or None for photos with and without.
    """
    _ask(Filters(label, split, series, defect))
    st.session_state["section"] = "Photos"


def show(report: DatasetReport, root: Path) -> None:
    """Show the photos that match the filters, a page of them at a time."""
    photos = catalogue.of(report)
    filters: Filters = st.session_state.get(_FILTERS, Filters())
    found = look(photos.entries, filters)
    _controls(photos, filters, found)
    if not found.entries:
        _nothing(len(photos.entries), filters)
        return
    order = st.session_state.get(_SORT, "Name")
    pages = -(-len(found.entries) // PAGE)
    page = min(max(1, st.session_state.get(_PAGE, 1)), pages)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(_matching(len(found.entries)) if filters.any() else _all(len(found.entries)), width="content")
        if filters.any():
            st.button(_("Clear the filters"), key="filters-clear", type="tertiary", on_click=_ask, args=(Filters(),))
    first = (page - 1) * PAGE
    gallery.grid(root, arranged(found.entries, order)[first : first + PAGE], "photo", photo.open_photo)
    if pages > 1:
        # Another search gets another widget, which starts at its default; one with a default may not be set otherwise.
        key = f"photo-pages-{st.session_state.get(_SEARCH, 0)}"
        st.pagination(pages, default=page, key=key, on_change=_turn, args=(key,))


def _controls(photos: Catalogue, filters: Filters, found: Found) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for facet in _WIDTHS:
            _choice(facet, photos, filters, found)
        st.session_state[_WIDGET.format("text")] = filters.text
        st.text_input(
            _("File name"), key=_WIDGET.format("text"), placeholder=_("part of a name"), on_change=_changed, width=150
        )
        st.session_state["photo-order"] = st.session_state.get(_SORT, "Name")
        st.selectbox(_("Order"), list(SORTS), key="photo-order", format_func=_, on_change=_sorted, width=190)


def _choice(facet: str, photos: Catalogue, filters: Filters, found: Found) -> None:
    """Offer what a filter can be set to with the others as they are, each with its number of photos."""
    chosen: str | None = getattr(filters, facet)
    counts = found.choices[facet]
    # What is chosen stays on the list, so that it can be undone even where nothing matches.
    options = {*counts, *([chosen] if chosen is not None else [])}
    if facet == "defect":
        worst_first = list(photos.findings)
        listed = sorted(options, key=lambda key: worst_first.index(key) if key in worst_first else len(worst_first))
    else:
        listed = sorted(options)

    def title(value: str) -> str:
        return f"{_name(photos, facet, value)} · {count(counts.get(value, 0))}"

    # The series of all classes would be a list of many hundreds.
    waiting = facet == "series" and filters.label is None and chosen is None
    key = _WIDGET.format(facet)
    st.session_state[key] = chosen
    st.selectbox(
        _(_TITLES[facet]),
        [] if waiting else listed,
        index=None,
        key=key,
        format_func=title,
        placeholder=_("Choose a class first") if waiting else _(_EVERYTHING[facet]),
        disabled=waiting,
        on_change=_changed,
        width=_WIDTHS[facet],
    )


def _name(photos: Catalogue, facet: str, value: str) -> str:
    if facet == "defect" and value in photos.findings:
        return photos.findings[value].title
    if facet == "label":
        return display_name(value)
    return _(PART_NAMES.get(value, value)) if facet == "split" else value


def _nothing(photos: int, filters: Filters) -> None:
    with st.container(border=True):
        if filters.any():
            none = _("**No photo matches.** None of the {n} files has all that you asked for.")
            st.markdown(none.format(n=count(photos)))
            st.button(_("Clear the filters"), key="filters-clear", type="primary", on_click=_ask, args=(Filters(),))
        else:
            st.markdown(_("**No photos.** Here would be the photos of the folder; the scan found none."))


def _all(photos: int) -> str:
    return ngettext("**{n} photo**", "**{n} photos**", photos).format(n=count(photos))


def _matching(photos: int) -> str:
    return ngettext("**{n} photo** match", "**{n} photos** match", photos).format(n=count(photos))


def _ask(filters: Filters) -> None:
    st.session_state[_FILTERS] = filters
    _restart()


def _changed() -> None:
    before: Filters = st.session_state.get(_FILTERS, Filters())
    values = {facet: st.session_state[_WIDGET.format(facet)] for facet in FACETS}
    if values["label"] != before.label:
        values["series"] = None  # a series belongs to its class
    _ask(Filters(**values, text=st.session_state[_WIDGET.format("text")] or ""))


def _sorted() -> None:
    st.session_state[_SORT] = st.session_state["photo-order"]
    _restart()


def _restart() -> None:
    st.session_state[_PAGE] = 1
    st.session_state[_SEARCH] = st.session_state.get(_SEARCH, 0) + 1


def _turn(key: str) -> None:
    st.session_state[_PAGE] = st.session_state[key]
