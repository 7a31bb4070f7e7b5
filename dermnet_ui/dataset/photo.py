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
from dermnet_core.i18n import N_, _, count, decimal, ngettext, percent, retold
from dermnet_core.labels import display_name
from dermnet_ui.case import reduced
from dermnet_ui.charts_dataset import PART_NAMES
from dermnet_ui.dataset import augmentation, catalogue, gallery
from dermnet_ui.dataset.catalogue import Catalogue, Entry
from dermnet_ui.markup import encode

_OPEN = "open_photo"
_SIDE = 900
_MOST = 12
_NEAR: dict[NearKind, str] = {
    "copy": N_("{place}; the same view, rescaled or saved again, {share} alike"),
    "crop": N_("{place}; one is a part of the other, {share} alike"),
    "mirrored": N_("{place}; its mirror image, {share} alike"),
}
_EXTREMES = {
    "brightness": (N_("darker than 95 % of the photos here"), N_("brighter than 95 % of the photos here")),
    "contrast": (N_("flatter than 95 % of the photos here"), N_("harsher than 95 % of the photos here")),
    "sharpness": (N_("more blurred than 95 % of the photos here"), N_("sharper than 95 % of the photos here")),
}
_LOW, _HIGH = 1, 5
"""Places of the 5 % and the 95 % quantile in `summary.QUANTILES`."""


def open_photo(file: str) -> None:
    """Open a photo in the dialog; for callbacks."""
    st.session_state[_OPEN] = file


def dialog(report: DatasetReport, root: Path) -> None:
    """Show the dialog if a photo was opened; the page calls this once, at its end."""
    if st.session_state.get(_OPEN):
        # Its title follows the visitor's language, so it is made here. Closing it in any way ends in _close; walking to
        # another photo reruns the dialog alone and leaves it open.
        st.dialog(_("Photo"), width="large", on_dismiss=_close)(_contents)(report, root)


def measures(facts: PhotoFacts, summary: DatasetSummary) -> list[tuple[str, str]]:
    """Return what is known of a photo as pairs of a name and a value, in words."""
    kilobytes = facts.bytes / 1024
    stored = f"{decimal(kilobytes, 0)} KB" if kilobytes < 1024 else f"{decimal(kilobytes / 1024)} MB"
    size = _("{width} × {height} pixels, {format}, {stored}").format(
        width=count(facts.width), height=count(facts.height), format=facts.format, stored=stored
    )
    brightness = _("{n} of 255").format(n=decimal(facts.brightness, 0))
    return [
        (_("Size"), size),
        (_("Brightness"), _ranked(brightness, "brightness", facts, summary)),
        (_("Contrast"), _ranked(decimal(facts.contrast, 0), "contrast", facts, summary)),
        (_("Sharpness"), _ranked(decimal(facts.sharpness, 0), "sharpness", facts, summary)),
        (_("Fingerprint"), facts.sha256[:16]),
    ]


def _contents(report: DatasetReport, root: Path) -> None:
    photos = catalogue.of(report)
    file: str = st.session_state.get(_OPEN, "")
    entry = photos.by_file.get(file)
    if entry is None:
        missing = _("Expected a photo of the last scan, found none by the name {file}. Close this and scan again.")
        st.error(missing.format(file=file))
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
            with st.expander(_("What training does to this photo")):
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
        gone = "" if path.exists() else _("The photo is no longer there: it vanished after the scan.") + " "
        st.html(gallery.no_photo(gone + retold(str(error))))
    except DatasetError as error:
        st.html(gallery.no_photo(retold(str(error))))
    else:
        alt = _("Photo {name}, class {label}").format(name=entry.name, label=display_name(entry.label))
        st.image(encode(reduced(rgb, _SIDE)), width="stretch", alt=alt)


