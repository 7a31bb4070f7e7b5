"""What all charts of the Evaluate page share: a title of their own and the button that saves them; no Streamlit.

The title is part of the figure, so that a saved picture says what it shows.
"""

import re
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

PICTURE_KINDS: Mapping[str, str] = {"png": "PNG, for slides", "svg": "SVG, for print"}
PICTURE_SCALE = 2
"""Pixels of a saved PNG per pixel on the screen."""
INKS: Mapping[str, str] = {"light": "#121A20", "dark": "#E6EAEC"}
"""Text colours of the themes, as in .streamlit/config.toml."""
_TITLE, _NOTE, _BELOW = 30, 20, 8
"""Heights of the title, of the line below it and of the gap to the drawing, in pixels."""


def framed(figure: go.Figure, title: str, note: str = "") -> go.Figure:
    """Return a figure with a title above it, and its drawing as high as before.

    Args:
        figure: left as it is.
        title: short enough for a phone, about 40 characters.
        note: one quiet line below the title, such as the view and its number of photos.
    """
    found = go.Figure(figure)
    above = _TITLE + (_NOTE if note else 0) + _BELOW
    top = found.layout.margin.t
    top = 8 if top is None else top
    found.update_layout(
        title={
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
        },
        margin={"t": top + above},
    )
    if found.layout.height:
        found.update_layout(height=found.layout.height + above)
    return found


def inked(figure: go.Figure, ink: str) -> go.Figure:
    """Give all text of a figure one colour, in place, and return it; style sheets do not reach saved pictures."""
    axis = {"tickfont": {"color": ink}, "title": {"font": {"color": ink}}}
    figure.update_layout(font={"color": ink}, title={"font": {"color": ink}, "subtitle": {"font": {"color": ink}}})
    return figure.update_xaxes(axis).update_yaxes(axis)


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
    """Return a name for a file without its ending: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "chart"
