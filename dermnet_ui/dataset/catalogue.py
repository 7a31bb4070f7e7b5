"""A scanned folder arranged for looking up: each file with its series, findings, copies and near duplicates."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import streamlit as st

from dermnet_core.data.facts import NearPair, PhotoFacts
from dermnet_core.data.findings import Finding, findings
from dermnet_core.data.report import DatasetReport
from dermnet_core.data.scan import series_of
from dermnet_core.i18n import _, language, retold


@dataclass(frozen=True)
class Entry:
    """One file of the folder."""

    file: str
    split: str
    label: str
    series: str
    number: int | None
    words: str
    """The name to search in: without the folders, in one spelling of each letter, lower case."""
    defects: tuple[str, ...]
    """Keys of the findings that it is part of."""
    facts: PhotoFacts | None
    """None for a file that could not be read."""
    reason: str = ""
    """Why it could not be read."""

    @property
    def name(self) -> str:
        """Return the file's name without its folders."""
        return PurePosixPath(self.file).name


class Catalogue:
    """All files of a report, in words of the visitor's language; ``entries`` go by class, series and number."""

    def __init__(self, report: DatasetReport) -> None:
        self.findings: Mapping[str, Finding] = {found.key: found for found in findings(report) if found.groups}
        self._places: Mapping[str, list[tuple[str, int]]] = _places(self.findings)
        entries = [self._entry(facts.file, facts.split, facts.label, facts) for facts in report.photos]
        entries += [self._entry(bad.file, bad.split, bad.label, None, retold(bad.reason)) for bad in report.unreadable]
        self.entries = tuple(sorted(entries, key=_order))
        self.by_file: Mapping[str, Entry] = {entry.file: entry for entry in self.entries}
        self._series: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._contents: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            self._series[entry.label, entry.series].append(entry)
            if entry.facts is not None:
                self._contents[entry.facts.sha256].append(entry)
        self._near: defaultdict[str, list[tuple[str, NearPair]]] = defaultdict(list)
        for pair in report.near:
            self._near[self._content(pair.first)].append((pair.second, pair))
            self._near[self._content(pair.second)].append((pair.first, pair))

    def notes(self, entry: Entry) -> list[tuple[Finding, str]]:
        """Return the findings that a file is part of, each with the note on its group (often empty)."""
        places = ((self.findings[key], number) for key, number in self._places.get(entry.file, ()))
        return [(found, found.notes[number] if number < len(found.notes) else "") for found, number in places]

    def copies(self, entry: Entry) -> list[Entry]:
        """Return the other files with the same bytes."""
        same = self._contents.get(entry.facts.sha256, []) if entry.facts else []
        return [other for other in same if other is not entry]

    def near(self, entry: Entry) -> list[tuple[Entry, NearPair]]:
        """Return the near duplicates of a file, the most similar first; of byte copies, the first stands for all."""
        pairs = self._near.get(self._content(entry.file), ())
        return [(self.by_file[file], pair) for file, pair in sorted(pairs, key=lambda found: -found[1].similarity)]

    def neighbours(self, entry: Entry, reach: int = 2) -> list[Entry]:
        """Return a file with up to ``reach`` files before and after it in the series of its class."""
        series = self._series[entry.label, entry.series]
        place = series.index(entry)
        return series[max(0, place - reach) : place + reach + 1]

    def _content(self, file: str) -> str:
        facts = self.by_file[file].facts
        return facts.sha256 if facts else file

    def _entry(self, file: str, split: str, label: str, facts: PhotoFacts | None, reason: str = "") -> Entry:
        series, number = series_of(file)
        words = unicodedata.normalize("NFKC", PurePosixPath(file).name).casefold()
        defects = tuple(dict.fromkeys(key for key, _place in self._places.get(file, ())))
        return Entry(file, split, label, series, number, words, defects, facts, reason)


def of(report: DatasetReport) -> Catalogue:
    """Return the catalogue of a report, made once a scan and language."""
    with st.spinner(_("Arranging the photos …")):
        return _catalogue(f"{report.digest} {report.summary.scanned}", language(), report)


@st.cache_resource(max_entries=4, show_spinner=False)
def _catalogue(digest: str, spoken: str, _report: DatasetReport) -> Catalogue:
    return Catalogue(_report)


def _places(found: Mapping[str, Finding]) -> Mapping[str, list[tuple[str, int]]]:
    places: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for key, finding in found.items():
        for number, group in enumerate(finding.groups):
            for file in group:
                places[file].append((key, number))
    return places


def _order(entry: Entry) -> tuple[str, str, int, str]:
    return entry.label, entry.series, -1 if entry.number is None else entry.number, entry.file
