"""Models for tests of export, serving and explaining: tiny random ones of both architectures, and those that ship."""

from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from dermnet_core.artifacts import WEIGHTS, Artifact, ModelRegistry
from dermnet_core.config_json import from_dict
from dermnet_core.models.zoo import load_model
from dermnet_core.paths import SHIPPED_MODELS
from tests.factories import random_photos, write_artifact

TINY = ("separable_cnn", "mobilenet_v2")
SHIPPED = tuple(artifact.name for artifact in ModelRegistry([SHIPPED_MODELS]).artifacts())


@pytest.fixture(scope="session", params=[f"tiny {name}" for name in TINY] + [f"shipped {name}" for name in SHIPPED])
def any_artifact(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Return each model in turn; read it, never change it."""
    kind, name = request.param.split()
    if kind == "shipped":
        return ModelRegistry([SHIPPED_MODELS]).get(name)
    return write_artifact(tmp_path_factory.mktemp("models") / name, name)


@pytest.fixture(scope="session")
def any_model(any_artifact: Artifact) -> keras.Model:
    """Return the Keras model of the same artifact."""
    return load_model(from_dict(any_artifact.card.recipe).model, any_artifact.path(WEIGHTS))


@pytest.fixture(scope="session")
def squashed(any_artifact: Artifact) -> NDArray[np.uint8]:
    """Return photos of the model's size, uint8 (3, s, s, 3)."""
    return random_photos(3, any_artifact.card.image_size, seed=7)


@pytest.fixture
def tiny_artifact(tmp_path: Path) -> Artifact:
    """Return a tiny separable CNN that the test may damage."""
    return write_artifact(tmp_path / "separable_cnn", "separable_cnn")
