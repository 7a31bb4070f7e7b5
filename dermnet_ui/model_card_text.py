"""A model card as Markdown, in the usual sections (Mitchell et al., 2019); no Streamlit.

Everything comes from the artifact and its evaluations.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dermnet_core.artifacts import ModelCard
from dermnet_core.config import AugmentationConfig
from dermnet_core.labels import display_name
from dermnet_ui.case import FEW_PHOTOS, short_name
from dermnet_ui.evaluation.outside_figures import Outside, fall_sentences, headline_table, malignant_table, summary
from dermnet_ui.evaluation.tables import Table
from dermnet_ui.scored import FIGURES, Scored

VIEWS: Mapping[str, str] = {
    "official": "Official: all test photos",
    "clean": "Clean: without copies of training photos",
    "blocked": "Blocked: also without near duplicates and neighbours in a series",
}
_TRAINED = {"all": "all layers", "head": "the last layer only"}


def markdown(card: ModelCard, views: Mapping[str, Scored], outside: Sequence[Outside], disclaimer: str) -> str:
    """Return the whole card.

    Args:
        card: of the artifact.
        views: view name -> the model's figures in it.
        outside: the model's answers to photos of other sources.
        disclaimer: the line that stands on every page of the application.
    """
    parts = {
        "Model details": _details(card),
        "Intended use": card.intended_use,
        "Training data": _data(card),
        "Training recipe": _recipe(card),
        "Evaluation": _evaluation(views),
        "Evaluation on photos of other sources": "\n\n".join(_outside(found) for found in outside)
        or "None is installed.",
        "Limits": _list(card.limits),
        "Provenance": _list((*card.provenance, f"Made {card.created}.")),
        "Fingerprints (SHA-256)": _list(f"{name}: `{digest}`" for name, digest in fingerprints(card)),
    }
    head = f"# Model card: {short_name(card)} ({card.name})\n\n{disclaimer}\n"
    return head + "".join(f"\n## {title}\n\n{text}\n" for title, text in parts.items())


def recipe_in_words(recipe: Mapping[str, Any]) -> Iterator[str]:
    """Return one sentence a stage of a training recipe."""
    for stage in recipe.get("stages", ()):
        fit, transfer = stage["fit"], stage["transfer"]
        rate = f"{fit['learning_rate']:g} ({fit['schedule']})"
        layers = _layers(transfer["trainable_from"])
        yield (
            f"**{stage['name']}**: {layers}, {fit['epochs']} epochs of batches of {fit['batch_size']}, "
            f"{fit['optimizer']} at {rate}, weight decay {fit['weight_decay']:g}, "
            f"label smoothing {fit['label_smoothing']:g}, class weights {fit['class_weights']}; "
            f"augmentation: {_augmentation(AugmentationConfig(**stage['augmentation']))}."
        )


def fingerprints(card: ModelCard) -> Iterator[tuple[str, str]]:
    """Return the name and digest of the photos and of each file."""
    yield "photos", str(card.data.get("fingerprint", "?"))
    yield from card.sha256.items()


def _details(card: ModelCard) -> str:
    return _list(
        (
            f"{card.title}, {card.parameters:,} parameters",
            f"Photos of {card.image_size} × {card.image_size} pixels, red, green and blue from 0 to 255",
            f"Scores of {len(card.classes)} classes, divided by a temperature of {card.temperature:g} that was fitted "
            "on validation photos",
            f"Below a score of {100 * card.abstain_below:.1f} its answer should not be leaned on",
        )
    )


def _data(card: ModelCard) -> str:
    sizes = ", ".join(f"{card.data[name]:,} {words}" for name, words in _SIZES.items() if name in card.data)
    rows = tuple(
        (display_name(label), count, "few" if count < FEW_PHOTOS else "")
        for label, count in sorted(card.train_counts.items(), key=lambda row: -row[1])
    )
    table = Table("Training photos", ("Class", "Photos", f"Fewer than {FEW_PHOTOS}"), rows, "")
    return f"{sizes}.\n\n{table_markdown(table)}"


_SIZES = {"photos": "photos in the folder", "train": "used for training", "validation": "for validation"}


def _recipe(card: ModelCard) -> str:
    stages = "\n".join(f"{number}. {stage}" for number, stage in enumerate(recipe_in_words(card.recipe), 1))
    return f"{stages}\n\nTrain it again with:\n\n    {card.command}".lstrip()


def _evaluation(views: Mapping[str, Scored]) -> str:
    shown = {name: views[name] for name in VIEWS if name in views}
    if not shown:
        return "None is installed beside the model."
    head = ("Figure", *(f"{name.capitalize()}, n = {found.view.figures.n:,}" for name, found in shown.items()))
    rows = tuple((title, *(found.text(key) for found in shown.values())) for key, title in FIGURES.items())
    meanings = _list(VIEWS[name] for name in shown)
    return f"Per cent, with 95 % intervals.\n\n{table_markdown(Table('Figures', head, rows, ''))}\n\n{meanings}"


def _outside(found: Outside) -> str:
    made = (headline_table(found), malignant_table(found))
    tables = "\n\n".join(f"{table.title}. {table.caption}.\n\n{table_markdown(table)}" for table in made if table)
    return "\n\n".join(text for text in (summary(found), *fall_sentences(found), tables) if text)


def table_markdown(table: Table) -> str:
    """Return a table in Markdown."""
    lines = [table.head, tuple("---" for _ in table.head), *table.texts()]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _layers(trainable_from: str) -> str:
    if trainable_from.startswith("last_"):
        return f"the last {trainable_from.removeprefix('last_')} layers"
    return _TRAINED.get(trainable_from, f"layers from {trainable_from}")


def _augmentation(settings: AugmentationConfig) -> str:
    parts = [f"{name} {value:g}" for name, value in asdict(settings).items() if value and name != "flip"]
    return ", ".join(["flip", *parts] if settings.flip else parts) or "none"
