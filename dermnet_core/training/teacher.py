"""Let an installed model answer for the photos that another one is trained on (distillation)."""

import os
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import WEIGHTS, Artifact, ModelRegistry
from dermnet_core.config import DistillationConfig, from_dict
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.export import convert_frozen
from dermnet_core.litert import LiteRTModel
from dermnet_core.models.zoo import build_model, fill_model
from dermnet_core.paths import model_dirs


class Teacher:
    """A model that answers for augmented photos of the student's size.

    Args:
        settings: who teaches, and what the answers weigh.
        size: side of the student's photos, pixels.

    Raises:
        ArtifactError: there is no such model, or its files are damaged.
    """

    def __init__(self, settings: DistillationConfig, size: int) -> None:
        self._settings = settings
        self.model = _load(find_teacher(settings), size)
        """The network: photos (n, s, s, 3), raw RGB 0-255, in, logits (n, classes) out."""

    @cached_property
    def _served(self) -> LiteRTModel:
        """The network in LiteRT, which runs it several times faster than Keras."""
        with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
            path = Path(folder) / "teacher.tflite"
            convert_frozen(self.model, path)
            return LiteRTModel(path, threads=os.cpu_count() or 1)

    def targets(self, photos: NDArray[np.float32], labels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what to learn of photos (n, s, s, 3) with labels (n, classes); float32 (n, classes)."""
        (logits,) = self._served.run(photos).values()
        return self.blend(logits, labels)

    def blend(self, logits: NDArray[np.floating[Any]], labels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blend labels (n, classes) with the teacher's answers (..., n, classes); each row keeps the sum 1."""
        share = np.float32(self._settings.share)
        answers = softmax(logits.astype(np.float32), self._settings.temperature).astype(np.float32)
        return np.asarray(share * answers + (np.float32(1.0) - share) * labels)


def find_teacher(settings: DistillationConfig) -> Artifact:
    """Return the installed model of a teacher's name.

    Raises:
        ArtifactError: there is none.
    """
    return ModelRegistry(model_dirs()).get(settings.teacher)


def _load(artifact: Artifact, size: int) -> keras.Model:
    artifact.verify()
    model = build_model(from_dict(artifact.card.recipe).model, size, pretrained=False)
    fill_model(model, artifact.path(WEIGHTS))
    return model
