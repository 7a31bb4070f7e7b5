"""Texts in the visitor's language: gettext catalogues, and numbers and dates as that language writes them.

Sentences are marked where they stand: ``_("A sentence.")``; values come in afterwards: ``_("{n} photos").format(n=n)``.
``N_`` marks what is translated later, such as the texts of a constant. The application says whose language counts;
the command line speaks English.
"""

import functools
import gettext
import io
import re
import string
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from babel.dates import format_datetime
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from dermnet_core.paths import LOCALES

SOURCE = "en"
"""The language that the sentences are written in."""
LANGUAGES: Mapping[str, str] = {SOURCE: "English", "tr": "Türkçe"}

_asked: Callable[[], str] = lambda: SOURCE  # noqa: E731 - a default that serve_language replaces


def serve_language(asked: Callable[[], str]) -> None:
    """Take the language from a function that knows the visitor; it returns a key of ``LANGUAGES``."""
    global _asked
    _asked = asked


def language() -> str:
    """Return the language of the visitor who is being answered, a key of ``LANGUAGES``."""
    return _asked()


def _(message: str) -> str:
    """Return a sentence in the visitor's language; in English where it has no translation."""
    return _catalogue(_asked()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of a sentence that fits a count."""
    return _catalogue(_asked()).ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Mark a text for the catalogues and return it unchanged; ``_`` translates it where it is shown."""
    return message


def count(n: int) -> str:
    """Return a whole number with its thousands apart."""
    return _signs(f"{n:,}")


def decimal(value: float, digits: int = 1) -> str:
    """Return a number with a fixed count of decimals."""
    return _signs(f"{value:,.{digits}f}")


def significant(value: float, digits: int = 4) -> str:
    """Return a number with a count of significant digits at most."""
    return _signs(f"{value:,.{digits}g}")


def percent(share: float, digits: int = 1) -> str:
    """Return a share of 0..1 in percent with a fixed count of decimals: "52.8 %", "%52,8"."""
    number = decimal(100 * share, digits)
    if _asked() == SOURCE:
        return f"{number} %"
    return f"-%{number[1:]}" if number.startswith("-") else f"%{number}"


def together(texts: Iterable[str]) -> str:
    """Return texts as a list within a sentence: "CNN and MobileNetV2"."""
    return str(format_list(list(texts), locale=_asked()))


def moment(when: datetime) -> str:
    """Return day and time in UTC as people write them: "25 November 2026, 01:46 UTC"."""
    return f"{format_datetime(when, 'd MMMM y, HH:mm', locale=_asked())} UTC"


def day(time: str) -> str:
    """Return the day of an ISO 8601 time as people write it: "25 November 2026"."""
    return str(format_datetime(datetime.fromisoformat(time), "d MMMM y", locale=_asked()))


def retold(sentence: str) -> str:
    """Return a sentence that stands in English, its values filled in, in the visitor's language.

    Reports are kept in English and processes speak it. Of the marked sentences that fit, the one with the most letters
    of its own counts; values may hold words and numbers and are told in turn. What fits none stays as it is.
    """
    if _asked() == SOURCE:
        return sentence
    if number := _NUMBER.fullmatch(sentence):
        whole, decimals, sign = number.groups()
        digits, value = len(decimals or " ") - 1, float(whole.replace(",", "") + (decimals or ""))
        return percent(value / 100, digits) if sign else decimal(value, digits)
    for own, pattern, forms, n in _patterns(_asked()):
        if all(words in sentence for words in own) and (found := pattern.fullmatch(sentence)):
            values = {name: _value(value) for name, value in found.groupdict().items()}
            return (ngettext(*forms, n) if len(forms) == 2 else _(forms[0])).format(**values)
    return sentence


def separators() -> str:
    """Return the decimal and the thousands sign, as plotly's ``layout.separators`` takes them."""
    return ".," if _asked() == SOURCE else ",."


def _signs(number: str) -> str:
    """Return a number that Python wrote with the signs of the visitor's language.

    Python rounds it, in every language the same; Babel rounds ties of the decimal digits, and takes 20 times as long.
    """
    return number if _asked() == SOURCE else number.translate({ord(","): separators()[1], ord("."): separators()[0]})


_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})*)(\.\d+)?( %)?")
_COUNT = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w.,])")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS = 2
"""Of its own that a sentence needs to be recognised: "{name}: {value}" fits nearly anything, "train" names a folder."""


@functools.cache
def _patterns(code: str) -> tuple[tuple[tuple[str, ...], re.Pattern[str], tuple[str, ...], int], ...]:
    """Return own words, pattern, forms and number of each marked sentence, those with the most own letters first."""
    found = []
    for message in _messages(code):
        forms = message.id if isinstance(message.id, tuple) else (message.id,)
        for n, form in enumerate(forms, start=1):
            parts = list(string.Formatter().parse(form))
            own = tuple(words for words, *_rest in parts if words)
            if len(_WORDS.findall(" ".join(own))) >= _FEWEST_WORDS:
                found.append((own, re.compile(_expression(parts), re.DOTALL), forms, n))
    return tuple(sorted(found, key=lambda entry: -len("".join(entry[0]))))


def _value(text: str) -> str:
    """Return a value of a sentence as `retold` does; of one that stays as it is, the counts: "1.200 .txt"."""
    told = retold(text)
    return _COUNT.sub(lambda found: _signs(found[0]), text) if told == text else told


def _expression(parts: Iterable[tuple[str, str | None, str | None, str | None]]) -> str:
    text, known = "", set[str]()
    for words, name, _format, _conversion in parts:
        text += re.escape(words)
        if name is not None:
            text += f"(?P={name})" if name in known else f"(?P<{name}>.+)"
            known.add(name)
    return text


@functools.cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == SOURCE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _messages(code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _messages(code: str) -> Catalog:
    with (LOCALES / code / "LC_MESSAGES" / "dermnet.po").open("rb") as source:
        return read_po(source, locale=code)
