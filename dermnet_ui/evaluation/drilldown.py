"""A list of photos as cards, a page at a time: file name, what each model answered, pictures where the photos are."""

from collections.abc import Sequence

import streamlit as st

from dermnet_ui.charts_frame import file_name
from dermnet_ui.dataset import folder, gallery
from dermnet_ui.evaluation import cards, one_photo
from dermnet_ui.evaluation.answers import Answered, PhotoList
from dermnet_ui.evaluation.pictures import Album, Small
from dermnet_ui.markup import notes_list

PAGE = 12
_CARD_WIDTH = 328
"""Three cards and their gaps fit beside the sidebar, one on a phone."""


def photo_list(found: PhotoList, key: str) -> None:
    """Show the photos of a list; the caller says when there are none.

    Args:
        found: one photo or more.
        key: prefix of the keys of the widgets; one list of a page each.
    """
    top = st.container()
    page = 1
    pages = -(-len(found) // PAGE)
    cards_here = st.container()
    if pages > 1:
        # Another list gets another widget, which starts with its first page.
        page = st.pagination(pages, key=f"{key}-page-{hash(found.places)}")
    photos = found.photos((page - 1) * PAGE, page * PAGE)
    album = Album(found.sides)
    with cards_here, st.spinner("Reading the photos …", show_time=False):
        small = [album.small(photo) for photo in photos]
    with top:
        _notes(album, photos, small)
        _save(found, key)
    if not any(picture.photo for picture in small):
        small = [Small() for _ in small]  # the notes have said why
    with cards_here:
        _grid(found, album, photos, small, key)
    one_photo.dialog(found, album)


def _notes(album: Album, photos: Sequence[Answered], small: Sequence[Small]) -> None:
    """Say what cannot be shown, and why."""
    if album.root is None:
        st.caption(_where())
        return
    notes = list(album.notes)
    here = [photo for photo, found in zip(photos, small, strict=True) if found.photo]
    if not here:
        about = album.sides[0].about
        notes = [
            f"None of these photos is in the folder {album.root.name}. The evaluation was made on: {about.photos}. "
            "Set DERMNET_DATA_DIR to that folder to see them."
        ]
    changed = sum(album.differs(photo, found.scores) for photo, found in zip(photos, small, strict=True))
    if changed:
        notes.append(
            f"{changed} of the {len(here)} photos here are not the ones that were evaluated: the models score them "
            "otherwise. They were changed, or stored in another size. Their cards say so."
        )
    if notes:
        st.html(notes_list(tuple(notes)))


def _where() -> str:
    if folder.may_choose_folder():
        return "To see the photos with heatmaps, name their folder on the page Dataset."
    return "To see the photos with heatmaps, start the application with `DERMNET_DATA_DIR` set to their folder."


def _save(found: PhotoList, key: str) -> None:
    st.download_button(
        f"This list of {len(found):,} (CSV)", lambda: found.table().csv(), f"{file_name(found.title)}.csv", "text/csv",
        key=f"{key}-csv", on_click="ignore",
    )  # fmt: skip


def _grid(found: PhotoList, album: Album, photos: Sequence[Answered], small: Sequence[Small], key: str) -> None:
    with st.container(horizontal=True, gap="small", key=f"dn-cards-{key}"):
        for number, (photo, pictures) in enumerate(zip(photos, small, strict=True)):
            with st.container(border=True, width=_CARD_WIDTH, gap="xsmall"):
                _card(album, photo, pictures)
                st.button(
                    "Open", key=f"{key}-{number}", width="stretch", help=photo.name,
                    on_click=one_photo.open_photo, args=(found.title, photo.file),
                )  # fmt: skip


def _card(album: Album, photo: Answered, small: Small) -> None:
    if small.photo:
        shown = [(small.photo, f"Photo {photo.name}")]
        for side, jpeg, place in zip(album.asked, small.heatmaps, small.places, strict=False):
            shown.append((jpeg, f"{side.name}, heatmap for {place}"))
        st.html(cards.pictures(shown, ["Photo", *(side.name for side in album.asked)][: len(shown)]))
    elif small.problem:
        st.html(gallery.no_photo(small.problem))
    if album.differs(photo, small.scores):
        st.html(gallery.no_photo("Not the photo that was evaluated."))
    st.html(cards.words(photo))
