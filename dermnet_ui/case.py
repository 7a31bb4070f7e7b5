"""A photo on the table with the answers of the models, and what is said about them; no Streamlit."""

import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.artifacts import ModelCard
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.inference import Prediction
from dermnet_core.labels import display_name

DISPLAY_SIDE = 800
"""The longer side, in pixels, of the copy of a photo that a session keeps."""
FEW_PHOTOS = 50
"""A class with fewer training photos than this is marked wherever it comes first."""

SHORT_NAMES = {"separable_cnn": "CNN", "mobilenet_v2": "MobileNetV2"}
MODEL_COLOURS = {"separable_cnn": "#0072B2", "mobilenet_v2": "#D55E00"}
"""Okabe and Ito's blue and vermillion; the same on every page."""


def short_name(card: ModelCard) -> str:
    """Return the name of a model as it stands in headings."""
    return SHORT_NAMES.get(card.architecture, card.title)


def colour(card: ModelCard) -> str:
    """Return the model's colour (Okabe and Ito), the same on every page; for marks, never for text."""
    return MODEL_COLOURS.get(card.architecture, "#777777")


def score_text(score: float) -> str:
    """Return a score of 0..1 as 0 to 100 without decimals; what would round to nothing is "<1"."""
    return "<1" if 0.0 < score < 0.005 else f"{100 * score:.0f}"


@dataclass(frozen=True, eq=False)
class Answer:
    """What one model says about a photo."""

    card: ModelCard
    prediction: Prediction

    @property
    def model(self) -> str:
        """The short name of the model."""
        return short_name(self.card)

    @property
    def colour(self) -> str:
        """The colour of the model."""
        return colour(self.card)

    @property
    def first(self) -> str:
        """The class folder with the highest score."""
        return self.prediction.ranked(1)[0].label

    def score(self, label: str) -> float:
        """Return the calibrated score of a class folder, 0..1."""
        return float(self.prediction.scores[self.prediction.classes.index(label)])

    def heatmap(self, label: str) -> Heatmap:
        """Return the Grad-CAM of a class folder."""
        return self.prediction.heatmap(self.prediction.classes.index(label))

    def notes(self) -> tuple[str, ...]:
        """Return why not to lean on this answer, in whole sentences; empty when nothing speaks against it."""
        count = self.card.train_counts.get(self.first, 0)
        thin = () if count >= FEW_PHOTOS else (f"Trained on only {count} photos of {display_name(self.first)}.",)
        return (*self.prediction.reasons, *thin)


@dataclass(frozen=True, eq=False)
class Case:
    """One readable photo: a small copy of its pixels, notes about it, and one answer a model."""

    key: str
    """SHA-256 of the file."""
    name: str
    caption: str
    """What to say beside the picture, such as "Drawing, not a photo"; often empty."""
    shown: bytes
    """What ``packed`` made of the pixels: a tenth of the memory, because a class of students fills a server."""
    notes: tuple[str, ...]
    answers: tuple[Answer, ...]
    other_maps: dict[tuple[str, str], tuple[Heatmap, ...]] = field(default_factory=dict)
    """Heatmaps of the slower methods by (class folder, method), one a model."""

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The pixels, (h, w, 3), the longer side at most DISPLAY_SIDE; unpacked anew each time (3 ms)."""
        return np.array(Image.open(io.BytesIO(self.shown)), dtype=np.uint8)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pixels."""
        return Image.open(io.BytesIO(self.shown)).size

    def labels(self) -> list[str]:
        """Return all class folders, the highest mean score first."""
        labels = list(self.answers[0].prediction.classes)
        return sorted(labels, key=lambda label: -sum(answer.score(label) for answer in self.answers))

    def common_label(self) -> str:
        """Return the class to compare heatmaps on: the first choice of the model with the higher top score."""
        return max(self.answers, key=lambda answer: answer.score(answer.first)).first

    @property
    def agree(self) -> bool:
        """Whether all models name the same class first."""
        return len({answer.first for answer in self.answers}) == 1


@dataclass(frozen=True)
class Refused:
    """A file that could not be used, and why, in words for a visitor."""

    name: str
    message: str


def agreement(case: Case) -> str:
    """Return one sentence: whether the models name the same class."""
    if len(case.answers) == 1:
        return f"{case.answers[0].model} says {display_name(case.answers[0].first)}."
    if case.agree:
        return f"Both say {display_name(case.answers[0].first)}."
    return "They disagree: " + " vs ".join(f"{display_name(a.first)} ({a.model})" for a in case.answers) + "."


def caution(case: Case) -> str:
    """Return one sentence naming the models whose answer is too weak to lean on; empty when there is none."""
    weak = [answer.model for answer in case.answers if answer.prediction.abstained]
    if not weak:
        return ""
    if len(weak) == 1:
        return f"Do not lean on the answer of {weak[0]}: see its note."
    return "Lean on neither answer: see the notes."


def reduced(rgb: NDArray[np.uint8], side: int = DISPLAY_SIDE) -> NDArray[np.uint8]:
    """Return (h, w, 3) pixels whose longer side is at most ``side``, aspect kept."""
    height, width = rgb.shape[:2]
    factor = side / max(height, width)
    if factor >= 1.0:
        return rgb
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR), dtype=np.uint8)


def packed(rgb: NDArray[np.uint8]) -> bytes:
    """Return a copy of a photo (h, w, 3), its longer side at most DISPLAY_SIDE, as a JPEG that shows no loss."""
    stream = io.BytesIO()
    Image.fromarray(reduced(rgb)).save(stream, "JPEG", quality=92, subsampling=0)
    return stream.getvalue()
