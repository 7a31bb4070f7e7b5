"""The shipped models beside the photos that they were trained on, for the benchmarks that examine them."""

import sys
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import LITERT, Artifact, ModelRegistry
from dermnet_core.config_json import from_dict
from dermnet_core.data.images import squash
from dermnet_core.data.scan import DatasetIndex, ImageRecord
from dermnet_core.litert import LiteRTModel
from dermnet_core.outputs import BATCH, Outputs
from dermnet_core.paths import SHIPPED_MODELS
from dermnet_core.training.run import cut


def shipped_models(index: DatasetIndex) -> tuple[Artifact, ...]:
    """Return the shipped models; exit when one was trained on other photos than these."""
    artifacts = tuple(ModelRegistry((SHIPPED_MODELS,)).artifacts())
    for artifact in artifacts:
        if artifact.card.data["fingerprint"] != index.fingerprint():
            sys.exit(f"Expected the photos that {artifact.card.title} was trained on, found others in {index.root}.")
    return artifacts


def kept_by_all(index: DatasetIndex, artifacts: Sequence[Artifact]) -> list[ImageRecord]:
    """Return the validation photos that no recipe of the models' cards trained on; exit when there are none."""
    kept = [cut(from_dict(artifact.card.recipe), index.split("train"))[1] for artifact in artifacts]
    records = [record for record in kept[0] if all(record in others for others in kept[1:])]
    if not records:
        sys.exit("Expected photos that all the models kept for validation, found none. Compare models of one cut.")
    return records


def answer(artifact: Artifact, pictures: Iterable[NDArray[np.uint8]]) -> Outputs:
    """Run a model over RGB pictures of any size."""
    model = LiteRTModel(artifact.folder / LITERT)
    photos = np.stack([squash(picture, model.input_shape[0]) for picture in pictures])
    found = [model.run(photos[start : start + BATCH]) for start in range(0, len(photos), BATCH)]
    return Outputs(
        np.concatenate([outputs["logits"] for outputs in found]),
        np.concatenate([outputs["features"].mean(axis=(1, 2)) for outputs in found]),
    )
