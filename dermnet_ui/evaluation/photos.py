"""Single photos worth a look: the surest errors of each model, and those on which the models disagree."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from dermnet_core.i18n import _, count
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
from dermnet_ui.evaluation.controls import segments, told
from dermnet_ui.evaluation.selection import Selection

_LIST, _ORDER = "photos-list", "photos-order"
_LABEL, _CALLED = "photos-class", "photos-called"
_ERRORS = "errors"


@st.fragment
def show(selection: Selection) -> None:
    """Show one list of photos, filtered by class, most telling first."""
    st.subheader(_("Photos worth a look"))
    found = _list(selection)
    total = len(found)
    if not total:
        _nothing(found, selection)
        return
    found = _filtered(found)
    all_of_them, some = _("**{n} photos**"), _("**{n} of {total} photos**")
    shown = (all_of_them if len(found) == total else some).format(n=count(len(found)), total=count(total))
    answered = _("n = {n} photos evaluated").format(n=count(len(found.sides[0].predictions)))
    st.markdown(f"{shown} · {found.title} · {answered}")
    if len(found):
        drilldown.photo_list(found, "photos")
    else:
        st.info(_("No photo of the list has this class and this answer. Choose another class."))


def _list(selection: Selection) -> PhotoList:
    surest = _("Surest errors: {name}")
    options = {f"{_ERRORS}{number}": surest.format(name=side.name) for number, side in enumerate(selection.sides)}
    if selection.pair is not None:
        options |= kinds(selection)
    otherwise = _("Where just one or neither is right: photos that they call otherwise.")
    kind = segments(_("List"), options, _LIST, help=otherwise)
    order = segments(_("Order"), told(ORDERS), _ORDER) if not kind.startswith(_ERRORS) else ""
    if kind.startswith(_ERRORS):
        return error_photos(selection, selection.sides[int(kind.removeprefix(_ERRORS))])
    return disagreement_photos(selection, kind, order)


def _nothing(found: PhotoList, selection: Selection) -> None:
    none = _("{title}: none of the {n} photos in this view. Choose another list or another view.")
    st.info(none.format(title=found.title, n=count(len(found.sides[0].predictions))))


def _filtered(found: PhotoList) -> PhotoList:
    """Offer the classes of the photos and of the answers, each with its number of photos, and filter by them."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        label = _choice(_("Class of the photo"), _LABEL, found, lambda photo: (photo.label,))
        kept = found.kept(lambda photo: photo.label == label) if label else found
        called = _choice(_("Called by a model"), _CALLED, kept, lambda photo: {said.first for said in photo.said})
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
        title, options, index=None, key=widget, placeholder=_("All classes"), width=330,
        format_func=lambda name: f"{display_name(name)} · {count(counts[name])}",
    )  # fmt: skip
    st.session_state[key] = chosen
    return chosen or ""
