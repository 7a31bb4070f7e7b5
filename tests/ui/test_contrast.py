"""WCAG 2.1 AA: text 4.5 : 1, marks 3 : 1, on every background of both themes."""

import re
import tomllib

import pytest

from dermnet_core.paths import ASSETS, ROOT
from dermnet_ui.case import MODEL_COLOURS
from dermnet_ui.picture import _INK, _QUIET

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
Colour = tuple[float, ...]


def rgb(text: str) -> Colour:
    return tuple(int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))


def mixed(above: Colour, below: Colour, opacity: float) -> Colour:
    return tuple(opacity * a + (1 - opacity) * b for a, b in zip(above, below, strict=True))


def luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def backgrounds(name: str, *places: str) -> list[Colour]:
    """Return the background colours of a theme; ``places`` are its parts besides the main one."""
    parts = [THEME[name], *(THEME[name][place] for place in places)]
    return [rgb(part[key]) for part in parts for key in ("backgroundColor", "secondaryBackgroundColor")]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_models_colours_stand_out(name: str):
    for colour in MODEL_COLOURS.values():
        assert min(contrast(rgb(colour), background) for background in backgrounds(name)) >= 3


@pytest.mark.parametrize("name", ["light", "dark"])
def test_faded_text_stays_readable(name: str):
    opacities = [float(value) for value in re.findall(r"opacity: ([.\d]+);", (ASSETS / "style.css").read_text())]
    assert opacities
    text = rgb(THEME[name]["textColor"])
    for background in backgrounds(name, "sidebar"):
        assert contrast(mixed(text, background, min(opacities)), background) >= 4.5


@pytest.mark.parametrize("ink", [_INK, _QUIET])
def test_the_saved_picture_is_readable(ink: str):
    assert contrast(rgb(ink), (1.0, 1.0, 1.0)) >= 4.5