def _about(entry: Entry, summary: DatasetSummary) -> Iterator[tuple[str, str]]:
    yield _("Class"), display_name(entry.label)
    if entry.split != "all":
        yield _("Split"), _(PART_NAMES[entry.split])
    numbered = _("{series}, number {number}").format(series=entry.series, number=entry.number)
    yield _("Series"), entry.series if entry.number is None else numbered
    if entry.facts is not None:
        yield from measures(entry.facts, summary)
    yield _("File"), entry.file


def _ranked(text: str, name: str, facts: PhotoFacts, summary: DatasetSummary) -> str:
    """Return a measure with its place among the photos of the folder; alone where that is not known."""
    spread = summary.properties.get(name)
    return f"{text}, {_rank(name, facts, spread)}" if spread else text


def _rank(name: str, facts: PhotoFacts, spread: Distribution) -> str:
    low, high = _EXTREMES[name]
    value = getattr(facts, name)
    if value < spread.quantiles[_LOW]:
        return _(low)
    return _(high) if value > spread.quantiles[_HIGH] else _("like most photos here")


def _table(pairs: Iterator[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return f'<dl class="dn-facts">{rows}</dl>'


def _findings(photos: Catalogue, entry: Entry) -> None:
    notes = photos.notes(entry)
    if not notes:
        nothing = escape(_("Nothing was found that is wrong with it."))
        st.html(f'<p class="dn-quiet"><span aria-hidden="true">✓</span> {nothing}</p>')
        return
    rows = "".join(
        f'<li><span aria-hidden="true">⚠</span> <strong>{escape(found.title)}</strong>'
        f"{escape(f': {note}' if note else '')}. {escape(found.meaning)}</li>"
        for found, note in ((found, note.removesuffix(".")) for found, note in notes)
    )
    title = escape(_("Findings"))
    st.html(f'<ul class="dn-notes" aria-label="{title}">{rows}</ul>')


def _copies(photos: Catalogue, root: Path, entry: Entry) -> None:
    copies = photos.copies(entry)
    if copies:
        labels = {entry.label, *(copy.label for copy in copies)}
        times = ngettext("**The same file again** · {n} time", "**The same file again** · {n} times", len(copies))
        if len(labels) > 1:
            times = ngettext(
                "**The same file again** · {n} time, under {classes} classes",
                "**The same file again** · {n} times, under {classes} classes",
                len(copies),
            )
        st.markdown(times.format(n=count(len(copies)), classes=len(labels)))
        _grid(root, copies, "copies")


def _near(photos: Catalogue, root: Path, entry: Entry) -> None:
    near = photos.near(entry)
    if near:
        st.markdown(_("**Near duplicates** · {n}").format(n=count(len(near))))
        _grid(root, [other for other, _pair in near], "near", [_near_text(other, pair) for other, pair in near])


def _near_text(other: Entry, pair: NearPair) -> str:
    return _(_NEAR[pair.kind]).format(place=gallery.place_text(other), share=percent(pair.similarity, 0))


def _neighbours(photos: Catalogue, root: Path, entry: Entry) -> None:
    around = photos.neighbours(entry)
    if len(around) > 1:
        st.markdown(_("**Before and after it in its series**"))
        place = around.index(entry)
        words = {place - 1: _("← Previous"), place: _("Shown"), place + 1: _("Next →")}
        titles = [words.get(number, _("Open")) for number in range(len(around))]
        gallery.grid(root, around, "around", open_photo, [_number(other) for other in around], titles, entry)


def _number(entry: Entry) -> str:
    split = "" if entry.split == "all" else f" · {_(PART_NAMES[entry.split])}"
    return (_("no number") if entry.number is None else _("number {number}").format(number=entry.number)) + split


def _grid(root: Path, entries: list[Entry], key: str, notes: list[str] | None = None) -> None:
    gallery.grid(root, entries[:_MOST], key, open_photo, (notes or [])[:_MOST])
    if len(entries) > _MOST:
        more = _("and {n} more; the CSV on the section Export has all of them")
        st.caption(more.format(n=count(len(entries) - _MOST)))
