"""What the first stage of a run starts from: random or ImageNet weights, or those of installed models."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import WEIGHTS, Artifact, ModelRegistry, write_text
from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import from_dict
from dermnet_core.errors import RunError
from dermnet_core.i18n import N_
from dermnet_core.models.zoo import build_model, fill_model
from dermnet_core.paths import model_dirs

_PINNED = "start.sha256"


def starting_model(config: TrainingConfig, image_size: int | None = None) -> keras.Model:
    """Build the network of a recipe with the weights that it starts from; ``image_size`` as for `build_model`.

    Raises:
        ArtifactError: a model to start from is missing, damaged or of another shape.
        ConfigError: ImageNet weights cannot be had.
    """
    found = found_starts(config)
    if not found:
        return build_model(config.model, image_size)
    model = build_model(config.model, image_size, pretrained=False)
    learned = [_learned(model, artifact) for artifact in found]
    model.set_weights([np.mean(values, axis=0) for values in zip(*learned, strict=True)])
    return model


def _learned(model: keras.Model, artifact: Artifact) -> list[NDArray[np.float32]]:
    """Return the weights of an installed model as training left them, before its logits were adjusted."""
    artifact.verify()
    fill_model(model, artifact.path(WEIGHTS))
    adjust_logits(model, artifact.card.train_counts, -from_dict(artifact.card.recipe).logit_adjustment)
    weights: list[NDArray[np.float32]] = model.get_weights()
    return weights


def found_starts(config: TrainingConfig) -> tuple[Artifact, ...]:
    """Return the installed models that a recipe starts from.

    Raises:
        ArtifactError: one is missing.
    """
    registry = ModelRegistry(model_dirs())
    return tuple(registry.get(name) for name in config.start_from)


def chosen_model(config: TrainingConfig) -> Artifact | None:
    """Return the installed model which a last fit goes back to and which knows none of the validation photos.

    It is what the recipe starts from, or what that one started from, and so on; None where no such model is installed.
    """
    installed = {artifact.name: artifact for artifact in ModelRegistry(model_dirs()).artifacts()}
    names = config.start_from
    while names and names[0] in installed:
        past = from_dict(installed[names[0]].card.recipe)
        if past.validation_cut == config.validation_cut and not past.validation_returned:
            return installed[names[0]]
        names = past.start_from
    return None


def pin_start(config: TrainingConfig, run_dir: Path) -> None:
    """Note in a run folder which weights the run started from; a run that goes on must find the same.

    What a stage has stored and learned belongs to the frozen layers of those models.

    Raises:
        ArtifactError: a model is missing.
        RunError: one has other weights now.
    """
    found, pinned = found_starts(config), run_dir / _PINNED
    if not found:
        return
    now = "\n".join(artifact.card.sha256[WEIGHTS] for artifact in found)
    if not pinned.is_file():
        write_text(pinned, now)
    before = pinned.read_text(encoding="utf-8").split()
    for artifact, digest in zip(found, before, strict=True):
        if digest != (present := artifact.card.sha256[WEIGHTS]):
            message = N_(
                "Expected the model {model} with the weights {before}… that this run started from, found {now}…. "
                "Register that model again or start another run."
            )
            raise RunError(message.format(model=artifact.name, before=digest[:12], now=present[:12]))


def adjust_logits(model: keras.Model, counts: Mapping[str, int], strength: float) -> None:
    """Take so many times the logarithm of a class's share of the training photos from its logit; ``counts`` come in
    the order of the classes.
    """
    photos = np.array(list(counts.values()))
    bias = model.get_layer("logits").bias
    bias.assign(np.asarray(bias) - strength * np.log(np.maximum(photos, 1) / photos.sum()).astype(np.float32))
