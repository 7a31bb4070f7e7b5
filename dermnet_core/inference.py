"""Serve a model on LiteRT: one forward pass gives scores and the Grad-CAM of any class. Never imports TensorFlow."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import HEAD, LITERT, NOVELTY, Artifact
from dermnet_core.data.images import Photo, read_photo, read_photo_file, squash
from dermnet_core.data.scan import ImageRecord, Progress
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.novelty import NoveltyModel
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.explain.gradcam import Heatmap, LinearHead, grad_cam
from dermnet_core.litert import LiteRTModel

FloatArray = NDArray[np.float32]
_BATCH = 16


@dataclass(frozen=True)
class ClassScore:
    """A class folder, its column in the model's output and its calibrated score in 0..1."""

    label: str
    index: int
    score: float


@dataclass(frozen=True, eq=False)
class Prediction:
    """What one model says about one photo."""

    model: str
    classes: tuple[str, ...]
    scores: FloatArray
    """(classes,) calibrated, sums to 1."""
    novelty: float
    reasons: tuple[str, ...]
    """Why the scores should not be leaned on, in whole sentences; empty when they may be."""
    milliseconds: float
    image_size: int
    features: FloatArray
    """(h, w, k), the last feature map."""
    hidden: FloatArray | None
    """(d,), activations of the hidden layer."""
    head: LinearHead
    top_heatmap: Heatmap
    """Grad-CAM of the first class."""

    @property
    def abstained(self) -> bool:
        """Whether the scores should not be leaned on."""
        return bool(self.reasons)

    def ranked(self, top: int) -> list[ClassScore]:
        """Return the ``top`` classes, best first."""
        order = np.argsort(-self.scores, kind="stable")[:top]
        return [ClassScore(self.classes[i], int(i), float(self.scores[i])) for i in order]

    def heatmap(self, class_index: int) -> Heatmap:
        """Return the Grad-CAM of any class."""
        return grad_cam(self.features, self.head, class_index, self.hidden)


@dataclass(frozen=True, eq=False)
class Outputs:
    """Raw outputs for n photos: ``logits`` (n, classes) and ``pooled`` features (n, k), float32."""

    logits: FloatArray
    pooled: FloatArray


class InferenceEngine:
    """One loaded model. Not safe for use from several threads at once."""

    def __init__(self, artifact: Artifact, threads: int = 2) -> None:
        self.card = artifact.card
        self._model = LiteRTModel(artifact.path(LITERT), threads)
        self._head = LinearHead.load(artifact.path(HEAD))
        self._novelty = NoveltyModel.load(artifact.path(NOVELTY))
        size, outputs = self.card.image_size, self._head.output.shape[1]
        if self._model.input_shape != (size, size, 3) or outputs != len(self.card.classes):
            raise ArtifactError(
                f"Expected a model of {size} px and {len(self.card.classes)} classes as the card of {artifact.folder} says, "
                f"found input {self._model.input_shape} and {outputs} classes. Export the model again."
            )

    def predict(self, photo: Photo) -> Prediction:
        """Return scores and heatmap for a photo; ``milliseconds`` starts at the decoded pixels."""
        started = time.perf_counter()
        outputs = self._model.run(squash(photo.rgb, self.card.image_size)[np.newaxis])
        scores = softmax(outputs["logits"][0], self.card.temperature)
        features = outputs["features"][0]
        hidden = outputs["hidden"][0] if "hidden" in outputs else None
        novelty = float(self._novelty.score(features.mean(axis=(0, 1))[np.newaxis])[0])
        heatmap = grad_cam(features, self._head, int(scores.argmax()), hidden)
        return Prediction(
            model=self.card.name,
            classes=self.card.classes,
            scores=scores,
            novelty=novelty,
            reasons=self._reasons(float(scores.max()), novelty),
            milliseconds=(time.perf_counter() - started) * 1000.0,
            image_size=self.card.image_size,
            features=features,
            hidden=hidden,
            head=self._head,
            top_heatmap=heatmap,
        )

    def predict_bytes(self, data: bytes) -> Prediction:
        """Decode and predict; ``milliseconds`` runs from the photo's bytes to scores and heatmap.

        Raises:
            ImageError: the bytes are no usable photo.
        """
        started = time.perf_counter()
        prediction = self.predict(read_photo(data))
        return replace(prediction, milliseconds=(time.perf_counter() - started) * 1000.0)

    def outputs(self, batch: NDArray[np.uint8]) -> Outputs:
        """Return logits and pooled features of squashed photos, uint8 (n, s, s, 3)."""
        result = self._model.run(batch)
        return Outputs(result["logits"], result["features"].mean(axis=(1, 2)))

    def scores(self, batch: NDArray[np.uint8]) -> FloatArray:
        """Return calibrated scores, float32 (n, classes), of squashed photos, uint8 (n, s, s, 3)."""
        return softmax(self._model.run(batch)["logits"], self.card.temperature)

    def _reasons(self, top_score: float, novelty: float) -> tuple[str, ...]:
        reasons = []
        if novelty > self.card.novelty_limit:
            reasons.append("Unlike the training photos: do not lean on these scores.")
        if top_score < self.card.abstain_below:
            reasons.append(f"The highest score is only {100 * top_score:.0f}: too low to lean on.")
        return tuple(reasons)


def collect_outputs(
    engine: InferenceEngine, root: Path, records: Sequence[ImageRecord], progress: Progress | None = None
) -> Outputs:
    """Run a model over the photos of a folder in batches.

    Raises:
        ImageError: a photo cannot be read.
    """
    found: list[Outputs] = []
    for done, batch in _squashed_batches(root, records, engine.card.image_size):
        found.append(engine.outputs(batch))
        if progress:
            progress(done, len(records))
    return Outputs(np.concatenate([part.logits for part in found]), np.concatenate([part.pooled for part in found]))


def collect_predictions(
    engine: InferenceEngine, root: Path, records: Sequence[ImageRecord], progress: Progress | None = None
) -> Predictions:
    """Return a model's calibrated scores for labelled photos.

    Raises:
        ArtifactError: a photo's class is not one of the model's.
        ImageError: a photo cannot be read.
    """
    labels = label_indices(records, engine.card.classes)
    scores = softmax(collect_outputs(engine, root, records, progress).logits, engine.card.temperature)
    return Predictions(tuple(record.file for record in records), labels, scores, engine.card.classes)


def label_indices(records: Sequence[ImageRecord], classes: Sequence[str]) -> NDArray[np.int64]:
    """Return the position of each photo's class in the model's order, int64 (n,).

    Raises:
        ArtifactError: a photo's class is not one of the model's.
    """
    position = {label: i for i, label in enumerate(classes)}
    unknown = sorted({record.label for record in records} - set(position))
    if unknown:
        raise ArtifactError(
            f"Expected only the {len(position)} classes of the model, found folders {', '.join(unknown)}. "
            "Rename or remove them, or choose a model that was trained on them."
        )
    return np.array([position[record.label] for record in records], dtype=np.int64)


def _squashed_batches(
    root: Path, records: Sequence[ImageRecord], size: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(records), _BATCH):
            part = records[start : start + _BATCH]
            batch = np.stack(list(pool.map(lambda record: squash(read_photo_file(root / record.file).rgb, size), part)))
            yield start + len(part), batch
