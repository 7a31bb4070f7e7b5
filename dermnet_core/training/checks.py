"""Find out before hours are spent that a training cannot work."""

import math
import shutil
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dermnet_core.artifacts import ModelCard, ModelRegistry
from dermnet_core.config import StageConfig, TrainingConfig
from dermnet_core.config_json import from_dict
from dermnet_core.data.listing import Listing, list_photos
from dermnet_core.data.survey import survey
from dermnet_core.errors import ConfigError, DatasetError, RunError
from dermnet_core.i18n import N_, _, count
from dermnet_core.labels import display_name
from dermnet_core.paths import model_dirs
from dermnet_core.training.presets import stage_title, with_classes

HINT_STRIDE = 32
"""Pixels of a photo to a cell of MobileNetV2's last feature map."""
_FREE = ("image_size", "dropout", "l2", "weights", "batch_norm_momentum")
"""Settings of a network that weights do not depend on."""
_FEW = 10
"""Photos of a class in training below which a reader is told."""


def check_run(config: TrainingConfig, data_dir: Path) -> tuple[str, ...]:
    """Check a recipe against the names in a photo folder, in less than a second; return notes for the reader.

    Raises:
        DatasetError: one class, a class without training photos, or train without test.
        ConfigError: the recipe does not fit the folder or itself.
    """
    listing = list_photos(data_dir)
    counts = Counter(photo.label for photo in listing.photos if photo.split != "test")
    _check_classes(listing, counts)
    _check_pretrained(config)
    for stage in config.stages:
        if stage.hints.weight:
            check_hints(stage.hints.image_size, _cells(config, stage))
    fitted = with_classes(config, len(counts))
    if config.model.classes != len(counts):
        message = _("Expected {classes} class folders in {folder}, found {n}. Set classes of the model to {fitting}.")
        raise ConfigError(
            message.format(classes=config.model.classes, folder=data_dir, n=len(counts), fitting=fitted.model.classes)
        )
    photos = min(sum(counts.values()), config.max_photos or sum(counts.values()))
    known = _check_known(config, tuple(sorted(counts)))
    train = int(photos * (1.0 - config.validation_fraction * (1.0 - config.validation_returned)))
    for stage in config.stages:
        if stage.fit.batch_size > train:
            message = _(
                "Expected a batch of at most the {n} training photos, found {found} in stage "
                '"{stage}". Lower batch_size or add photos.'
            )
            title = stage_title(stage.name)
            raise ConfigError(message.format(n=count(train), found=stage.fit.batch_size, stage=title))
    return (*_notes(counts), *known, *listing.problems)


def check_photos(data_dir: Path) -> None:
    """Check that every photo can be read; quick where a scan has measured the folder.

    Raises:
        DatasetError: some cannot.
    """
    unreadable = survey(data_dir).unreadable
    if unreadable:
        first = "; ".join(f"{found.file}: {found.reason}" for found in unreadable[:3])
        raise DatasetError(
            N_(
                "Expected photos that can be read, found {n} that cannot: {names}. Remove them from {folder} or "
                "replace them."
            ).format(n=len(unreadable), names=first + (" …" if len(unreadable) > 3 else ""), folder=data_dir)
        )


def check_room(folder: Path, needed: int) -> None:
    """Check that a folder, or the nearest one above it that exists, has room for so many bytes.

    Raises:
        RunError: it has not.
    """
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise RunError(
            N_(
                "Expected {need} GiB of room in {folder}, found {found} GiB. Free some and resume, or set "
                "DERMNET_CACHE_DIR and DERMNET_RUNS_DIR to folders on a larger disk."
            ).format(need=f"{needed / 2**30:.2f}", folder=folder, found=f"{free / 2**30:.2f}")
        )


def _check_classes(listing: Listing, counts: Counter[str]) -> None:
    splits = {photo.split for photo in listing.photos}
    if splits == {"train"}:
        message = _(
            "Expected test photos in {test}/<class>/, found none. Add them, or name {train} as the folder to train "
            "without figures on test photos."
        )
        raise DatasetError(message.format(test=listing.root / "test", train=listing.root / "train"))
    if splits == {"test"}:
        message = _("Expected photos in {train}/<class>/, found test photos only. Add them.")
        raise DatasetError(message.format(train=listing.root / "train"))
    empty = sorted({photo.label for photo in listing.photos} - set(counts)) + _empty_folders(listing, counts)
    if empty:
        message = _(
            "Expected training photos in every class folder of {folder}, found none in: {names}. "
            "Add photos or remove the folder."
        )
        raise DatasetError(message.format(folder=listing.root, names=", ".join(empty)))
    if len(counts) < 2:
        message = _("Expected at least two class folders in {folder}, found {name} only. Add another one.")
        raise DatasetError(message.format(folder=listing.root, name=", ".join(counts)))


