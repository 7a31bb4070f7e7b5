"""The answers as HTML, the same in the page and in the saved report; no Streamlit.

Text keeps the colour of its surroundings, so it reads in both themes; the models' colours mark bars and squares only.
"""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.artifacts import ModelCard
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.explain.overlay import colour_bar
from dermnet_core.i18n import _, count
from dermnet_core.inference import ClassScore
from dermnet_core.labels import display_name
from dermnet_ui.case import Answer, Case, agreement, caution, colour, score_text, short_name
from dermnet_ui.scored import FIGURES, Scored


def name_heading(card: ModelCard, beside: str = "") -> str:
    """Return the name of a model as a heading with its colour; ``beside`` is HTML that follows the name."""
    square = f'<span class="dn-square" style="--model:{colour(card)}" aria-hidden="true"></span>'
    return f'<h2 class="dn-model">{square}{escape(short_name(card))}{beside}</h2>'


def model_heading(answer: Answer) -> str:
    """Return the name of a model with its colour and the time it took."""
    time = f"{answer.prediction.milliseconds:.0f} ms"
    title = escape(_("From the pixels to scores and heatmap"))
    return name_heading(answer.card, f' <small title="{title}">{time}</small>')


def ranked_list(answer: Answer, top: int = 5) -> str:
    """Return the classes with the highest scores as an ordered list with bars from 0 to 100."""
    return ranking(answer.model, answer.colour, answer.prediction.ranked(top), score_text)


def ranking(model: str, colour: str, entries: Sequence[ClassScore], text: Callable[[float], str]) -> str:
    """Return classes as an ordered list with bars from 0 to 100.

    Args:
        model: its name.
        colour: of the bars.
        entries: the classes, best first.
        text: how to write a score of 0..1.
    """
    rows = "".join(
        f'<li><span class="dn-name" title="{escape(entry.label)}">{escape(display_name(entry.label))}</span>'
        f'<span class="dn-score">{escape(text(entry.score))}</span>'
        f'<span class="dn-track" aria-hidden="true"><span style="width:{100 * entry.score:.1f}%"></span></span></li>'
        for entry in entries
    )
    label = _("{model}: the {n} classes with the highest model scores, 0 to 100").format(model=model, n=len(entries))
    return f'<ol class="dn-ranking" style="--model:{colour}" aria-label="{escape(label)}">{rows}</ol>'


def notes_list(notes: tuple[str, ...]) -> str:
    """Return warnings as quiet lines with a sign and words; an empty text when there are none."""
    if not notes:
        return ""
    rows = "".join(f'<li><span aria-hidden="true">⚠</span> {escape(note)}</li>' for note in notes)
    title = escape(_("Notes"))
    return f'<ul class="dn-notes" aria-label="{title}">{rows}</ul>'


def agreement_line(case: Case) -> str:
    """Return the sentence whether the models agree, with a sign, and whether to lean on them."""
    line = f'<p class="dn-agreement"><span aria-hidden="true">{_sign(case)}</span> {escape(agreement(case))}</p>'
    weak = caution(case)
    return line + (f'<p class="dn-quiet"><span aria-hidden="true">⚠</span> {escape(weak)}</p>' if weak else "")


def verdicts(case: Case) -> str:
    """Return each model's first class with its score, for the card of a photo."""
    rows = "".join(
        f'<li style="--model:{answer.colour}"><span class="dn-square" aria-hidden="true"></span>'
        f'<span class="dn-hidden">{escape(answer.model)}: </span>'
        f'<span class="dn-name">{escape(display_name(answer.first))}</span>'
        f'<span class="dn-score">{score_text(answer.score(answer.first))}</span></li>'
        for answer in case.answers
    )
    word = _("they agree") if case.agree else _("they disagree")
    return f'<ul class="dn-verdicts">{rows}</ul><p class="dn-quiet">{_sign(case)} {word}</p>'


def colour_scale() -> str:
    """Return the colour bar of the heatmaps with words at its ends."""
    less, more = _("less"), _("more of the score comes from here")
    bar, alt = data_uri(colour_bar(), "PNG"), escape(_("Colour scale from dark (less) to bright (more)"))
    return f'<p class="dn-scale dn-quiet"><span>{less}</span><img src="{bar}" alt="{alt}"><span>{more}</span></p>'


def score_table(case: Case) -> str:
    """Return the scores of all classes and how many photos of each the models were trained on."""
    head = [_("Class of the atlas"), *(answer.model for answer in case.answers), _("Training photos")]
    rows = [
        [display_name(label), *(score_text(answer.score(label)) for answer in case.answers), _photos(case, label)]
        for label in case.labels()
    ]
    return _table(head, rows, _("The highest mean score first"))


def figures_table(views: Mapping[str, Scored]) -> str:
    """Return the headline figures of one model as a table, a column a view."""
    head = ["", *(f"{name}, n = {count(found.view.figures.n)}" for name, found in views.items())]
    rows = [[_(title), *(found.text(key) for found in views.values())] for key, title in FIGURES.items()]
    return _table(head, rows, _("Per cent, with 95 % intervals"))


def heatmap_caption(name: str, heatmap: Heatmap) -> str:
    """Return what a heatmap is of and where it is strongest."""
    caption = _("Heatmap for {name}, strongest: {place}")
    bold, place = f"<b>{escape(name)}</b>", escape(heatmap.strongest_place())
    return f'<p class="dn-quiet dn-where">{caption.format(name=bold, place=place)}</p>'


def data_uri(rgb: NDArray[np.uint8], kind: str = "JPEG") -> str:
    """Return (h, w, 3) pixels as a data URI."""
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encode(rgb, kind)).decode()}"


def encode(rgb: NDArray[np.uint8], kind: str = "JPEG") -> bytes:
    """Return (h, w, 3) pixels as the bytes of a JPEG or PNG file."""
    stream = io.BytesIO()
    Image.fromarray(rgb).save(stream, kind, **({"quality": 88} if kind == "JPEG" else {}))
    return stream.getvalue()


def scrolling(table: str, name: str) -> str:
    """Return a table in a box that scrolls sideways where there is no room, also by the arrow keys."""
    return f'<div class="dn-scroll" tabindex="0" role="group" aria-label="{escape(name)}">{table}</div>'


def sideways() -> str:
    """Return the hint over a chart that scrolls sideways on a phone; the arrow keys scroll it from here."""
    hint = escape(_("Scroll sideways to see all of it."))
    return f'<p class="dn-quiet dn-sideways" tabindex="0">{hint}</p>'


def _sign(case: Case) -> str:
    return "=" if case.agree else "≠"


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands, such as the name of a visitor's file."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$:" else sign for sign in text)


def _photos(case: Case, label: str) -> str:
    """Return the training photos of a class; the models' counts are given apart where they differ."""
    counts = [answer.card.train_counts.get(label, 0) for answer in case.answers]
    return " / ".join(map(count, counts if len(set(counts)) > 1 else counts[:1]))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return a table whose first column names its rows."""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    table = (
        f'<table class="dn-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    )
    return scrolling(table, caption)
