"""Texts in the visitor's language: gettext catalogues, and numbers and dates as that language writes them.

Sentences are marked where they stand: ``_("A sentence.")``; values come in afterwards: ``_("{n} photos").format(n=n)``.
``N_`` marks what is translated later, such as the texts of a constant. The application says whose language counts;
the command line speaks English.
"""

import functools
import gettext
import io
from collections.abc import Callable, Mapping
from datetime import datetime

from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

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
    return str(format_decimal(n, locale=_asked()))


def decimal(value: float, digits: int = 1) -> str:
    """Return a number with a fixed count of decimals."""
    return str(format_decimal(value, "#,##0" + ("." + "0" * digits if digits else ""), locale=_asked()))


def percent(share: float, digits: int = 1) -> str:
    """Return a share of 0..1 in percent with a fixed count of decimals: "52.8 %", "%52,8"."""
    if _asked() == SOURCE:
        return f"{100 * share:,.{digits}f} %"
    pattern = "%#,##0" + ("." + "0" * digits if digits else "")
    return str(format_percent(share, pattern, locale=_asked()))


def moment(when: datetime) -> str:
    """Return day and time in UTC as people write them: "25 November 2026, 01:46 UTC"."""
    return f"{format_datetime(when, 'd MMMM y, HH:mm', locale=_asked())} UTC"


def separators() -> str:
    """Return the decimal and the thousands sign, as plotly's ``layout.separators`` takes them."""
    return ".," if _asked() == SOURCE else ",."


@functools.cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == SOURCE:
        return gettext.NullTranslations()
    with (LOCALES / code / "LC_MESSAGES" / "dermnet.po").open("rb") as source:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
