"""What the first stage of a run starts from: random or ImageNet weights, or those of an installed model."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

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
        ArtifactError: the model to start from is missing, damaged or of another shape.
        ConfigError: ImageNet weights cannot be had.
    """
    artifact = found_start(config)
    if artifact is None:
        return build_model(config.model, image_size)
    artifact.verify()
    model = build_model(config.model, image_size, pretrained=False)
    fill_model(model, artifact.path(WEIGHTS))
    # Training goes on with what the network had learned; its logits were adjusted after that.
    adjust_logits(model, artifact.card.train_counts, -from_dict(artifact.card.recipe).logit_adjustment)
    return model


def found_start(config: TrainingConfig) -> Artifact | None:
    """Return the installed model that a recipe starts from, if it does.

    Raises:
        ArtifactError: it is missing.
    """
    return ModelRegistry(model_dirs()).get(config.start_from) if config.start_from else None


def pin_start(config: TrainingConfig, run_dir: Path) -> None:
    """Note in a run folder which weights the run started from; a run that goes on must find the same.

    What a stage has stored and learned belongs to the frozen layers of that model.

    Raises:
        ArtifactError: the model is missing.
        RunError: it has other weights now.
    """
    artifact, pinned = found_start(config), run_dir / _PINNED
    if artifact is None:
        return
    now = artifact.card.sha256[WEIGHTS]
    if not pinned.is_file():
        write_text(pinned, now)
    elif (before := pinned.read_text(encoding="utf-8")) != now:
        message = N_(
            "Expected the model {model} with the weights {before}… that this run started from, found {now}…. Register "
            "that model again or start another run."
        )
        raise RunError(message.format(model=artifact.name, before=before[:12], now=now[:12]))


def adjust_logits(model: keras.Model, counts: Mapping[str, int], strength: float) -> None:
    """Take so many times the logarithm of a class's share of the training photos from its logit; ``counts`` come in
    the order of the classes.
    """
    photos = np.array(list(counts.values()))
    bias = model.get_layer("logits").bias
    bias.assign(np.asarray(bias) - strength * np.log(np.maximum(photos, 1) / photos.sum()).astype(np.float32))
