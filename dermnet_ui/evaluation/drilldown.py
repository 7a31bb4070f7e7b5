"""A list of photos as cards, a page at a time: file name, what each model answered, pictures where the photos are."""

from collections.abc import Sequence

import streamlit as st

from dermnet_core.i18n import _, count, retold
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
    with cards_here, st.spinner(_("Reading the photos …"), show_time=False):
        small = [album.small(photo) for photo in photos]
    with top:
        _notes(album, photos, small)
        _save(found, key)
    if not any(picture.photo for picture in small):
        small = [Small()] * len(small)  # the notes have said why
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
        none = _(
            "None of these photos is in the folder {name}. The evaluation was made on: {photos}. "
            "Set DERMNET_DATA_DIR to that folder to see them."
        )
        notes = [none.format(name=album.root.name, photos=retold(about.photos))]
    changed = sum(album.differs(photo, found.scores) for photo, found in zip(photos, small, strict=True))
    if changed:
        others = _(
            "{n} of the {total} photos here are not the ones that were evaluated: the models score them "
            "otherwise. They were changed, or stored in another size. Their cards say so."
        )
        notes.append(others.format(n=changed, total=len(here)))
    if notes:
        st.html(notes_list(tuple(notes)))


def _where() -> str:
    if folder.may_choose_folder():
        return _("To see the photos with heatmaps, name their folder on the page Dataset.")
    return _("To see the photos with heatmaps, start the application with `DERMNET_DATA_DIR` set to their folder.")


def _save(found: PhotoList, key: str) -> None:
    st.download_button(
        _("This list of {n} (CSV)").format(n=count(len(found))), lambda: found.table().csv(),
        f"{file_name(found.name)}.csv", "text/csv", key=f"{key}-csv", on_click="ignore",
    )  # fmt: skip


def _grid(found: PhotoList, album: Album, photos: Sequence[Answered], small: Sequence[Small], key: str) -> None:
    with st.container(horizontal=True, gap="small", key=f"dn-cards-{key}"):
        for number, (photo, pictures) in enumerate(zip(photos, small, strict=True)):
            with st.container(border=True, width=_CARD_WIDTH, gap="xsmall"):
                _card(album, photo, pictures)
                st.button(
                    _("Open"), key=f"{key}-{number}", width="stretch", help=photo.name,
                    on_click=one_photo.open_photo, args=(found.name, photo.file),
                )  # fmt: skip


def _card(album: Album, photo: Answered, small: Small) -> None:
    if small.photo:
        shown = [(small.photo, _("Photo {name}").format(name=photo.name))]
        heatmap = _("{name}, heatmap for {place}")
        for side, jpeg, place in zip(album.asked, small.heatmaps, small.places, strict=False):
            shown.append((jpeg, heatmap.format(name=side.name, place=place)))
        st.html(cards.pictures(shown, [_("Photo"), *(side.name for side in album.asked)][: len(shown)]))
    elif small.problem:
        st.html(gallery.no_photo(small.problem))
    if album.differs(photo, small.scores):
        st.html(gallery.no_photo(_("Not the photo that was evaluated.")))
    st.html(cards.words(photo))
