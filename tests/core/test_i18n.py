"""The catalogues hold every sentence of the source, translated, with its placeholders; numbers follow the language."""

import string
from collections.abc import Iterator
from datetime import datetime

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from dermnet_core import i18n
from dermnet_core.paths import LOCALES, ROOT

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
TRANSLATED = [code for code in i18n.LANGUAGES if code != i18n.SOURCE]


def sentences() -> Iterator[tuple[str, ...]]:
    """Yield the forms of each sentence that the code marks."""
    for folder in ("dermnet_core", "dermnet_ui", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            with path.open("rb") as source:
                for _line, message, _comments, _context in extract("python", source, keywords=KEYWORDS):
                    yield (message,) if isinstance(message, str) else tuple(filter(None, message))


def catalogue(code: str):
    with (LOCALES / code / "LC_MESSAGES" / "dermnet.po").open("rb") as source:
        return read_po(source, locale=code)


def names(text: str) -> set[str]:
    return {name for _text, name, _format, _conversion in string.Formatter().parse(text) if name is not None}


@pytest.fixture
def turkish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated(code):
    found = catalogue(code)
    known = {entry.id[0] if isinstance(entry.id, tuple) else entry.id for entry in found if entry.string}
    missing = sorted({forms[0] for forms in sentences()} - known)
    assert missing == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_catalogue_holds_nothing_else(code):
    wanted = {forms[0] for forms in sentences()}
    spare = [entry.id for entry in catalogue(code) if entry.id and _first(entry.id) not in wanted]
    assert spare == []
    assert not [entry.id for entry in catalogue(code) if entry.id and entry.fuzzy]


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_take_the_same_values(code):
    wrong = []
    for entry in catalogue(code):
        if entry.id:
            wanted = names(" ".join(entry.id) if isinstance(entry.id, tuple) else entry.id)
            forms = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            wrong += [form for form in forms if names(form) != wanted]
    assert wrong == []


def test_english_is_the_source():
    assert i18n.language() == "en"
    assert i18n._("A sentence that no catalogue holds.") == "A sentence that no catalogue holds."
    assert i18n.ngettext("{n} photo", "{n} photos", 1) == "{n} photo"
    assert (i18n.count(12345), i18n.decimal(1234.56), i18n.decimal(2.5, 0), i18n.percent(0.5278)) == (
        "12,345", "1,234.6", "2", "52.8 %",
    )  # fmt: skip
    assert i18n.decimal(52.85) == "52.9"  # what a format string makes of it
    assert [i18n.together(["CNN", "MobileNetV2"][:n]) for n in (1, 2)] == ["CNN", "CNN and MobileNetV2"]
    assert i18n.moment(datetime(2026, 11, 5, 1, 46)) == "5 November 2026, 01:46 UTC"
    assert i18n.day("2026-11-05T23:46:00+00:00") == "5 November 2026"
    assert i18n.separators() == ".,"


@pytest.mark.usefixtures("turkish")
def test_turkish_has_its_own_words_and_numbers():
    assert i18n._("Eczema") == "Egzama"
    assert (i18n.count(12345), i18n.decimal(1234.56), i18n.percent(0.5278)) == ("12.345", "1.234,6", "%52,8")
    assert (i18n.decimal(52.85), i18n.percent(-0.05), i18n.significant(0.25)) == ("52,9", "-%5,0", "0,25")
    assert i18n.together(["CNN", "MobileNetV2"]) == "CNN ve MobileNetV2"
    assert i18n.moment(datetime(2026, 11, 5, 1, 46)) == "5 Kasım 2026, 01:46 UTC"
    assert i18n.day("2026-11-05T23:46:00+00:00") == "5 Kasım 2026"
    assert i18n.separators() == ",."


def _first(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]
