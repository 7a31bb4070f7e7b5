"""A model card as Markdown, in the usual sections (Mitchell et al., 2019); no Streamlit.

Everything comes from the artifact and its evaluations.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dermnet_core.artifacts import ModelCard
from dermnet_core.config import AugmentationConfig
from dermnet_core.i18n import N_, _, count, day, decimal, percent, retold, significant
from dermnet_core.labels import display_name, with_names
from dermnet_ui.case import FEW_PHOTOS, short_name
from dermnet_ui.evaluation.outside_figures import Outside, fall_sentences, headline_table, malignant_table, summary
from dermnet_ui.evaluation.selection import VIEW_NAMES
from dermnet_ui.evaluation.tables import Table
from dermnet_ui.scored import FIGURES, Scored

VIEWS: Mapping[str, str] = {
    "official": N_("Official: all test photos"),
    "clean": N_("Clean: without copies of training photos"),
    "blocked": N_("Blocked: also without near duplicates and neighbours in a series"),
}
_TRAINED = {"all": N_("all layers"), "head": N_("the last layer only")}

_CHANGES = {
    "rotation": N_("rotation"),
    "zoom": N_("zoom"),
    "shift": N_("shift"),
    "contrast": N_("contrast"),
    "sharpness": N_("sharpness"),
    "mixup": N_("mixup"),
}

_NAMES = frozenset(
    (
        *(N_("constant"), N_("cosine"), N_("none"), N_("balanced"), N_("sqrt"), N_("train"), N_("frozen base")),
        *(N_("last 30 layers"), N_("at 128 px"), N_("at 160 px"), N_("from block 3 at 160 px")),
        *(N_("at 224 px"), N_("from block 6 at 224 px"), N_("mean of the weights")),
    )
)
"""Values and stages of the recipes that ship, which other languages call otherwise."""


def markdown(card: ModelCard, views: Mapping[str, Scored], outside: Sequence[Outside], disclaimer: str) -> str:
    """Return the whole card in the visitor's language; what the artifact says stands in English where no one knows it.

    Args:
        card: of the artifact.
        views: view name -> the model's figures in it.
        outside: the model's answers to photos of other sources.
        disclaimer: the line that stands on every page of the application.
    """
    parts = {
        _("Model details"): _details(card),
        _("Intended use"): retold(card.intended_use),
        _("Training data"): _data(card),
        _("Training recipe"): _recipe(card),
        _("Evaluation"): _evaluation(views),
        _("Evaluation on photos of other sources"): "\n\n".join(_outside(found) for found in outside)
        or _("None is installed."),
        _("Limits"): _list(with_names(retold(limit)) for limit in card.limits),
        _("Provenance"): _list((*map(retold, card.provenance), _("Made {day}.").format(day=day(card.created)))),
        _("Fingerprints (SHA-256)"): _list(f"{name}: `{digest}`" for name, digest in fingerprints(card)),
    }
    head = _("Model card: {model} ({name})").format(model=short_name(card), name=card.name)
    return f"# {head}\n\n{disclaimer}\n" + "".join(f"\n## {title}\n\n{text}\n" for title, text in parts.items())


def recipe_in_words(recipe: Mapping[str, Any]) -> Iterator[str]:
    """Return one sentence a stage of a training recipe."""
    for stage in recipe.get("stages", ()):
        fit, transfer = stage["fit"], stage["transfer"]
        if not fit["epochs"]:
            yield _("**{stage}**: the weights stay as they are.").format(stage=_named(stage["name"]))
            continue
        told = _(
            "**{stage}**: {layers}, {epochs} epochs of batches of {batch}, {optimizer} at {rate} ({schedule}), weight "
            "decay {decay}, label smoothing {smoothing}, class weights {weights}; augmentation: {augmentation}."
        )
        yield told.format(
            stage=_named(stage["name"]), layers=_layers(transfer["trainable_from"]), epochs=fit["epochs"],
            batch=fit["batch_size"], optimizer=fit["optimizer"], rate=significant(fit["learning_rate"], 6),
            schedule=_named(fit["schedule"]), decay=significant(fit["weight_decay"], 6),
            smoothing=significant(fit["label_smoothing"], 6), weights=_named(fit["class_weights"]),
            augmentation=_augmentation(AugmentationConfig(**stage["augmentation"])),
        )  # fmt: skip


def recipe_markdown(recipe: Mapping[str, Any]) -> str:
    """Return the stages of a recipe as a numbered list, and below it what else it says."""
    stages = "\n".join(f"{number}. {stage}" for number, stage in enumerate(recipe_in_words(recipe), 1))
    return "\n\n".join((stages, *_besides(recipe)))


def _besides(recipe: Mapping[str, Any]) -> Iterator[str]:
    if before := recipe.get("start_from"):
        names = (before,) if isinstance(before, str) else before  # the name alone in cards of before there were several
        one, several = _("It went on from the model {models}."), _("It went on from the mean weights of {models}.")
        yield (one if len(names) == 1 else several).format(models=", ".join(names))
    if recipe.get("validation_returned"):
        yield _(
            "A part of the validation photos, which had chosen the recipe, trained as well; the rest calibrated it."
        )
    if taught := recipe.get("distillation"):
        one = _("Learned by {share} from the answers of the model {teachers} and by the rest from the labels.")
        several = _(
            "Learned by {share} from the mean answers of the models {teachers} and by the rest from the labels."
        )
        told = one if len(taught["teachers"]) == 1 else several
        yield told.format(share=percent(taught["share"], 0), teachers=", ".join(taught["teachers"]))
    if any(stage.get("hints", {}).get("weight") for stage in recipe.get("stages", ())):
        yield _("It also learned to predict the feature maps of MobileNetV2 with ImageNet weights (hints).")
    if photos := recipe.get("statistics_photos"):
        told = _("The statistics of its batch normalization are those of {n} unchanged training photos.")
        yield told.format(n=count(photos))
    if strength := recipe.get("logit_adjustment"):
        told = _(
            "Its logits are adjusted by {strength} times the logarithm of each class's share of the training photos, "
            "so that rare classes are answered more often."
        )
        yield told.format(strength=significant(strength, 6))


def _named(value: str) -> str:
    return _(value) if value in _NAMES else value


def fingerprints(card: ModelCard) -> Iterator[tuple[str, str]]:
    """Return the name and digest of the photos and of each file."""
    yield _("photos"), str(card.data.get("fingerprint", "?"))
    yield from card.sha256.items()


def _details(card: ModelCard) -> str:
    size = _("{title}, {n} parameters")
    photos = _("Photos of {size} × {size} pixels, red, green and blue from 0 to 255")
    scores = _("Scores of {n} classes, divided by a temperature of {temperature} that was fitted on validation photos")
    abstains = _("Below a score of {score} its answer should not be leaned on")
    return _list(
        (
            size.format(title=_(card.title), n=count(card.parameters)),
            photos.format(size=card.image_size),
            scores.format(n=len(card.classes), temperature=significant(card.temperature, 6)),
            abstains.format(score=decimal(100 * card.abstain_below)),
        )
    )


def _data(card: ModelCard) -> str:
    sizes = ", ".join(_(words).format(n=count(card.data[name])) for name, words in _SIZES.items() if name in card.data)
    rows = tuple(
        (display_name(label), n, _("few") if n < FEW_PHOTOS else "")
        for label, n in sorted(card.train_counts.items(), key=lambda row: -row[1])
    )
    fewer = _("Fewer than {n}").format(n=FEW_PHOTOS)
    table = Table("Training photos", (_("Class"), _("Photos"), fewer), rows)
    return f"{sizes}.\n\n{table_markdown(table)}"


_SIZES = {
    "photos": N_("{n} photos in the folder"),
    "train": N_("{n} used for training"),
    "validation": N_("{n} for validation"),
}


def _recipe(card: ModelCard) -> str:
    again = _("Train it again with:")
    return f"{recipe_markdown(card.recipe)}\n\n{again}\n\n    {card.command}".lstrip()


def _evaluation(views: Mapping[str, Scored]) -> str:
    shown = {name: views[name] for name in VIEWS if name in views}
    if not shown:
        return _("None is installed beside the model.")
    columns = (f"{_(VIEW_NAMES[name])}, n = {count(found.view.figures.n)}" for name, found in shown.items())
    rows = tuple((_(title), *(found.text(key) for found in shown.values())) for key, title in FIGURES.items())
    table = Table("Figures", (_("Figure"), *columns), rows)
    meanings = _list(_(VIEWS[name]) for name in shown)
    return f"{_(table.caption)}.\n\n{table_markdown(table)}\n\n{meanings}"


def _outside(found: Outside) -> str:
    made = (headline_table(found), malignant_table(found))
    tables = "\n\n".join(f"{_(table.title)}. {_(table.caption)}.\n\n{table_markdown(table)}" for table in made if table)
    return "\n\n".join(text for text in (summary(found), *fall_sentences(found), tables) if text)


def table_markdown(table: Table) -> str:
    """Return a table in Markdown."""
    lines = [table.head, ("---",) * len(table.head), *table.texts()]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _layers(trainable_from: str) -> str:
    if trainable_from.startswith("last_"):
        return _("the last {n} layers").format(n=trainable_from.removeprefix("last_"))
    if trainable_from in _TRAINED:
        return _(_TRAINED[trainable_from])
    return _("layers from {name}").format(name=trainable_from)


def _augmentation(settings: AugmentationConfig) -> str:
    values = asdict(settings)
    parts = [f"{_(name)} {significant(values[key], 6)}" for key, name in _CHANGES.items() if values[key]]
    return ", ".join([_("flip"), *parts] if settings.flip else parts) or _("none")
