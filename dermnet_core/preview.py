"""Show what augmentation does to a photo: the command that computes it and the call that runs that command."""

import argparse
import contextlib
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermnet_core import child
from dermnet_core.artifacts import ModelRegistry
from dermnet_core.config import ModelName, TrainingConfig
from dermnet_core.config_json import from_dict
from dermnet_core.data.images import Photo, squash
from dermnet_core.errors import ConfigError
from dermnet_core.i18n import N_
from dermnet_core.paths import model_dirs
from dermnet_core.training.presets import preset

MAX_COPIES = 64
_PER_ROW = 4


def augmented(
    photo: Photo, architecture: ModelName, copies: int = 8, timeout: float = 120.0, *, seed: int = 0
) -> list[NDArray[np.uint8]]:
    """Return copies of a photo as the last stage of training sees them, computed in a process that ends afterwards.

    All changes but MixUp, which blends two photos, are those of the installed model's recipe, or of the preset "best"
    when there is no such model.

    Args:
        photo: any photo.
        architecture: whose recipe and size in pixels to use.
        copies: how many, 1 to MAX_COPIES.
        timeout: seconds after which the process is stopped.
        seed: the same seed gives the same copies.

    Returns:
        uint8 (s, s, 3) each, s being the size that the model reads.

    Raises:
        ConfigError: another number of copies.
        RunError: the process failed, was killed, for example for lack of memory, or took too long.
    """
    _check_copies(copies)
    arguments = ["--model", architecture, "--copies", str(copies), "--seed", str(seed)]
    squashed = squash(photo.rgb, recipe(architecture)[1])
    return list(child.answer("augment", arguments, squashed, N_("a preview of augmentation"), timeout))


def augment(options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Augment a photo in this process and write the copies; the command ``augment``."""
    child.check_output(options.out)
    _check_copies(options.copies)
    photo = child.read_input(options.photo)
    config, size = recipe(options.model)
    with contextlib.redirect_stdout(sys.stderr):
        copies = _compute(config, squash(photo.rgb, size), options.copies, options.seed)
    child.write_output(options.out, copies, lambda: _sheet(copies))
    result = {"file": str(options.photo), "model": options.model, "copies": len(copies), "size": size}
    return result | {"out": str(options.out)}, 0


def show_augmented(result: dict[str, Any]) -> str:
    """Say where the copies were written."""
    return f"{result['copies']} copies of {result['file']} as {result['model']} sees them: {result['out']}."


def recipe(architecture: ModelName) -> tuple[TrainingConfig, int]:
    """Return the recipe that an architecture is trained by, and the side of its photos in pixels."""
    cards = [found.card for found in ModelRegistry(model_dirs()).artifacts() if found.card.architecture == architecture]
    if not cards:
        config = preset(architecture, "best")
        return config, config.model.image_size
    card = next((card for card in cards if card.name == architecture), cards[0])
    return from_dict(card.recipe), card.image_size


def _check_copies(copies: int) -> None:
    if not 1 <= copies <= MAX_COPIES:
        raise ConfigError(f"Expected 1 to {MAX_COPIES} copies, found {copies}. Choose a number between.")


def _compute(config: TrainingConfig, squashed: NDArray[np.uint8], copies: int, seed: int) -> NDArray[np.uint8]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from dermnet_core.data.augmentation import build_augmenter  # loads TensorFlow

    batch = np.repeat(squashed[None].astype(np.float32), copies, axis=0)
    augmenter = build_augmenter(config.stages[-1].augmentation, seed)
    changed = batch if augmenter is None else np.asarray(augmenter(batch, training=True))
    return np.asarray(np.rint(changed.clip(0, 255)), dtype=np.uint8)


def _sheet(copies: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay the copies beside one another on white."""
    count, side = copies.shape[:2]
    columns = min(count, _PER_ROW)
    rows = -(-count // columns)
    sheet = np.full((rows * columns, side, side, 3), 255, np.uint8)
    sheet[:count] = copies
    tiles = sheet.reshape(rows, columns, side, side, 3).transpose(0, 2, 1, 3, 4)
    return np.asarray(tiles.reshape(rows * side, columns * side, 3))
