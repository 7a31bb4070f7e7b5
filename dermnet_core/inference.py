"""Serve a model on LiteRT: one forward pass gives scores and the Grad-CAM of any class. Never imports TensorFlow."""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import HEAD, LITERT, NOVELTY, Artifact
from dermnet_core.data.images import Photo, read_photo, squash
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.novelty import NoveltyModel
from dermnet_core.explain.gradcam import Heatmap, LinearHead, all_grad_cams
from dermnet_core.i18n import N_
from dermnet_core.litert import LiteRTModel

FloatArray = NDArray[np.float32]


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
    """Why the scores should not be leaned on, in whole sentences, which `retold` translates; empty when they may be."""
    milliseconds: float
    image_size: int
    heatmaps: FloatArray
    """(classes, h, w) in 0..1, the Grad-CAM of every class; a fiftieth of the features that they are made from."""

    @property
    def top_heatmap(self) -> Heatmap:
        """Grad-CAM of the first class."""
        return self.heatmap(int(self.scores.argmax()))

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
        return Heatmap(self.heatmaps[class_index])


class InferenceEngine:
    """One loaded model. Not safe for use from several threads at once.

    Raises:
        ArtifactError: a file of the artifact is missing, damaged, or does not fit the card.
    """

    def __init__(self, artifact: Artifact, threads: int = 2) -> None:
        artifact.verify()
        self.card = artifact.card
        self.model = LiteRTModel(artifact.path(LITERT), threads)
        self._head = LinearHead.load(artifact.path(HEAD))
        self._novelty = NoveltyModel.load(artifact.path(NOVELTY))
        size, outputs = self.card.image_size, self._head.output.shape[1]
        if self.model.input_shape != (size, size, 3) or outputs != len(self.card.classes):
            raise ArtifactError(
                f"Expected {size} px and {len(self.card.classes)} classes as the card in {artifact.folder} says, found "
                f"input {self.model.input_shape} and {outputs} classes. Export the model again."
            )

    def predict(self, photo: Photo) -> Prediction:
        """Return scores and heatmaps for a photo; ``milliseconds`` starts at the decoded pixels."""
        started = time.perf_counter()
        outputs = self.model.run(squash(photo.rgb, self.card.image_size)[np.newaxis])
        scores = softmax(outputs["logits"][0], self.card.temperature)
        features = outputs["features"][0]
        hidden = outputs["hidden"][0] if "hidden" in outputs else None
        novelty = float(self._novelty.score(features.mean(axis=(0, 1))[np.newaxis])[0])
        heatmaps = all_grad_cams(features, self._head, hidden)
        return Prediction(
            model=self.card.name,
            classes=self.card.classes,
            scores=scores,
            novelty=novelty,
            reasons=self._reasons(float(scores.max()), novelty),
            milliseconds=(time.perf_counter() - started) * 1000.0,
            image_size=self.card.image_size,
            heatmaps=heatmaps,
        )

    def predict_bytes(self, data: bytes) -> Prediction:
        """Decode and predict; ``milliseconds`` runs from the photo's bytes to scores and heatmaps.

        Raises:
            ImageError: the bytes are no usable photo.
        """
        started = time.perf_counter()
        prediction = self.predict(read_photo(data))
        return replace(prediction, milliseconds=(time.perf_counter() - started) * 1000.0)

    def _reasons(self, top_score: float, novelty: float) -> tuple[str, ...]:
        reasons = []
        if novelty > self.card.novelty_limit:
            reasons.append(N_("Unlike the training photos: do not lean on these scores."))
        if top_score < self.card.abstain_below:
            low = N_("The highest score is only {score}: too low to lean on.")
            reasons.append(low.format(score=f"{100 * top_score:.0f}"))
        return tuple(reasons)
