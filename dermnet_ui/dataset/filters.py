"""Which photos a person asked for: pure functions over the entries of a catalogue."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dermnet_core.data.facts import PhotoFacts
from dermnet_core.i18n import N_
from dermnet_ui.dataset.catalogue import Entry

FACETS = ("label", "split", "series", "defect")
# A series belongs to its class: whoever chooses another class gives up the series.
_LIFTED = {facet: {facet, "series"} if facet == "label" else {facet} for facet in FACETS}


@dataclass(frozen=True)
class Filters:
    """What a photo has to be; None and an empty text let everything through."""

    label: str | None = None
    split: str | None = None
    series: str | None = None
    defect: str | None = None
    text: str = ""
    """Each of its words has to stand somewhere in the file's name."""

    def any(self) -> bool:
        """Return whether anything is asked for."""
        return self != Filters()


@dataclass(frozen=True)
class Found:
    """The photos that match, and what each filter could be set to next."""

    entries: tuple[Entry, ...]
    choices: Mapping[str, Mapping[str, int]]
    """Facet -> value -> photos that match when that filter alone is changed to it."""


def look(entries: Iterable[Entry], filters: Filters) -> Found:
    """Return the matching entries in their order, and the choices of each filter, in one pass."""
    words = unicodedata.normalize("NFKC", filters.text).casefold().split()
    wanted = [(facet, getattr(filters, facet)) for facet in FACETS]
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    matching = []
    for entry in entries:
        if not all(word in entry.words for word in words):
            continue
        failed = {facet for facet, value in wanted if value is not None and value not in _values(entry, facet)}
        if not failed:
            matching.append(entry)
        for facet in FACETS:
            if failed <= _LIFTED[facet]:
                counts[facet].update(_values(entry, facet))
    return Found(tuple(matching), counts)


def _values(entry: Entry, facet: str) -> tuple[str, ...]:
    if facet == "defect":
        return entry.defects
    value: str = getattr(entry, facet)
    return (value,)


SORTS: Mapping[str, Callable[[PhotoFacts], float] | None] = {
    N_("Name"): None,
    N_("Blurred first"): lambda facts: facts.sharpness,
    N_("Sharp first"): lambda facts: -facts.sharpness,
    N_("Dark first"): lambda facts: facts.brightness,
    N_("Bright first"): lambda facts: -facts.brightness,
    N_("Small first"): lambda facts: facts.width * facts.height,
    N_("Large first"): lambda facts: -facts.width * facts.height,
}
"""Order, in English -> what to sort by; None keeps the order of the catalogue."""


def arranged(entries: tuple[Entry, ...], order: str) -> tuple[Entry, ...]:
    """Return entries in one of the orders of SORTS; what could not be read comes last."""
    key = SORTS[order]
    if key is None:
        return entries
    readable = [(key(entry.facts), entry) for entry in entries if entry.facts is not None]
    rest = (entry for entry in entries if entry.facts is None)
    return (*(entry for _, entry in sorted(readable, key=lambda pair: pair[0])), *rest)
