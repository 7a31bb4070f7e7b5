"""Everything the application loads once and shares between visitors, with the lock round inference."""

import hashlib
import random
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dermnet_core.artifacts import EVALUATION, Artifact, ModelRegistry
from dermnet_core.data.drawings import Drawing, example_drawings
from dermnet_core.data.images import Photo, read_photo, read_photo_file
from dermnet_core.data.quality import assess
from dermnet_core.data.scan import scan
from dermnet_core.errors import ArtifactError, ImageError
from dermnet_core.evaluation.report import EvaluationReport
from dermnet_core.i18n import N_, _
from dermnet_core.inference import InferenceEngine
from dermnet_core.paths import model_dirs
from dermnet_ui.case import Answer, Case, Origin, Refused, packed, reduced
from dermnet_ui.scored import Scored

MAX_BYTES = 10 * 1024 * 1024
_COLUMNS = ("separable_cnn", "mobilenet_v2")
_CHOICES = 3
"""Pairs of models kept in memory, about 60 MB each."""
_EXAMPLE_PHOTOS = 5
_EXAMPLE_SEED = 20
_THUMBNAIL_SIDE = 240


@dataclass(frozen=True)
class ExamplePhoto:
    """A photo of the test split of the user's own folder."""

    file: str
    """Relative to the data folder."""
    label: str


class Models:
    """The two models that answer, in the order of their columns; one inference at a time."""

    def __init__(self, artifacts: list[Artifact]) -> None:
        self.artifacts = artifacts
        self.key = fingerprint(artifacts)
        self._engines = [InferenceEngine(artifact) for artifact in artifacts]
        self._lock = threading.Lock()
        for engine in self._engines:
            # The first inference sets up memory and takes many times longer; no visitor should wait for it.
            engine.predict(Photo(np.zeros((32, 32, 3), np.uint8), "PNG"))

    def examine(self, data: bytes, name: str, origin: Origin | None = None) -> Case | Refused:
        """Read one file and let every model answer; the file itself is not kept."""
        if len(data) > MAX_BYTES:
            message = N_("Expected a photo of at most {most} MB, found {found} MB. Save it smaller.")
            return Refused(name, message.format(most=MAX_BYTES // 1024**2, found=f"{len(data) / 1024**2:.1f}"))
        started = time.perf_counter()
        try:
            photo = read_photo(data)
        except ImageError as error:
            return Refused(name, str(error))
        decoding = (time.perf_counter() - started) * 1000.0
        with self._lock:
            predictions = [engine.predict(photo) for engine in self._engines]
        # Each model's time runs from the file's bytes, as if it answered alone.
        predictions = [replace(found, milliseconds=found.milliseconds + decoding) for found in predictions]
        answers = tuple(
            Answer(artifact.card, prediction) for artifact, prediction in zip(self.artifacts, predictions, strict=True)
        )
        notes = (*photo.notes, *assess(photo.rgb).warnings)
        return Case(hashlib.sha256(data).hexdigest(), name, origin, packed(photo.rgb), notes, answers)


def models(chosen: list[Artifact]) -> Models:
    """Load models, or return them where somebody has chosen the same before.

    Raises:
        ArtifactError: the files of one are damaged.
    """
    with st.spinner(_("Loading the models …")):
        return _models(fingerprint(chosen), chosen)


@st.cache_resource(max_entries=_CHOICES, show_spinner=False)
def _models(key: str, _chosen: list[Artifact]) -> Models:
    return Models(_chosen)


def fingerprint(chosen: list[Artifact]) -> str:
    """Return what tells these models from all others: names and contents of their files."""
    lines = (f"{artifact.folder} {sorted(artifact.card.sha256.items())}" for artifact in chosen)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def installed() -> dict[str, list[Artifact]]:
    """Return the installed models by architecture, the CNN first; of each the one that ships first.

    Raises:
        ArtifactError: none is installed.
    """
    registry = ModelRegistry(model_dirs())
    found: dict[str, list[Artifact]] = {}
    for artifact in registry.artifacts():
        found.setdefault(artifact.card.architecture, []).append(artifact)
    if not any(architecture in found for architecture in _COLUMNS):
        problems = " ".join(registry.problems()) or N_("The folder is empty.")
        message = N_("Expected two models in assets/models, found none. {problems} Restore the folder.")
        raise ArtifactError(message.format(problems=problems))
    return {
        architecture: sorted(found[architecture], key=lambda artifact: artifact.name != architecture)
        for architecture in _COLUMNS
        if architecture in found
    }


def problems() -> list[str]:
    """Return what is wrong with models that cannot be read; the others answer all the same."""
    return ModelRegistry(model_dirs()).problems()


def evaluations(chosen: list[Artifact]) -> dict[str, list[Scored]]:
    """Return the shipped evaluations: view name -> the models that were evaluated in it.

    Raises:
        ArtifactError: an evaluation is damaged.
    """
    found: dict[str, list[Scored]] = {}
    for artifact in chosen:
        if not (artifact.folder / EVALUATION).is_file():
            continue
        for name, view in EvaluationReport.from_json(artifact.evaluation()).views.items():
            found.setdefault(name, []).append(Scored(artifact.card, view))
    return found


def drawings() -> tuple[Drawing, ...]:
    """Return the drawings of the example gallery."""
    with st.spinner(_("Drawing the examples …")):
        return _drawings()


@st.cache_resource(show_spinner=False)
def _drawings() -> tuple[Drawing, ...]:
    return example_drawings()


def example_photos(root: str) -> list[ExamplePhoto]:
    """Return a few photos of the test split, each of another class, always the same ones.

    Raises:
        DatasetError: the folder holds no test photos.
    """
    with st.spinner(_("Looking through the photo folder …")):
        return _example_photos(root)


@st.cache_data(ttl=600, max_entries=4, show_spinner=False)
def _example_photos(root: str) -> list[ExamplePhoto]:
    index = scan(Path(root), hashes=False)
    pick = random.Random(_EXAMPLE_SEED)
    by_class: dict[str, list[str]] = {}
    for record in index.split("test"):
        by_class.setdefault(record.label, []).append(record.file)
    chosen = sorted(pick.sample(sorted(by_class), min(_EXAMPLE_PHOTOS, len(by_class))))
    return [ExamplePhoto(pick.choice(by_class[label]), label) for label in chosen]


@st.cache_data(max_entries=24, show_spinner=False)
def thumbnail(root: str, file: str) -> NDArray[np.uint8]:
    """Return a small copy of one photo of the folder, (h, w, 3).

    Raises:
        ImageError: the photo cannot be read.
    """
    return reduced(read_photo_file(Path(root) / file).rgb, _THUMBNAIL_SIDE)
