"""Single photos worth a look: the surest errors of each model, and those on which the models disagree."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from dermnet_core.labels import display_name
from dermnet_ui.evaluation import drilldown
from dermnet_ui.evaluation.answers import (
    ORDERS,
    Answered,
    PhotoList,
    disagreement_photos,
    error_photos,
    kinds,
)
from dermnet_ui.evaluation.controls import segments
from dermnet_ui.evaluation.selection import Selection

_LIST, _ORDER = "photos-list", "photos-order"
_LABEL, _CALLED = "photos-class", "photos-called"
_ERRORS = "errors"


@st.fragment
def show(selection: Selection) -> None:
    """Show one list of photos, filtered by class, most telling first."""
    st.subheader("Photos worth a look")
    found = _list(selection)
    total = len(found)
    if not total:
        _nothing(found, selection)
        return
    found = _filtered(found)
    of = "" if len(found) == total else f" of {total:,}"
    answered = len(found.sides[0].predictions)
    st.markdown(f"**{len(found):,}{of} photos** · {found.title} · n = {answered:,} photos evaluated")
    if len(found):
        drilldown.photo_list(found, "photos")
    else:
        st.info("No photo of the list has this class and this answer. Choose another class.")


def _list(selection: Selection) -> PhotoList:
    options = {f"{_ERRORS}{number}": f"Surest errors: {side.name}" for number, side in enumerate(selection.sides)}
    if selection.pair is not None:
        options |= kinds(selection)
    kind = segments("List", options, _LIST, help="Where just one or neither is right: photos that they call otherwise.")
    order = segments("Order", ORDERS, _ORDER) if not kind.startswith(_ERRORS) else ""
    if kind.startswith(_ERRORS):
        return error_photos(selection, selection.sides[int(kind.removeprefix(_ERRORS))])
    return disagreement_photos(selection, kind, order)


def _nothing(found: PhotoList, selection: Selection) -> None:
    photos = f"{len(found.sides[0].predictions):,} photos"
    st.info(f"{found.title}: none of the {photos} in this view. Choose another list or another view.")


def _filtered(found: PhotoList) -> PhotoList:
    """Offer the classes of the photos and of the answers, each with its number of photos, and filter by them."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        label = _choice("Class of the photo", _LABEL, found, lambda photo: (photo.label,))
        kept = found.kept(lambda photo: photo.label == label) if label else found
        called = _choice("Called by a model", _CALLED, kept, lambda photo: {said.first for said in photo.said})
    return kept.kept(lambda photo: called in {said.first for said in photo.said}) if called else kept


def _choice(title: str, key: str, found: PhotoList, values: Callable[[Answered], set[str] | tuple[str, ...]]) -> str:
    """Return the chosen class folder, or an empty text for all."""
    counts = Counter(value for photo in found.photos(0, len(found)) for value in values(photo))
    widget = f"{key}-widget"
    before = st.session_state.get(widget, st.session_state.get(key))
    # What is chosen stays on the list, so that it can be undone even where nothing matches.
    options = sorted({*counts, *([before] if before else [])}, key=lambda name: (-counts[name], name))
    st.session_state[widget] = before if before in options else None
    chosen = st.selectbox(
        title, options, index=None, key=widget, placeholder="All classes", width=330,
        format_func=lambda name: f"{display_name(name)} · {counts[name]:,}",
    )  # fmt: skip
    st.session_state[key] = chosen
    return chosen or ""
