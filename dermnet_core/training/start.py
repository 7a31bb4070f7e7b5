"""What the first stage of a run starts from: random or ImageNet weights, or those of installed models."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import WEIGHTS, Artifact, ModelRegistry, write_text
from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import from_dict
from dermnet_core.data.scan import DatasetIndex
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


def chosen_model(config: TrainingConfig, index: DatasetIndex) -> Artifact | None:
    """Return the installed model that a last fit goes back to and that all of its validation photos chose.

    It is the nearest among what the recipe starts from, what those started from, and so on, that itself started from
    no other model and held out the same photos of the same folder, all of them; None where no such model is installed.
    """
    installed = {artifact.name: artifact for artifact in ModelRegistry(model_dirs()).artifacts()}
    names, seen = list(config.start_from), set[str]()
    while names:
        if (name := names.pop(0)) in installed and name not in seen:
            card, past = installed[name].card, from_dict(installed[name].card.recipe)
            same = card.classes == index.classes and card.data.get("fingerprint") == index.fingerprint()
            if not past.start_from and not past.validation_returned and same:
                return installed[name] if past.validation_cut == config.validation_cut else None
            names += past.start_from
        seen.add(name)
    return None


def pin_start(config: TrainingConfig, run_dir: Path) -> None:
    """Note in a run folder which weights the run started from; a run that goes on must find the same.

    What a stage has stored and learned belongs to the frozen layers of those models.

    Raises:
        ArtifactError: a model is missing.
        RunError: one has other weights now.
    """
    pinned, now = run_dir / _PINNED, "\n".join(found.card.sha256[WEIGHTS] for found in found_starts(config))
    if not now:
        return
    if not pinned.is_file():
        write_text(pinned, now)
    elif pinned.read_text(encoding="utf-8") != now:
        message = N_(
            "Expected the weights that this run started from, found other ones for {models} now. Register the models "
            "of then again or start another run."
        )
        raise RunError(message.format(models=", ".join(config.start_from)))


def adjust_logits(model: keras.Model, counts: Mapping[str, int], strength: float) -> None:
    """Take so many times the logarithm of a class's share of the training photos from its logit; ``counts`` come in
    the order of the classes.
    """
    photos = np.array(list(counts.values()))
    bias = model.get_layer("logits").bias
    bias.assign(np.asarray(bias) - strength * np.log(np.maximum(photos, 1) / photos.sum()).astype(np.float32))
