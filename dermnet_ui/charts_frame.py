"""What charts share: names kept from being markup, a title of their own, the button that saves them; no Streamlit.

The title is part of the figure, so that a saved picture says what it shows.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from dermnet_core.i18n import N_, separators

PICTURE_KINDS: Mapping[str, str] = {"png": N_("PNG, for slides"), "svg": N_("SVG, for print")}
PICTURE_SCALE = 2
"""Pixels of a saved PNG per pixel on the screen."""
INKS: Mapping[str, str] = {"light": "#121A20", "dark": "#E6EAEC"}
"""Text colours of the themes, as in .streamlit/config.toml."""
_AXIS = re.compile(r"[xy]axis\d*")
_TITLE, _NOTE, _BELOW = 30, 20, 8
"""Heights of the title, of the line below it and of the gap to the drawing, in pixels."""


def framed(figure: go.Figure, title: str, note: str = "", ink: str = "") -> go.Figure:
    """Return a figure with a title above it, its drawing as high as before, and numbers as the visitor writes them.

    Args:
        figure: left as it is.
        title: short enough for a phone, about 40 characters.
        note: one quiet line below the title, such as the view and its number of photos.
        ink: colour of all text, since style sheets do not reach saved pictures; empty for that of the template.
    """
    # Plain dictionaries: what the figure holds was checked when it was drawn, and checking it again takes ten times as
    # long as all the rest.
    values = figure.to_dict()
    layout: dict[str, Any] = values["layout"]
    above = _TITLE + (_NOTE if note else 0) + _BELOW
    margin = layout.get("margin", {})
    layout |= {
        "title": _title(title, note),
        "margin": margin | {"t": margin.get("t", 8) + above},
        "separators": separators(),
    }
    if layout.get("height"):
        layout["height"] += above
    if ink:
        _ink(layout, ink)
    return go.Figure(values, _validate=False)


def _title(title: str, note: str) -> dict[str, Any]:
    return {
        "text": title,
        "subtitle": {"text": note, "font": {"size": 13, "weight": 400}},
        "font": {"size": 16, "weight": 600},
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 6, "l": 8, "b": 0, "r": 0},
        "automargin": False,
    }


def _ink(layout: dict[str, Any], ink: str) -> None:
    """Give all text of a layout one colour."""
    layout["font"] = layout.get("font", {}) | {"color": ink}
    title = layout["title"]
    for font in (title["font"], title["subtitle"]["font"]):
        font["color"] = ink
    for name in {"xaxis", "yaxis", *(key for key in layout if _AXIS.fullmatch(key))}:
        axis = layout.setdefault(name, {})
        axis["tickfont"] = axis.get("tickfont", {}) | {"color": ink}
        words = axis.setdefault("title", {})
        words["font"] = words.get("font", {}) | {"color": ink}


def literal(text: str) -> str:
    """Return a text, such as the name of a folder, that plotly does not read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def picture_config(name: str, kind: str = "png") -> dict[str, Any]:
    """Return plotly's settings: one button above the chart, which saves it as a picture.

    Args:
        name: what the chart shows, becomes the file's name.
        kind: a key of ``PICTURE_KINDS``.
    """
    return {
        "displaylogo": False,
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": kind, "filename": file_name(name), "scale": PICTURE_SCALE},
    }


def file_name(text: str) -> str:
    """Return a name for a file without its ending: small letters without accents, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "chart"
