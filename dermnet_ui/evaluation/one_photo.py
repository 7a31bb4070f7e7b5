"""One photo of a list in full: the five first classes of each model, and where it looked."""

from html import escape

import streamlit as st

from dermnet_core.explain.overlay import overlay
from dermnet_core.labels import display_name
from dermnet_ui.case import Answer, Case, Refused
from dermnet_ui.dataset import gallery
from dermnet_ui.evaluation import cards
from dermnet_ui.evaluation.answers import Answered, PhotoList, Said
from dermnet_ui.evaluation.pictures import Album
from dermnet_ui.markup import colour_scale, encode, heatmap_caption, notes_list, ranking

_OPEN = "evaluation-photo"
_OWN_FIRST, _FILED = "Each model's first", "The photo's own class"
_TOP = 5
_TALLEST = 360


def open_photo(title: str, file: str) -> None:
    """Open a photo of the list with a title; for callbacks."""
    st.session_state[_OPEN] = (title, file)


def dialog(found: PhotoList, album: Album) -> None:
    """Show the dialog if a photo of this list was opened."""
    title, file = st.session_state.get(_OPEN, ("", ""))
    if title == found.title and file:
        _dialog(found, album)


# Closing it in any way ends in _close; walking to another photo reruns the dialog alone and leaves it open.
@st.dialog("Photo", width="large", on_dismiss=lambda: _close())
def _dialog(found: PhotoList, album: Album) -> None:
    _, file = st.session_state.get(_OPEN, ("", ""))
    files = [found.sides[0].predictions.files[place] for place in found.places]
    if file not in files:
        st.info("This photo is not in the list any more. Close this and open another.")
        return
    number = files.index(file)
    photo = found.photo(found.places[number])
    st.html(f'<h2 class="dn-model dn-path">{escape(photo.name)}</h2>')
    st.html(
        '<dl class="dn-facts">'
        f"<dt>Class</dt><dd>{escape(display_name(photo.label))}</dd><dt>File</dt><dd>{escape(photo.file)}</dd></dl>"
    )
    _walk(found, files, number)
    case = album.large(photo) if album.small(photo).photo and album.asked else None
    if isinstance(case, Refused):
        st.html(gallery.no_photo(case.message))
        case = None
    if case is not None:
        _with_heatmaps(photo, album, case)
    else:
        _without_heatmaps(photo, album)


def _walk(found: PhotoList, files: list[str], number: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for title, step in (("← Previous", -1), ("Next →", 1)):
            place = number + step
            there = 0 <= place < len(files)
            st.button(
                title, key=f"evaluation-walk{step}", disabled=not there, on_click=open_photo,
                args=(found.title, files[place] if there else ""),
            )  # fmt: skip
        st.markdown(f"{number + 1:,} of {len(files):,}", width="content")


def _with_heatmaps(photo: Answered, album: Album, case: Case) -> None:
    if album.differs(photo, [answer.prediction.scores for answer in case.answers]):
        st.html(
            notes_list(
                ("Not the photo that was evaluated: the models score it otherwise. The scores are those of the "
                 "evaluation, the heatmaps are of the photo here.",)
            )
        )  # fmt: skip
    columns = st.columns(len(photo.said), gap="medium")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        which = st.radio("Class for the heatmaps", [_OWN_FIRST, _FILED], horizontal=True, key="evaluation-heat-class")
        opacity = st.slider("Opacity of the heatmap", 0, 100, 50, format="%d %%", key="evaluation-opacity", width=220)
    answers = dict(zip(album.asked, case.answers, strict=True))
    for column, said in zip(columns, photo.said, strict=True):
        with column:
            st.html(cards.heading(said.side.name, said.side.colour))
            if said.side in answers:
                label = photo.label if which == _FILED else said.first
                _picture(said, case, answers[said.side], label, opacity / 100)
            else:
                st.html(gallery.no_photo("This model is not installed, so its heatmap cannot be drawn."))
            _ranking(said)


def _picture(said: Said, case: Case, answer: Answer, label: str, opacity: float) -> None:
    heatmap = answer.heatmap(label)
    name = display_name(label)
    height, width = case.rgb.shape[:2]
    st.image(
        encode(overlay(case.rgb, heatmap, opacity)),
        width=max(160, _TALLEST * int(width) // int(height)),
        alt=f"{said.side.name}, heatmap for {name}, strongest: {heatmap.strongest_place()}",
    )
    st.html(colour_scale())
    st.html(heatmap_caption(name, heatmap))


def _without_heatmaps(photo: Answered, album: Album) -> None:
    found = album.small(photo, _TALLEST)
    if found.photo:
        st.image(found.photo, alt=f"Photo {photo.name}")
    elif found.problem:
        st.html(gallery.no_photo(found.problem))
    columns = st.columns(len(photo.said), gap="medium")
    for column, said in zip(columns, photo.said, strict=True):
        with column:
            st.html(cards.heading(said.side.name, said.side.colour))
            _ranking(said)


def _ranking(said: Said) -> None:
    st.html(ranking(said.side.name, said.side.colour, said.ranked(_TOP), cards.score_text))
    st.html(f'<p class="dn-quiet">Score of its own class: {cards.score_text(said.own)}</p>')


def _close() -> None:
    st.session_state.pop(_OPEN, None)
