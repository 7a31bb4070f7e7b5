"""Photos of the folder as cards in a row that wraps: a small picture, a few words, a button."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import streamlit as st

from dermnet_core.data.thumbnails import thumbnail
from dermnet_core.errors import DermnetError
from dermnet_core.i18n import _, retold
from dermnet_core.labels import display_name
from dermnet_ui.charts_dataset import PART_NAMES
from dermnet_ui.dataset.catalogue import Entry

_CARD_WIDTH = 168
"""Two cards and the gap between them fit on a phone, six on a wide screen."""
_THREADS = 4


def grid(
    root: Path,
    entries: Sequence[Entry],
    key: str,
    opened: Callable[[str], None],
    notes: Sequence[str] = (),
    titles: Sequence[str] = (),
    chosen: Entry | None = None,
) -> None:
    """Show entries as cards.

    Args:
        root: the photo folder.
        entries: what to show.
        key: prefix of the keys of the widgets; one grid of a page each.
        opened: called with the file whose button was pressed.
        notes: a line on each entry, instead of its split and class.
        titles: of the buttons, instead of "Open".
        chosen: the entry that is open already and cannot be opened.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        pictures = list(pool.map(lambda entry: _picture(root, entry), entries))
    with st.container(horizontal=True, gap="small", key=f"dn-grid-{key}"):
        for place, (entry, picture) in enumerate(zip(entries, pictures, strict=True)):
            with st.container(border=True, width=_CARD_WIDTH, gap="xsmall"):
                if isinstance(picture, bytes):
                    st.image(picture, width="stretch", alt=_("Photo {name}").format(name=entry.name))
                else:
                    st.html(no_photo(retold(picture)))  # from a thread, which speaks English
                note = notes[place] if notes else place_text(entry)
                st.html(_words(entry, note))
                st.button(
                    titles[place] if titles else _("Open"),
                    key=f"{key}-{place}",
                    width="stretch",
                    disabled=entry is chosen,
                    on_click=opened,
                    args=(entry.file,),
                    help=None if entry is chosen else entry.name,
                )


def place_text(entry: Entry) -> str:
    """Return split and class of an entry."""
    return ("" if entry.split == "all" else f"{_(PART_NAMES[entry.split])} · ") + display_name(entry.label)


def no_photo(reason: str) -> str:
    """Return what stands in the place of a picture that cannot be shown."""
    return f'<p class="dn-no-photo"><span aria-hidden="true">⚠</span> {escape(reason)}</p>'


def _picture(root: Path, entry: Entry) -> bytes | str:
    """Return a small JPEG, or the reason why there is none."""
    if entry.facts is None:
        return entry.reason
    try:
        return thumbnail(root, entry.file, entry.facts.sha256)
    except DermnetError as error:
        return str(error)


def _words(entry: Entry, note: str) -> str:
    name, line = escape(entry.name), escape(note)
    return (
        f'<p class="dn-quiet dn-line" title="{escape(entry.file)}">{name}</p>'
        f'<p class="dn-quiet dn-label" title="{line}">{line}</p>'
    )
