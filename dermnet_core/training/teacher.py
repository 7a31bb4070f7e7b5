"""Let an installed model answer for the photos that another one is trained on (distillation)."""

import os
import tempfile
from pathlib import Path

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
    """A model that answers for augmented photos of the student's size; LiteRT runs it several times faster than Keras.

    Args:
        settings: who teaches, and what the answers weigh.
        size: side of the student's photos, pixels.

    Raises:
        ArtifactError: there is no such model, or its files are damaged.
    """

    def __init__(self, settings: DistillationConfig, size: int) -> None:
        self._settings = settings
        self._model = _load(find_teacher(settings), size)

    def targets(self, photos: NDArray[np.float32], labels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blend labels with the teacher's answers.

        Args:
            photos: (n, s, s, 3), raw RGB 0-255.
            labels: (n, classes), one-hot.

        Returns:
            (n, classes), each row with the sum of its label.
        """
        (logits,) = self._model.run(photos).values()
        share = np.float32(self._settings.share)
        answers = softmax(logits, self._settings.temperature).astype(np.float32)
        return np.asarray(share * answers + (np.float32(1.0) - share) * labels)


def find_teacher(settings: DistillationConfig) -> Artifact:
    """Return the installed model of a teacher's name.

    Raises:
        ArtifactError: there is none.
    """
    return ModelRegistry(model_dirs()).get(settings.teacher)


def _load(artifact: Artifact, size: int) -> LiteRTModel:
    artifact.verify()
    model = build_model(from_dict(artifact.card.recipe).model, size, pretrained=False)
    fill_model(model, artifact.path(WEIGHTS))
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        path = Path(folder) / "teacher.tflite"
        convert_frozen(model, path)
        return LiteRTModel(path, threads=os.cpu_count() or 1)
