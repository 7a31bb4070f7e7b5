"""A table of the Evaluate page as a value, and how it looks as CSV and as HTML; no Streamlit."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from dermnet_core.data.cells import harmless
from dermnet_core.evaluation.intervals import Interval
from dermnet_core.i18n import N_, _, count, decimal
from dermnet_ui.charts_frame import file_name
from dermnet_ui.markup import scrolling


@dataclass(frozen=True)
class Estimate:
    """A fraction with its 95 % interval: one cell in HTML, three columns in CSV."""

    value: float
    interval: Interval
    decimals: int | None = 1
    """Of the percentage; None shows the number itself with three decimals, for what is no share, such as Brier."""

    def __str__(self) -> str:
        numbers = (self.value, self.interval.low, self.interval.high)
        if self.decimals is None:
            value, low, high = (decimal(number, 3) for number in numbers)
        else:
            value, low, high = (decimal(100 * number, self.decimals) for number in numbers)
        if self.interval.low < 0:  # a difference; "-3–-1" cannot be read
            return _("{value} ({low} to {high})").format(value=value, low=low, high=high).replace("-", "−")
        return f"{value} ({low}–{high})"


Cell = str | int | float | Estimate | None
"""A float is a fraction and shown in per cent with one decimal; None is what is not known or has no sense."""


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns and the rows, whose first cell names them."""

    title: str
    """English, since it becomes the name of the CSV file; translated where it is shown."""
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = N_("Per cent, with 95 % intervals")
    """Translated where it is shown."""
    notes: tuple[str, ...] = ()
    """One a row, in small letters below it on the page; empty for none."""

    @property
    def file(self) -> str:
        """Return the name of the CSV file."""
        return f"{file_name(self.title)}.csv"

    def csv(self) -> str:
        """Return the table with all digits, an estimate as three columns: value, low, high."""
        wide = [any(isinstance(row[i], Estimate) for row in self.rows) for i in range(len(self.head))]
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([name for i, title in enumerate(self.head) for name in _names(title, wide[i])])
        for row in self.rows:
            writer.writerow([value for i, cell in enumerate(row) for value in _values(cell, wide[i])])
        return stream.getvalue()

    def texts(self) -> list[tuple[str, ...]]:
        """Return the rows as they are shown."""
        return [tuple(_text(cell) for cell in row) for row in self.rows]

    def html(self) -> str:
        """Return the table as HTML of the class ``dn-table``."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.head)
        notes = self.notes or ("",) * len(self.rows)
        rows = "".join(_row(row, note) for row, note in zip(self.rows, notes, strict=True))
        caption = _(self.caption)
        table = (
            f'<table class="dn-table"><caption>{escape(caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )
        return scrolling(table, caption)


def _names(title: str, wide: bool) -> tuple[str, ...]:
    title = str(harmless(title))
    return (title, f"{title} low", f"{title} high") if wide else (title,)


def _values(cell: Cell, wide: bool) -> Iterator[str | int | float]:
    if isinstance(cell, Estimate):
        yield from (round(number, 6) for number in (cell.value, cell.interval.low, cell.interval.high))
        return
    yield round(cell, 6) if isinstance(cell, float) else harmless(cell)
    yield from [""] * (2 * wide)


def _row(row: Sequence[Cell], note: str) -> str:
    cells = "".join(map(_cell, row[1:]))
    found = f'<th scope="row">{escape(_text(row[0]))}</th>{cells}'
    if not note:
        return f"<tr>{found}</tr>"
    # Across all columns, since a phone has no room for it in the first.
    return f'<tr class="dn-noted">{found}</tr><tr><td class="dn-note" colspan="{len(row)}">{escape(note)}</td></tr>'


def _cell(cell: Cell) -> str:
    words = ' class="dn-words"' if isinstance(cell, str) else ""  # words may wrap on a phone, figures may not
    return f"<td{words}>{escape(_text(cell))}</td>"


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return decimal(100 * cell)
    return count(cell) if isinstance(cell, int) else str(cell)
