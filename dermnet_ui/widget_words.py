"""Words that Streamlit writes into its widgets in English, shown in the visitor's language by means of a style."""

import json
from collections.abc import Mapping

from dermnet_core.i18n import N_, SOURCE, _, language

_UPLOADER, _CAMERA = '[data-testid="stFileUploaderDropzone"]', '[data-testid="stCameraInputWebcamComponent"]'
LIMITS = f'{_UPLOADER} [data-testid="stFileUploaderDropzoneInstructions"] span'
"""Where an uploader says how large a file may be and of which kinds."""
_WORDS = {
    f"{_UPLOADER} button p": N_("Upload"),
    f"{_CAMERA} p": N_("This app would like to use your camera."),
    f"{_CAMERA} p a": N_("Learn how to allow access."),
    f"{_CAMERA} button": N_("Take Photo"),
}


def style() -> str:
    """Return the style for every page; empty in English."""
    return shown({place: _(words) for place, words in _WORDS.items()})


def shown(words: Mapping[str, str]) -> str:
    """Return a style that shows words in place of an element's own; empty in English.

    Args:
        words: by the CSS selector of their element.
    """
    if language() == SOURCE:
        return ""
    return f"<style>{''.join(_rule(place, text) for place, text in words.items())}</style>"


def _rule(place: str, text: str) -> str:
    # Not with visibility: a button whose own words are hidden has no name for some screen readers.
    content = json.dumps(text, ensure_ascii=False).replace("<", "\\3c ")  # no text ends the style
    return f"{place} {{ font-size: 0; }} {place}::before {{ content: {content}; font-size: 0.875rem; }} "
