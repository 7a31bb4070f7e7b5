"""The answers for photos as data and as a self-contained report; no Streamlit."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

from dermnet_core.explain.overlay import difference_overlay, overlay
from dermnet_core.i18n import _, language, moment, retold
from dermnet_core.labels import display_name, with_names
from dermnet_core.paths import ASSETS
from dermnet_ui.case import Answer, Case, Refused
from dermnet_ui.markup import (
    agreement_line,
    colour_scale,
    data_uri,
    model_heading,
    notes_list,
    ranked_list,
    score_table,
)


def as_json(cases: Iterable[Case], refused: Iterable[Refused] = ()) -> str:
    """Return one object a photo and model, as the command line's ``predict --json`` writes them, with all classes."""
    objects = [_answer_object(case, answer) for case in cases for answer in case.answers]
    objects += [{"file": entry.name, "error": entry.message} for entry in refused]
    return json.dumps(objects, indent=2, ensure_ascii=False) + "\n"


def report(case: Case, label: str, opacity: float, disclaimer: str) -> str:
    """Return one HTML page that needs no other file and no network.

    Args:
        case: the photo and its answers.
        label: class folder of the heatmaps; an empty text takes each model's first.
        opacity: of the heatmaps, 0..1.
        disclaimer: the line that stands on every page of the application.
    """
    style = (ASSETS / "style.css").read_text(encoding="utf-8")
    columns = "".join(_column(case, answer, label or answer.first, opacity) for answer in case.answers)
    scores, about = _("Model scores of all classes, 0 to 100"), _("About the models")
    written = _("Written {when}. SHA-256 of the photo: {key}").format(when=moment(datetime.now(UTC)), key=case.key)
    return f"""<!doctype html>
<html lang="{language()}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DermNet Workbench: {escape(case.title)}</title>
<style>{style}{_REPORT_STYLE}</style></head>
<body><main>
<h1>DermNet Workbench</h1>
<p class="dn-quiet" role="note">{escape(disclaimer)}</p>
{agreement_line(case)}
<p class="dn-quiet">{escape(case.subtitle)}</p>
{notes_list(case.notes())}
<div class="columns">{columns}</div>
{_difference(case, label or case.common_label(), opacity)}
<h2>{scores}</h2>
{score_table(case)}
<h2>{about}</h2>
{"".join(_about(answer) for answer in case.answers)}
<p class="dn-quiet">{written}</p>
</main></body></html>
"""


_REPORT_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 1100px; margin: 0 auto; padding: 1.5rem 1rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 2rem; }
main > p { margin: .5rem 0; } .dn-scale { margin: .25rem 0 .75rem; } h2 { margin-top: 2rem; }
figure { margin: .5rem 0; } figure img { max-width: 100%; max-height: 28rem; }
figcaption { font-size: .875rem; }
"""


def _answer_object(case: Case, answer: Answer) -> dict[str, Any]:
    prediction = answer.prediction
    return {
        "file": case.name,
        "model": answer.card.name,
        "predictions": [
            {"class": entry.label, "score": round(float(entry.score), 6)}
            for entry in prediction.ranked(len(prediction.classes))
        ],
        "abstained": bool(prediction.abstained),
        "reasons": list(prediction.reasons),
        "milliseconds": round(float(prediction.milliseconds), 1),
        "heatmap": None,
    }


def _figure(source: str, alt: str, caption: str) -> str:
    return f'<figure><img src="{source}" alt="{escape(alt)}"><figcaption>{escape(caption)}</figcaption></figure>'


def _column(case: Case, answer: Answer, label: str, opacity: float) -> str:
    heatmap = answer.heatmap(label)
    caption = _("Heatmap for {name}, strongest: {place}")
    caption = caption.format(name=display_name(label), place=heatmap.strongest_place())
    figure = _figure(data_uri(overlay(case.rgb, heatmap, opacity)), f"{answer.model}: {caption}", caption)
    parts = (model_heading(answer), figure, colour_scale(), ranked_list(answer), notes_list(answer.notes()))
    return f"<section>{''.join(parts)}</section>"


def _difference(case: Case, label: str, opacity: float) -> str:
    if len(case.answers) != 2:
        return ""
    maps = [answer.heatmap(label) for answer in case.answers]
    caption = _("Heatmaps for {name}: blue where {first} looks more, orange where {second} looks more.").format(
        name=display_name(label), first=case.answers[0].model, second=case.answers[1].model
    )
    plain = _figure(data_uri(case.rgb), _("The photo without heatmap"), _("The photo"))
    figure = _figure(data_uri(difference_overlay(case.rgb, maps[0], maps[1], opacity)), caption, caption)
    title = _("Photo and difference")
    return f'<h2>{title}</h2><div class="columns">{plain}{figure}</div>'


def _about(answer: Answer) -> str:
    card = answer.card
    limits = "".join(f"<li>{escape(with_names(retold(limit)))}</li>" for limit in card.limits)
    return f"<h3>{escape(retold(card.title))}</h3><p>{escape(retold(card.intended_use))}</p><ul>{limits}</ul>"
