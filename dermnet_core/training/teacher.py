"""Let installed models answer for the photos that another one is trained on (distillation)."""

import os
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import WEIGHTS, Artifact, ModelRegistry
from dermnet_core.config import DistillationConfig
from dermnet_core.config_json import from_dict
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.export import convert_frozen
from dermnet_core.litert import LiteRTModel
from dermnet_core.models.zoo import load_model
from dermnet_core.paths import model_dirs


class Teachers:
    """Models that answer for augmented photos.

    Args:
        settings: who teaches, and what the answers weigh.
        size: side of the student's photos, pixels.

    Raises:
        ArtifactError: there is no such model, or its files are damaged.
    """

    def __init__(self, settings: DistillationConfig, size: int) -> None:
        self._settings = settings
        self.image_size = settings.image_size or size
        """Side of the photos that they see, pixels."""
        self.models = tuple(_load(found, self.image_size) for found in find_teachers(settings))
        """The networks: photos (n, s, s, 3), raw RGB 0-255, in, logits (n, classes) out."""

    @cached_property
    def _served(self) -> tuple[LiteRTModel, ...]:
        """The networks in LiteRT, which runs them several times faster than Keras."""
        return tuple(_convert(model) for model in self.models)

    def targets(self, photos: NDArray[np.float32], labels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what to learn of photos (n, s, s, 3) with labels (n, classes); float32 (n, classes)."""
        answers = [next(iter(model.run(photos).values())) for model in self._served]
        return self.blend(answers, labels)

    def blend(self, logits: Sequence[NDArray[np.floating[Any]]], labels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blend labels (n, classes) with each teacher's logits (..., n, classes); each row keeps the sum 1."""
        share, temperature = np.float32(self._settings.share), self._settings.temperature
        answers = np.mean([softmax(each.astype(np.float32), temperature) for each in logits], axis=0, dtype=np.float32)
        return np.asarray(share * answers + (np.float32(1.0) - share) * labels)


def find_teachers(settings: DistillationConfig) -> tuple[Artifact, ...]:
    """Return the installed models of the teachers' names.

    Raises:
        ArtifactError: one is missing.
    """
    registry = ModelRegistry(model_dirs())
    return tuple(registry.get(name) for name in settings.teachers)


def _convert(model: keras.Model) -> LiteRTModel:
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        path = Path(folder) / "teacher.tflite"
        convert_frozen(model, path)
        return LiteRTModel(path, threads=os.cpu_count() or 1)


def _load(artifact: Artifact, size: int) -> keras.Model:
    artifact.verify()
    return load_model(from_dict(artifact.card.recipe).model, artifact.path(WEIGHTS), size)