def _empty_folders(listing: Listing, counts: Counter[str]) -> list[str]:
    split = next(photo.split for photo in listing.photos if photo.split != "test")
    base = listing.root if split == "all" else listing.root / split
    folders = (entry for entry in base.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    return sorted(entry.name for entry in folders if entry.name not in counts and not any(entry.iterdir()))


def _check_pretrained(config: TrainingConfig) -> None:
    needed = [stage.hints.weights for stage in config.stages if stage.hints.weight]
    if config.mobilenet_v2 and config.mobilenet_v2.weights and not config.start_from:
        needed.append(config.mobilenet_v2.weights)
    for weights in needed:
        if weights != "imagenet" and not Path(weights).expanduser().is_file():
            message = _("Expected ImageNet weights in {file}, found no file. Give another path (--weights).")
            raise ConfigError(message.format(file=weights))


def check_hints(seen: int, side: int) -> None:
    """Check that the maps of a MobileNetV2 that sees so many pixels go onto a grid of so many cells.

    Raises:
        ConfigError: they do not.
    """
    step = HINT_STRIDE * side
    if seen % step:
        message = _(
            "Expected hints from photos of a multiple of {step} px for a last feature map {side} cells wide, found "
            "{seen} px. Change the photo size of the hints or of the stage."
        )
        raise ConfigError(message.format(step=step, side=side, seen=seen))


def _cells(config: TrainingConfig, stage: StageConfig) -> int:
    """Return how many cells the last feature map of a stage's network is wide."""
    network = config.separable_cnn
    strides = (*(2 for _stem in network.stem_filters), *network.block_strides) if network else (HINT_STRIDE,)
    side = stage.transfer.image_size or config.model.image_size
    for stride in strides:
        side = math.ceil(side / stride)
    return side


def _check_known(config: TrainingConfig, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Check that teachers and the models to start from are installed and fit; return notes where they saw validation
    photos.
    """
    registry = ModelRegistry(model_dirs())
    teachers = [registry.get(name).card for name in (config.distillation.teachers if config.distillation else ())]
    start = [registry.get(name).card for name in config.start_from]
    for card in start:
        _check_network(config, card)
    return tuple(note for card in (*start, *teachers) for note in _check_model(config, card, classes))


def _check_network(config: TrainingConfig, card: ModelCard) -> None:
    before, after = (_network(each) for each in (from_dict(card.recipe), config))
    if before != after:
        message = _(
            "Expected a model of the same network to start from, found {model} with {before} instead of {after}. "
            "Choose another model or change the settings of the network."
        )
        raise ConfigError(message.format(model=card.name, before=_told(before, after), after=_told(after, before)))


def _network(config: TrainingConfig) -> dict[str, Any]:
    """Return the settings that weights depend on, by name."""
    settings = {"model_name": config.model_name} | asdict(config.model)
    return {name: value for name, value in settings.items() if name not in _FREE}


def _told(settings: dict[str, Any], others: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items() if others.get(name) != value)


def _check_model(config: TrainingConfig, card: ModelCard, classes: tuple[str, ...]) -> tuple[str, ...]:
    if card.classes != classes:
        message = _(
            "Expected a model of the {n} classes in the folder, found {model}, which knows {found} others. Choose "
            "another one or none."
        )
        unknown = len(set(card.classes) - set(classes)) or len(set(classes) - set(card.classes))
        raise ConfigError(message.format(n=len(classes), model=card.name, found=unknown))
    past = from_dict(card.recipe)
    # What is given back is a part of the same cut: whoever was given nothing knows none of what is left.
    if past.validation_cut == config.validation_cut and past.validation_returned in (0.0, config.validation_returned):
        return ()
    message = _(
        "The model {model} was trained on another part of the training photos: it may know validation photos, and "
        "figures on them flatter."
    )
    return (message.format(model=card.name),)


def _notes(counts: Counter[str]) -> list[str]:
    thin = [f"{display_name(label)} ({n})" for label, n in sorted(counts.items()) if n < _FEW]
    return [_("Very few training photos of: {names}.").format(names=", ".join(thin))] if thin else []
