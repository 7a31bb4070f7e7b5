"""One photo of a list in full: the five first classes of each model, and where it looked."""

from html import escape

import streamlit as st

from dermnet_core.explain.overlay import overlay
from dermnet_core.i18n import N_, _, count, retold
from dermnet_core.labels import display_name
from dermnet_ui.case import Answer, Case, Refused
from dermnet_ui.dataset import gallery
from dermnet_ui.evaluation import cards
from dermnet_ui.evaluation.answers import Answered, PhotoList, Said
from dermnet_ui.evaluation.pictures import Album
from dermnet_ui.markup import colour_scale, encode, heatmap_caption, notes_list, ranking

_OPEN = "evaluation-photo"
_OWN_FIRST, _FILED = N_("Each model's first"), N_("The photo's own class")
_TOP = 5
_TALLEST = 360


def open_photo(name: str, file: str) -> None:
    """Open a photo of the list with a name; for callbacks."""
    st.session_state[_OPEN] = (name, file)


def dialog(found: PhotoList, album: Album) -> None:
    """Show the dialog if a photo of this list was opened."""
    name, file = st.session_state.get(_OPEN, ("", ""))
    if name == found.name and file:
        # Closing it in any way ends in _close; walking to another photo reruns the dialog alone and leaves it open.
        st.dialog(_("Photo"), width="large", on_dismiss=_close)(_content)(found, album)


def _content(found: PhotoList, album: Album) -> None:
    file = st.session_state.get(_OPEN, ("", ""))[1]
    files = [found.sides[0].predictions.files[place] for place in found.places]
    if file not in files:
        st.info(_("This photo is not in the list any more. Close this and open another."))
        return
    number = files.index(file)
    photo = found.photo(found.places[number])
    st.html(f'<h2 class="dn-model dn-path">{escape(photo.name)}</h2>')
    facts = ((_("Class"), display_name(photo.label)), (_("File"), photo.file))
    rows = "".join(f"<dt>{escape(title)}</dt><dd>{escape(value)}</dd>" for title, value in facts)
    st.html(f'<dl class="dn-facts">{rows}</dl>')
    _walk(found, files, number)
    case = album.large(photo) if album.small(photo).photo and album.asked else None
    if isinstance(case, Refused):
        st.html(gallery.no_photo(retold(case.message)))
        case = None
    if case is not None:
        _with_heatmaps(photo, album, case)
    else:
        _without_heatmaps(photo, album)


def _walk(found: PhotoList, files: list[str], number: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for title, step in ((_("← Previous"), -1), (_("Next →"), 1)):
            place = number + step
            there = 0 <= place < len(files)
            st.button(
                title, key=f"evaluation-walk{step}", disabled=not there, on_click=open_photo,
                args=(found.name, files[place] if there else ""),
            )  # fmt: skip
        place_text = _("{n} of {total}").format(n=count(number + 1), total=count(len(files)))
        st.markdown(place_text, width="content")


def _with_heatmaps(photo: Answered, album: Album, case: Case) -> None:
    if album.differs(photo, [answer.prediction.scores for answer in case.answers]):
        other = _(
            "Not the photo that was evaluated: the models score it otherwise. The scores are those of the "
            "evaluation, the heatmaps are of the photo here."
        )
        st.html(notes_list((other,)))
    columns = st.columns(len(photo.said), gap="medium")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        which = st.radio(
            _("Class for the heatmaps"), [_OWN_FIRST, _FILED], format_func=_, horizontal=True,
            key="evaluation-heat-class",
        )  # fmt: skip
        opacity = st.slider(
            _("Opacity of the heatmap"), 0, 100, 50, format=_("%d %%"), key="evaluation-opacity", width=220
        )
    answers = dict(zip(album.asked, case.answers, strict=True))
    for column, said in zip(columns, photo.said, strict=True):
        with column:
            st.html(cards.heading(said.side.name, said.side.colour))
            if said.side in answers:
                label = photo.label if which == _FILED else said.first
                _picture(said, case, answers[said.side], label, opacity / 100)
            else:
                st.html(gallery.no_photo(_("This model is not installed, so its heatmap cannot be drawn.")))
            _ranking(said)


def _picture(said: Said, case: Case, answer: Answer, label: str, opacity: float) -> None:
    heatmap = answer.heatmap(label)
    name = display_name(label)
    height, width = case.rgb.shape[:2]
    st.image(
        encode(overlay(case.rgb, heatmap, opacity)),
        width=max(160, _TALLEST * int(width) // int(height)),
        alt=_("{model}, heatmap for {name}, strongest: {place}").format(
            model=said.side.name, name=name, place=heatmap.strongest_place()
        ),
    )
    st.html(colour_scale())
    st.html(heatmap_caption(name, heatmap))


def _without_heatmaps(photo: Answered, album: Album) -> None:
    found = album.small(photo, _TALLEST)
    if found.photo:
        st.image(found.photo, alt=_("Photo {name}").format(name=photo.name))
    elif found.problem:
        st.html(gallery.no_photo(found.problem))
    columns = st.columns(len(photo.said), gap="medium")
    for column, said in zip(columns, photo.said, strict=True):
        with column:
            st.html(cards.heading(said.side.name, said.side.colour))
            _ranking(said)


def _ranking(said: Said) -> None:
    st.html(ranking(said.side.name, said.side.colour, said.ranked(_TOP), cards.score_text))
    own = _("Score of its own class: {score}").format(score=cards.score_text(said.own))
    st.html(f'<p class="dn-quiet">{escape(own)}</p>')


def _close() -> None:
    st.session_state.pop(_OPEN, None)
