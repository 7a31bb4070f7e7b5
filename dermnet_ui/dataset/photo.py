"""One photo of the folder in full: what it is, what is wrong with it, which photos are like it."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import streamlit as st

from dermnet_core.data.facts import NearKind, NearPair, PhotoFacts
from dermnet_core.data.images import read_photo_file
from dermnet_core.data.report import DatasetReport
from dermnet_core.data.summary import DatasetSummary, Distribution
from dermnet_core.data.thumbnails import photo_path
from dermnet_core.errors import DatasetError, ImageError
from dermnet_core.labels import display_name
from dermnet_ui.case import reduced
from dermnet_ui.dataset import augmentation, catalogue, gallery
from dermnet_ui.dataset.catalogue import Catalogue, Entry
from dermnet_ui.markup import encode

_OPEN = "open_photo"
_SIDE = 900
_MOST = 12
_NEAR: dict[NearKind, str] = {
    "copy": "the same view, rescaled or saved again",
    "crop": "one is a part of the other",
    "mirrored": "its mirror image",
}
_EXTREMES = {
    "brightness": ("darker than 95 % of the photos here", "brighter than 95 % of the photos here"),
    "contrast": ("flatter than 95 % of the photos here", "harsher than 95 % of the photos here"),
    "sharpness": ("more blurred than 95 % of the photos here", "sharper than 95 % of the photos here"),
}
_LOW, _HIGH = 1, 5
"""Places of the 5 % and the 95 % quantile in `summary.QUANTILES`."""


def open_photo(file: str) -> None:
    """Open a photo in the dialog; for callbacks."""
    st.session_state[_OPEN] = file


def dialog(report: DatasetReport, root: Path) -> None:
    """Show the dialog if a photo was opened; the page calls this once, at its end."""
    if st.session_state.get(_OPEN):
        _dialog(report, root)


def measures(facts: PhotoFacts, summary: DatasetSummary) -> list[tuple[str, str]]:
    """Return what is known of a photo as pairs of a name and a value, in words."""
    kilobytes = facts.bytes / 1024
    size = f"{kilobytes:,.0f} KB" if kilobytes < 1024 else f"{kilobytes / 1024:,.1f} MB"
    pairs = [
        ("Size", f"{facts.width:,} × {facts.height:,} pixels, {facts.format}, {size}"),
        ("Brightness", f"{facts.brightness:.0f} of 255"),
        ("Contrast", f"{facts.contrast:.0f}"),
        ("Sharpness", f"{facts.sharpness:,.0f}"),
    ]
    words = [(name, _rank(name.lower(), facts, summary.properties.get(name.lower()))) for name, _ in pairs]
    ranked = [(name, f"{text}, {rank}" if rank else text) for (name, text), (_, rank) in zip(pairs, words, strict=True)]
    return [*ranked, ("Fingerprint", facts.sha256[:16])]


# Closing it in any way ends in _close; walking to another photo reruns the dialog alone and leaves it open.
@st.dialog("Photo", width="large", on_dismiss=lambda: _close())
def _dialog(report: DatasetReport, root: Path) -> None:
    photos = catalogue.of(report)
    file: str = st.session_state.get(_OPEN, "")
    entry = photos.by_file.get(file)
    if entry is None:
        st.error(f"Expected a photo of the last scan, found none by the name {file}. Close this and scan again.")
        return
    with st.container(key="dn-photo"):
        st.html(f'<h2 class="dn-model dn-path">{escape(entry.name)}</h2>')
        picture, words = st.columns(2, gap="medium")
        with picture:
            _picture(root, entry)
        with words:
            st.html(_table(_about(entry, report.summary)))
            _findings(photos, entry)
        _copies(photos, root, entry)
        _near(photos, root, entry)
        _neighbours(photos, root, entry)
        if entry.facts is not None:
            with st.expander("What training does to this photo"):
                augmentation.show(root, entry.facts)


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _picture(root: Path, entry: Entry) -> None:
    if entry.facts is None:
        st.html(gallery.no_photo(entry.reason))
        return
    try:
        rgb = read_photo_file(photo_path(root, entry.file)).rgb
    except ImageError as error:
        path = root / entry.file
        gone = "" if path.exists() else "The photo is no longer there: it vanished after the scan. "
        st.html(gallery.no_photo(f"{gone}{error}"))
    except DatasetError as error:
        st.html(gallery.no_photo(str(error)))
    else:
        st.image(
            encode(reduced(rgb, _SIDE)), width="stretch", alt=f"Photo {entry.name}, class {display_name(entry.label)}"
        )


def _about(entry: Entry, summary: DatasetSummary) -> Iterator[tuple[str, str]]:
    yield "Class", display_name(entry.label)
    if entry.split != "all":
        yield "Split", entry.split
    number = "" if entry.number is None else f", number {entry.number}"
    yield "Series", f"{entry.series}{number}"
    if entry.facts is not None:
        yield from measures(entry.facts, summary)
    yield "File", entry.file


def _rank(name: str, facts: PhotoFacts, spread: Distribution | None) -> str:
    if name not in _EXTREMES or spread is None:
        return ""
    low, high = _EXTREMES[name]
    value = getattr(facts, name)
    if value < spread.quantiles[_LOW]:
        return low
    return high if value > spread.quantiles[_HIGH] else "like most photos here"


def _table(pairs: Iterator[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return f'<dl class="dn-facts">{rows}</dl>'


def _findings(photos: Catalogue, entry: Entry) -> None:
    notes = photos.notes(entry)
    if not notes:
        st.html('<p class="dn-quiet"><span aria-hidden="true">✓</span> Nothing was found that is wrong with it.</p>')
        return
    rows = "".join(
        f'<li><span aria-hidden="true">⚠</span> <strong>{escape(found.title)}</strong>'
        f"{escape(f': {note}' if note else '')}. {escape(found.meaning)}</li>"
        for found, note in notes
    )
    st.html(f'<ul class="dn-notes" aria-label="Findings">{rows}</ul>')


def _copies(photos: Catalogue, root: Path, entry: Entry) -> None:
    copies = photos.copies(entry)
    if copies:
        labels = {entry.label, *(copy.label for copy in copies)}
        under = f", under {len(labels)} classes" if len(labels) > 1 else ""
        st.markdown(f"**The same file again** · {len(copies):,} time{'s' if len(copies) != 1 else ''}{under}")
        _grid(root, copies, "copies")


def _near(photos: Catalogue, root: Path, entry: Entry) -> None:
    near = photos.near(entry)
    if near:
        st.markdown(f"**Near duplicates** · {len(near):,}")
        _grid(root, [other for other, _ in near], "near", [_near_text(other, pair) for other, pair in near])


def _near_text(other: Entry, pair: NearPair) -> str:
    return f"{gallery.place_text(other)}; {_NEAR[pair.kind]}, {100 * pair.similarity:.0f} % alike"


def _neighbours(photos: Catalogue, root: Path, entry: Entry) -> None:
    around = photos.neighbours(entry)
    if len(around) > 1:
        st.markdown("**Before and after it in its series**")
        place = around.index(entry)
        words = {place - 1: "← Previous", place: "Shown", place + 1: "Next →"}
        titles = [words.get(number, "Open") for number in range(len(around))]
        gallery.grid(root, around, "around", open_photo, [_number(other) for other in around], titles, entry)


def _number(entry: Entry) -> str:
    split = "" if entry.split == "all" else f" · {entry.split}"
    return f"{'no number' if entry.number is None else f'number {entry.number}'}{split}"


def _grid(root: Path, entries: list[Entry], key: str, notes: list[str] | None = None) -> None:
    gallery.grid(root, entries[:_MOST], key, open_photo, (notes or [])[:_MOST])
    if len(entries) > _MOST:
        st.caption(f"and {len(entries) - _MOST:,} more; the CSV on the section Export has all of them")
