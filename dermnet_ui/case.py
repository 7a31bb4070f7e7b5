"""A photo on the table with the answers of the models, and what is said about them; no Streamlit."""

import io
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.artifacts import ModelCard
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.i18n import N_, _, count, ngettext, retold
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
        reasons = tuple(retold(reason) for reason in self.prediction.reasons)
        n = self.card.train_counts.get(self.first, 0)
        if n >= FEW_PHOTOS:
            return reasons
        thin = ngettext("Trained on only {n} photo of {name}.", "Trained on only {n} photos of {name}.", n)
        return (*reasons, thin.format(n=count(n), name=display_name(self.first)))


@dataclass(frozen=True)
class Origin:
    """Where a photo comes from that the visitor did not bring."""

    message: str
    """Marked for translation; it may take the ``{name}`` of the class."""
    label: str = ""
    """Class folder of a photo of the atlas."""

    def text(self) -> str:
        """Return it in words."""
        return _(self.message).format(name=display_name(self.label))


DRAWN = Origin(N_("Drawing, not a photo"))


@dataclass(frozen=True, eq=False)
class Case:
    """One readable photo: a small copy of its pixels, notes about it, and one answer a model."""

    key: str
    """SHA-256 of the file."""
    name: str
    """Of the visitor's file, or one that this application gave and marked for translation."""
    origin: Origin | None
    shown: bytes
    """What ``packed`` made of the pixels: a tenth of the memory, because a class of students fills a server."""
    kept_notes: tuple[str, ...]
    """In English, because the visitor may change the language while the session keeps them."""
    answers: tuple[Answer, ...]
    other_maps: dict[tuple[str, str], tuple[Heatmap, ...]] = field(default_factory=dict)
    """Heatmaps of the slower methods by (class folder, method), one a model."""

    @property
    def title(self) -> str:
        """The name; in the visitor's language where this application gave it."""
        return _(self.name) if self.name else ""

    @property
    def subtitle(self) -> str:
        """The name and where the photo comes from, in one line."""
        return " · ".join(part for part in (self.title, self.origin.text() if self.origin else "") if part)

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The pixels, (h, w, 3), the longer side at most DISPLAY_SIDE; unpacked anew each time (3 ms)."""
        return np.array(Image.open(io.BytesIO(self.shown)), dtype=np.uint8)

    @cached_property
    def cover(self) -> bytes:
        """The middle part, small, as a JPEG; the page shows it in every run."""
        return packed(middle(self.rgb))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pixels."""
        return Image.open(io.BytesIO(self.shown)).size

    def notes(self) -> tuple[str, ...]:
        """Return what to know about the photo, in whole sentences."""
        return tuple(retold(note) for note in self.kept_notes)

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
    """A file that could not be used, and why."""

    name: str
    """Empty where it is not about one file."""
    message: str
    """In English, for the reason that ``Case.kept_notes`` has; `retold` translates it."""


def agreement(case: Case) -> str:
    """Return one sentence: whether the models name the same class."""
    if len(case.answers) == 1:
        return _("{model} says {name}.").format(model=case.answers[0].model, name=display_name(case.answers[0].first))
    if case.agree:
        return _("Both say {name}.").format(name=display_name(case.answers[0].first))
    first, second = (f"{display_name(answer.first)} ({answer.model})" for answer in case.answers)
    return _("They disagree: {first} vs {second}.").format(first=first, second=second)


def caution(case: Case) -> str:
    """Return one sentence naming the models whose answer is too weak to lean on; empty when there is none."""
    weak = [answer.model for answer in case.answers if answer.prediction.abstained]
    if not weak:
        return ""
    if len(weak) == 1:
        return _("Do not lean on the answer of {model}: see its note.").format(model=weak[0])
    return _("Lean on neither answer: see the notes.")


def reduced(rgb: NDArray[np.uint8], side: int = DISPLAY_SIDE) -> NDArray[np.uint8]:
    """Return (h, w, 3) pixels whose longer side is at most ``side``, aspect kept."""
    height, width = rgb.shape[:2]
    factor = side / max(height, width)
    if factor >= 1.0:
        return rgb
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR), dtype=np.uint8)


def middle(rgb: NDArray[np.uint8], side: int = 320) -> NDArray[np.uint8]:
    """Return the middle 4:3 part of a picture (h, w, 3), its longer side at most ``side``."""
    height, width = rgb.shape[:2]
    tall, wide = min(height, round(width * 3 / 4)), min(width, round(height * 4 / 3))
    top, left = (height - tall) // 2, (width - wide) // 2
    return reduced(rgb[top : top + tall, left : left + wide], side)


def packed(rgb: NDArray[np.uint8]) -> bytes:
    """Return a copy of a photo (h, w, 3), its longer side at most DISPLAY_SIDE, as a JPEG finer than the page's."""
    stream = io.BytesIO()
    Image.fromarray(reduced(rgb)).save(stream, "JPEG", quality=92)
    return stream.getvalue()
