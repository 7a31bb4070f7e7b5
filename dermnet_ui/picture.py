"""The answers for one photo as a picture to save; drawn with Pillow, so that it needs no browser."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dermnet_core.explain.overlay import colour_bar, overlay
from dermnet_core.i18n import _
from dermnet_core.labels import display_name
from dermnet_core.paths import ASSETS
from dermnet_ui.case import Answer, Case, agreement, caution, score_text
from dermnet_ui.markup import encode

_COLUMN, _MARGIN, _ROW = 560, 40, 44
_INK, _QUIET, _TRACK = "#1f2330", "#555b6a", "#e4e6eb"
_TOP = 5
FONT = ASSETS / "fonts" / "OpenSans-Regular.ttf"
"""The font inside Pillow has no letters beyond ASCII."""


class _Sheet:
    """A white sheet that is written from top to bottom; it is cut to what was used."""

    def __init__(self, columns: int) -> None:
        self.width = columns * _COLUMN + (columns + 1) * _MARGIN
        self.image = Image.new("RGB", (self.width, 2400), "white")
        self._draw = ImageDraw.Draw(self.image)
        self.bottom = _MARGIN

    def text(self, x: int, y: int, text: str, width: int, size: int = 20, ink: str = _INK, anchor: str = "la") -> int:
        """Write wrapped text and return the y below it."""
        font = ImageFont.truetype(FONT, size)
        for line in _wrapped(text, font, width):
            self._draw.text((x, y), line, fill=ink, font=font, anchor=anchor)
            y += round(size * 1.35)
        self.bottom = max(self.bottom, y)
        return y

    def bar(self, x: int, y: int, width: int, fill: str, height: int = 8) -> None:
        """Draw a bar with rounded ends, or a square with rounded corners."""
        self._draw.rounded_rectangle((x, y, x + max(width, height), y + height), 4, fill)
        self.bottom = max(self.bottom, y + height)

    def paste(self, x: int, y: int, rgb: NDArray[np.uint8], width: int, height: int) -> int:
        """Paste pixels at a size and return the y below them."""
        self.image.paste(Image.fromarray(rgb).resize((width, height), Image.Resampling.LANCZOS), (x, y))
        self.bottom = max(self.bottom, y + height)
        return y + height

    def pixels(self) -> NDArray[np.uint8]:
        """Return what was used of the sheet, (h, w, 3)."""
        return np.asarray(self.image.crop((0, 0, self.width, min(self.image.height, self.bottom + _MARGIN))))


def picture(case: Case, label: str, opacity: float, footer: str) -> bytes:
    """Return a PNG with both heatmaps and ranked classes.

    Args:
        case: the photo and its answers.
        label: class folder of the heatmaps; an empty text takes each model's first.
        opacity: of the heatmaps, 0..1.
        footer: the closing line.
    """
    sheet = _Sheet(len(case.answers))
    inner = sheet.width - 2 * _MARGIN
    y = sheet.text(_MARGIN, sheet.bottom, agreement(case), inner, 30)
    y = sheet.text(_MARGIN, y, caution(case), inner)
    y = sheet.text(_MARGIN, y, case.subtitle, inner, 18, _QUIET)
    for note in case.notes():
        y = sheet.text(_MARGIN, y + 4, _("Note: {note}").format(note=note), inner)
    top = y + 20
    for number, answer in enumerate(case.answers):
        _column(sheet, _MARGIN + number * (_COLUMN + _MARGIN), top, case, answer, label or answer.first, opacity)
    sheet.text(_MARGIN, sheet.bottom + 20, footer, inner, 18, _QUIET)
    return encode(sheet.pixels(), "PNG")


def _column(sheet: _Sheet, x: int, y: int, case: Case, answer: Answer, label: str, opacity: float) -> None:
    sheet.bar(x, y + 7, 16, answer.colour, 16)
    y = sheet.text(x + 28, y, answer.model, _COLUMN, 24) + 8
    width, height = case.size
    scale = min(_COLUMN / width, _COLUMN / height)
    heatmap = answer.heatmap(label)
    y = sheet.paste(x, y, overlay(case.rgb, heatmap, opacity), round(width * scale), round(height * scale)) + 8
    caption = _("Heatmap for {name}, strongest: {place}")
    caption = caption.format(name=display_name(label), place=heatmap.strongest_place())
    y = sheet.text(x, y, caption, _COLUMN, 18, _QUIET)
    y = sheet.paste(x, y + 4, colour_bar(), _COLUMN // 3, 10)
    y = sheet.text(x, y + 2, _("less to more of the score comes from here"), _COLUMN, 16, _QUIET) + 12
    for entry in answer.prediction.ranked(_TOP):
        sheet.text(x, y, display_name(entry.label), _COLUMN - 70)
        sheet.text(x + _COLUMN, y, score_text(entry.score), 70, anchor="ra")
        sheet.bar(x, y + 27, _COLUMN, _TRACK)
        sheet.bar(x, y + 27, round(_COLUMN * entry.score), answer.colour)
        y += _ROW
    for note in answer.notes():
        y = sheet.text(x, y + 4, _("Note: {note}").format(note=note), _COLUMN, 18)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
