"""One photo with the answers of the models as HTML; no Streamlit."""

import base64
from collections.abc import Sequence
from html import escape

from dermnet_core.i18n import _, decimal
from dermnet_core.labels import display_name
from dermnet_ui.evaluation.answers import Answered, Said


def score_text(score: float) -> str:
    """Return a score of 0 to 1 as 0 to 100 with one decimal."""
    return decimal(100 * score)


def heading(name: str, colour: str) -> str:
    """Return the name of a model with its colour, as a heading."""
    square = f'<span class="dn-square" style="--model:{colour}" aria-hidden="true"></span>'
    return f'<h3 class="dn-model">{square}{escape(name)}</h3>'


def words(photo: Answered) -> str:
    """Return file name, class, and of each model the first class with its score and that of the photo's class."""
    rows = "".join(_said(said) for said in photo.said)
    filed = escape(_("Class:"))
    return (
        f'<p class="dn-quiet dn-line dn-file" title="{escape(photo.file)}">{escape(photo.name)}</p>'
        f'<p class="dn-filed dn-line" title="{escape(photo.label)}"><span class="dn-quiet">{filed}</span> '
        f"{escape(display_name(photo.label))}</p>"
        f'<ul class="dn-said">{rows}</ul>'
    )


def pictures(shown: Sequence[tuple[bytes, str]], titles: Sequence[str]) -> str:
    """Return small pictures side by side, each with its title below.

    Args:
        shown: JPEG and what it shows, in words.
        titles: one a picture.
    """
    figures = "".join(
        f'<figure><img src="data:image/jpeg;base64,{base64.b64encode(data).decode()}" alt="{escape(alt)}">'
        f"<figcaption>{escape(title)}</figcaption></figure>"
        for (data, alt), title in zip(shown, titles, strict=True)
    )
    return f'<div class="dn-small">{figures}</div>'


def _said(said: Said) -> str:
    sign, word = ("✓", _("right")) if said.right else ("✗", _("wrong"))
    own = word if said.right else _("wrong · its class: {score}").format(score=score_text(said.own))
    return (
        f'<li style="--model:{said.side.colour}"><span class="dn-square" aria-hidden="true"></span>'
        f'<span class="dn-name" title="{escape(said.first)}"><span class="dn-hidden">{escape(said.side.name)}: </span>'
        f"{escape(display_name(said.first))}</span>"
        f'<span class="dn-score">{score_text(said.score)}</span>'
        f'<small><span aria-hidden="true" title="{escape(word)}">{sign}</span> '
        f"{escape(said.side.name)} {escape(own)}</small></li>"
    )
