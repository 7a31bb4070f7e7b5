"""Find out before hours are spent that a training cannot work."""

import shutil
from collections import Counter
from pathlib import Path

from dermnet_core.config import TrainingConfig
from dermnet_core.data.listing import Listing, list_photos
from dermnet_core.data.survey import survey
from dermnet_core.errors import ConfigError, DatasetError, RunError
from dermnet_core.labels import display_name
from dermnet_core.training.presets import with_classes

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
    fitted = with_classes(config, len(counts))
    if config.model.classes != len(counts):
        raise ConfigError(
            f"Expected {config.model.classes} class folders in {data_dir}, found {len(counts)}. "
            f"Set classes of the model to {fitted.model.classes}."
        )
    photos = min(sum(counts.values()), config.max_photos or sum(counts.values()))
    train = int(photos * (1.0 - config.validation_fraction))
    for stage in config.stages:
        if stage.fit.batch_size > train:
            raise ConfigError(
                f"Expected a batch of at most the {train:,} training photos, found {stage.fit.batch_size} in stage "
                f'"{stage.name}". Lower batch_size or add photos.'
            )
    return (*_notes(counts), *listing.problems)


def check_photos(data_dir: Path) -> None:
    """Check that every photo can be read; quick where a scan has measured the folder.

    Raises:
        DatasetError: some cannot.
    """
    unreadable = survey(data_dir).unreadable
    if unreadable:
        first = "; ".join(f"{found.file}: {found.reason}" for found in unreadable[:3])
        raise DatasetError(
            f"Expected photos that can be read, found {len(unreadable)} that cannot: {first}"
            f"{' …' if len(unreadable) > 3 else ''}. Remove them from {data_dir} or replace them."
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
            f"Expected {needed / 2**30:.2f} GiB of room in {folder}, found {free / 2**30:.2f} GiB. Free some and "
            "resume, or set DERMNET_CACHE_DIR and DERMNET_RUNS_DIR to folders on a larger disk."
        )


def _check_classes(listing: Listing, counts: Counter[str]) -> None:
    splits = {photo.split for photo in listing.photos}
    if splits == {"train"}:
        raise DatasetError(
            f"Expected test photos in {listing.root / 'test'}/<class>/, found none. Add them, or name "
            f"{listing.root / 'train'} as the folder to train without figures on test photos."
        )
    if splits == {"test"}:
        raise DatasetError(f"Expected photos in {listing.root / 'train'}/<class>/, found test photos only. Add them.")
    empty = sorted({photo.label for photo in listing.photos} - set(counts)) + _empty_folders(listing, counts)
    if empty:
        raise DatasetError(
            f"Expected training photos in every class folder of {listing.root}, found none in: {', '.join(empty)}. "
            "Add photos or remove the folder."
        )
    if len(counts) < 2:
        raise DatasetError(
            f"Expected at least two class folders in {listing.root}, found {', '.join(counts)} only. Add another one."
        )


def _empty_folders(listing: Listing, counts: Counter[str]) -> list[str]:
    split = next(photo.split for photo in listing.photos if photo.split != "test")
    base = listing.root if split == "all" else listing.root / split
    folders = (entry for entry in base.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    return sorted(entry.name for entry in folders if entry.name not in counts and not any(entry.iterdir()))


def _check_pretrained(config: TrainingConfig) -> None:
    weights = config.mobilenet_v2.weights if config.mobilenet_v2 else None
    if weights not in (None, "imagenet") and not Path(str(weights)).expanduser().is_file():
        raise ConfigError(f"Expected ImageNet weights in {weights}, found no file. Give another path (--weights).")


def _notes(counts: Counter[str]) -> list[str]:
    thin = [f"{display_name(label)} ({count})" for label, count in sorted(counts.items()) if count < _FEW]
    return [f"Very few training photos of: {', '.join(thin)}."] if thin else []
