"""The photos that were evaluated, as far as they are here, with the heatmaps of the models that were asked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dermnet_core.artifacts import LITERT, Artifact, ModelRegistry
from dermnet_core.data.thumbnails import photo_path, thumbnail
from dermnet_core.errors import ArtifactError, DermnetError
from dermnet_core.evaluation.record import About
from dermnet_core.explain.overlay import overlay
from dermnet_core.i18n import _, language, retold
from dermnet_core.labels import display_name
from dermnet_core.paths import model_dirs
from dermnet_ui import resources
from dermnet_ui.case import Case, Refused, reduced
from dermnet_ui.dataset import folder
from dermnet_ui.evaluation.answers import Answered
from dermnet_ui.evaluation.selection import Side
from dermnet_ui.markup import encode

_SIDE = 176
"""The longer side of a small picture in pixels."""
_KEPT = 240
"""Small pictures of so many photos are kept for all visitors, about 30 kB each."""
_OPACITY = 0.5
SAME = 0.02
"""Scores of the same photo may differ by this between two computers; by more, it is another photo."""


@dataclass(frozen=True, eq=False)
class Small:
    """What can be shown of one photo."""

    photo: bytes = b""
    """JPEG; empty when there is none, then ``problem`` says why."""
    heatmaps: tuple[bytes, ...] = ()
    """JPEG, one a model that is here."""
    places: tuple[str, ...] = ()
    """Where each heatmap is strongest."""
    scores: tuple[NDArray[np.float32], ...] = ()
    """(classes,) that each model that is here gives the photo now."""
    problem: str = ""


class Album:
    """The photo folder of the session and the installed models that gave the answers of some sides."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self.sides = tuple(sides)
        self.root = folder.current()
        found = [(side, installed(side.about)) for side in sides] if self.root is not None else []
        self.notes = [_lacking(side) for side, artifact in found if artifact is None]
        self._asked = [side for side, artifact in found if artifact is not None]
        self._models = self._load([artifact for _side, artifact in found if artifact is not None])

    @property
    def asked(self) -> tuple[Side, ...]:
        """Return the sides whose model is here and answers again, in the order of heatmaps and scores."""
        return tuple(self._asked)

    def small(self, photo: Answered, side: int = _SIDE) -> Small:
        """Return pictures of a photo and of the heatmap of each model's first class, at most ``side`` pixels wide."""
        if self.root is None:
            return Small()
        try:
            path = photo_path(self.root, photo.file)
            state = path.stat()
        except FileNotFoundError:
            return Small(problem=_("Not in the folder {name}.").format(name=self.root.name))
        except OSError as error:
            return Small(problem=_unreadable(error))
        except DermnetError as error:
            return Small(problem=retold(str(error)))
        key = f"{self._models.key if self._models else ''} {language()}"
        return _small(str(self.root), photo.file, f"{state.st_mtime_ns} {state.st_size}", side, key, self._models)

    def large(self, photo: Answered) -> Case | Refused:
        """Return a photo with the answers that the models give now; only where ``asked`` is not empty."""
        if self.root is None or self._models is None:
            raise ArtifactError(
                _("Expected a photo folder and an installed model, found none. Install the model again.")
            )
        try:
            data = photo_path(self.root, photo.file).read_bytes()
        except OSError as error:
            expected = _("Expected the photo in {name}, found: {error}.")
            return Refused(photo.name, expected.format(name=self.root.name, error=error.strerror))
        except DermnetError as error:
            return Refused(photo.name, retold(str(error)))
        return self._models.examine(data, photo.name)

    def differs(self, photo: Answered, scores: Sequence[NDArray[np.float32]]) -> bool:
        """Return whether the models score the photo that is here otherwise than the one that was evaluated."""
        before = [said.side.predictions.scores[said.place] for said in photo.said if said.side in self._asked]
        pairs = zip(before, scores, strict=False)
        return any(float(np.abs(old - new).max()) > SAME for old, new in pairs)

    def _load(self, artifacts: list[Artifact]) -> resources.Models | None:
        if not artifacts:
            return None
        try:
            return resources.models(artifacts)
        except ArtifactError as error:
            self._asked = []
            self.notes.append(_("Heatmaps cannot be drawn. {error}").format(error=retold(str(error))))
            return None


def installed(about: About) -> Artifact | None:
    """Return the model that gave an evaluation's answers; None when it is not installed or was replaced since."""
    for artifact in ModelRegistry(model_dirs()).artifacts():
        if artifact.name == about.model and artifact.card.sha256.get(LITERT) == about.model_sha256:
            return artifact
    return None


def _lacking(side: Side) -> str:
    lacking = _(
        "The heatmaps of {name} cannot be drawn: the model {model} that gave these answers "
        "(SHA-256 {digest}…) is not installed."
    )
    return lacking.format(name=side.name, model=side.about.model, digest=side.about.model_sha256[:12])


def _unreadable(error: OSError) -> str:
    return _("Cannot be read: {error}.").format(error=error.strerror)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _small(root: str, file: str, written: str, side: int, key: str, _models: resources.Models | None) -> Small:
    """Return the pictures of a file in one state; ``key`` tells the models and the language of the words."""
    try:
        data = photo_path(Path(root), file).read_bytes()
        if _models is None:
            return Small(thumbnail(Path(root), file, hashlib.sha256(data).hexdigest(), side))
    except OSError as error:
        return Small(problem=_unreadable(error))
    except DermnetError as error:
        return Small(problem=retold(str(error)))
    case = _models.examine(data, file)
    return Small(problem=retold(case.message)) if isinstance(case, Refused) else _shrunk(case, side)


def _shrunk(case: Case, side: int) -> Small:
    rgb = reduced(case.rgb, side)
    maps = [answer.prediction.top_heatmap for answer in case.answers]
    strongest = _("{name}, strongest: {place}")
    return Small(
        encode(rgb),
        tuple(encode(overlay(rgb, heatmap, _OPACITY)) for heatmap in maps),
        tuple(
            strongest.format(name=display_name(answer.first), place=heatmap.strongest_place())
            for answer, heatmap in zip(case.answers, maps, strict=True)
        ),
        tuple(answer.prediction.scores for answer in case.answers),
    )
