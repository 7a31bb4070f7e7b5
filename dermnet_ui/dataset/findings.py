"""The defects of the folder, worst first, and the photos of each side by side."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

import streamlit as st

from dermnet_core.data.facts import PhotoFacts
from dermnet_core.data.findings import FINDINGS, Finding, described
from dermnet_core.data.findings import findings as find
from dermnet_core.data.report import DatasetReport
from dermnet_core.data.thumbnails import thumbnail
from dermnet_core.errors import ImageError
from dermnet_core.i18n import N_, _, count, language, ngettext, retold
from dermnet_core.labels import display_name
from dermnet_ui.charts_dataset import PART_NAMES
from dermnet_ui.dataset import export, photo

GROUPS_A_PAGE = 10
_MOST_IN_GROUP = 12
_CARD_WIDTH = 172
_CHOSEN = "finding"


def show(report: DatasetReport, root: Path) -> None:
    """List the findings, or show the photos of the one that was opened."""
    found = all_findings(report)
    opened = found.get(st.session_state.get(_CHOSEN, ""))
    if opened is None or not opened.groups:
        _list(report, found)
    else:
        _photos(report, root, opened)


def all_findings(report: DatasetReport) -> Mapping[str, Finding]:
    """Return every kind of finding by its key, worst first; a kind without any has no groups."""
    return _found(f"{report.digest} {report.summary.scanned}", language(), report)


def count_text(finding: Finding) -> str:
    """Return how many photos and groups a finding has."""
    files = len({file for group in finding.groups for file in group})
    photos = ngettext("{n} photo", "{n} photos", files).format(n=count(files))
    groups = len(finding.groups)
    if groups == files:
        return photos
    return ngettext("{n} group, {photos}", "{n} groups, {photos}", groups).format(n=count(groups), photos=photos)


@st.cache_resource(max_entries=4, show_spinner=False)
def _found(digest: str, spoken: str, _report: DatasetReport) -> Mapping[str, Finding]:
    found = {finding.key: finding for finding in find(_report)}
    nothing = {key: Finding(key, *described(key), (), ()) for key in FINDINGS}
    return nothing | found


@st.cache_resource(max_entries=2, show_spinner=False)
def _by_file(digest: str, _report: DatasetReport) -> Mapping[str, PhotoFacts]:
    return {facts.file: facts for facts in _report.photos}


def _list(report: DatasetReport, found: Mapping[str, Finding]) -> None:
    st.subheader(_("Findings, worst first"))
    last = len(found) - 1
    for place, finding in enumerate(found.values()):
        if finding.groups:
            _card(finding, _severity(place / max(1, last)))
    for finding in found.values():
        if not finding.groups:
            none = escape(_("{finding}: none").format(finding=finding.title))
            st.html(f'<p class="dn-quiet"><span aria-hidden="true">✓</span> {none}</p>')
    export.all_findings_button(report, _("All findings (CSV)"))


def _severity(place: float) -> tuple[str, str]:
    """Return sign and word for a kind of finding by its place in the list, 0 (worst) to 1."""
    if place < 0.4:
        return "‼", N_("spoils figures")
    return ("⚠", N_("look at it")) if place < 0.8 else ("ℹ", N_("good to know"))


def _card(finding: Finding, severity: tuple[str, str]) -> None:
    (sign, word), meaning = severity, f'<p class="dn-quiet">{escape(finding.meaning)}</p>'
    with (
        st.container(border=True, key=f"finding-{finding.key}"),
        st.container(horizontal=True, vertical_alignment="center", gap="medium"),
    ):
        st.html(
            f'<p class="dn-finding"><span aria-hidden="true">{sign}</span> <strong>{escape(finding.title)}</strong> · '
            f"{escape(count_text(finding))} <small>{escape(_(word))}</small></p>{meaning}",
            width="stretch",
        )
        title = _("See the photos")
        st.button(title, key=f"open-{finding.key}", on_click=_open, args=(finding.key,), help=finding.title)


def _open(key: str) -> None:
    st.session_state[_CHOSEN] = key


def _photos(report: DatasetReport, root: Path, finding: Finding) -> None:
    st.button(_("← All findings"), key="findings-back", type="tertiary", on_click=_open, args=("",))
    st.subheader(finding.title)
    st.markdown(f"{count_text(finding)}. {finding.meaning}")
    export.finding_button(report, finding)
    pages = -(-len(finding.groups) // GROUPS_A_PAGE)
    page = st.pagination(pages, key=f"page-{finding.key}") if pages > 1 else 1
    facts = _by_file(f"{report.digest} {report.summary.scanned}", report)
    reasons = {entry.file: retold(entry.reason) for entry in report.unreadable}
    first = (page - 1) * GROUPS_A_PAGE
    for number in range(first, min(first + GROUPS_A_PAGE, len(finding.groups))):
        group = finding.groups[number]
        st.html(f'<h3 class="dn-group">{escape(_title(finding, number))}</h3>')
        with st.container(horizontal=True, gap="small", key=f"group-{number}"):
            for place, file in enumerate(group[:_MOST_IN_GROUP]):
                _photo(root, file, facts.get(file), reasons.get(file, ""), f"{number}-{place}")
        if len(group) > _MOST_IN_GROUP:
            more = _("and {n} more; the CSV has all of them")
            st.caption(more.format(n=count(len(group) - _MOST_IN_GROUP)))


def _title(finding: Finding, number: int) -> str:
    note = finding.notes[number] if number < len(finding.notes) else ""
    place = _("{n} of {total}").format(n=count(number + 1), total=count(len(finding.groups)))
    return " · ".join(part for part in (place, note) if part)


def _photo(root: Path, file: str, facts: PhotoFacts | None, reason: str, key: str) -> None:
    with st.container(border=True, width=_CARD_WIDTH, gap="xsmall"):
        if facts is None:
            st.html(_reason(reason or _("Not among the photos of the scan.")))
        else:
            try:
                st.image(thumbnail(root, file, facts.sha256), width="stretch", alt=_("Photo {name}").format(name=file))
            except ImageError as error:
                st.html(_reason(retold(str(error))))
        st.html("".join(_lines(file, facts)))
        if facts is not None:
            st.button(
                _("Open"), key=f"photo-{key}", width="stretch", on_click=photo.open_photo, args=(file,), help=file
            )


def _lines(file: str, facts: PhotoFacts | None) -> Iterator[str]:
    if facts is not None:
        split = "" if facts.split == "all" else f" · {_(PART_NAMES[facts.split])}"
        yield f'<p class="dn-quiet dn-label">{escape(display_name(facts.label))}{escape(split)}</p>'
    yield f'<p class="dn-quiet dn-path" title="{escape(file)}">{escape(Path(file).name if facts else file)}</p>'


def _reason(text: str) -> str:
    return f'<p class="dn-no-photo"><span aria-hidden="true">⚠</span> {escape(text)}</p>'
