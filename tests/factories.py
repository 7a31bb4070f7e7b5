"""Small untrained models for tests: quick to build, of the same layers and files as the ones that ship."""

import functools
import tempfile
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.artifacts import HEAD, LITERT, NOVELTY, WEIGHTS, Artifact, ModelCard, load_artifact, write_card
from dermnet_core.config import MobileNetV2Config, ModelName, SeparableCNNConfig, TrainingConfig
from dermnet_core.config_json import to_dict
from dermnet_core.evaluation.novelty import NoveltyModel
from dermnet_core.export import export_litert, linear_head, round_weights, save_weights, serving_outputs
from dermnet_core.models.zoo import build_model


def tiny_recipe(architecture: ModelName, classes: int = 5, size: int = 64) -> TrainingConfig:
    """Return a recipe whose network has the layers of the real one, fewer channels and ``size`` px."""
    if architecture == "separable_cnn":
        config = SeparableCNNConfig(size, (8, 8), (16, 24, 32), dense_units=16, classes=classes)
        return TrainingConfig(architecture, separable_cnn=config)
    return TrainingConfig(architecture, mobilenet_v2=MobileNetV2Config(size, 0.35, weights=None, classes=classes))


def random_model(recipe: TrainingConfig, seed: int = 0) -> keras.Model:
    """Return an untrained network with random biases and normalisation that still tells photos apart."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build_model(recipe.model, pretrained=False)
    for variable in model.weights:
        if variable.name == "gamma":
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
        elif variable.name in {"beta", "bias"}:
            variable.assign(rng.normal(0, 0.3, variable.shape))
    _take_statistics(model, random_photos(16, recipe.model.image_size, seed))
    return model


def random_photos(n: int, size: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return (n, size, size, 3) photos of random soft colour patches."""
    patches = np.random.default_rng(seed).integers(0, 256, (n, 5, 5, 3), dtype=np.uint8)
    enlarged = [Image.fromarray(patch).resize((size, size), Image.Resampling.BICUBIC) for patch in patches]
    return np.stack([np.asarray(image) for image in enlarged])


def write_artifact(folder: Path, architecture: ModelName, classes: int = 5, size: int = 64) -> Artifact:
    """Write an artifact of a tiny untrained model; classes are ``class-a``, ``class-b`` … as in write_photo_folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _files(architecture, classes, size).items():
        (folder / name).write_bytes(content)
    return load_artifact(folder)


@functools.cache  # exporting takes many seconds, and many test modules want the same model
def _files(architecture: ModelName, classes: int, size: int) -> dict[str, bytes]:
    recipe = tiny_recipe(architecture, classes, size)
    names = tuple(f"class-{chr(ord('a') + i)}" for i in range(classes))
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder), recipe, random_model(recipe), names)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def write_model(folder: Path, recipe: TrainingConfig, model: keras.Model, classes: tuple[str, ...]) -> Artifact:
    """Write every file of an artifact; the model calls nothing novel and never abstains."""
    folder.mkdir(parents=True, exist_ok=True)
    round_weights(model)
    save_weights(model, folder / WEIGHTS)
    export_litert(model, serving_outputs(model), folder / LITERT)
    linear_head(model).save(folder / HEAD)
    channels = model.get_layer("features").output.shape[-1]
    NoveltyModel.fit(np.random.default_rng(0).normal(size=(200, channels)), components=8).save(folder / NOVELTY)
    write_card(folder, _card(recipe, model, classes))
    return load_artifact(folder)


def _take_statistics(model: keras.Model, photos: NDArray[np.uint8]) -> None:
    """Set the moving statistics of every normalisation to those of the photos."""
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    model(photos.astype(np.float32), training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def _card(recipe: TrainingConfig, model: keras.Model, classes: tuple[str, ...]) -> ModelCard:
    return ModelCard(
        name=recipe.model_name,
        title={"separable_cnn": "Separable CNN", "mobilenet_v2": "MobileNetV2"}[recipe.model_name],
        architecture=recipe.model_name,
        classes=classes,
        image_size=recipe.model.image_size,
        temperature=1.5,
        abstain_below=0.0,
        novelty_limit=1e6,
        train_counts={name: 10 * (i + 1) for i, name in enumerate(classes)},
        parameters=model.count_params(),
        recipe=to_dict(recipe),
        command=f"python -m dermnet_core train --model {recipe.model_name} --data DIR --out RUN_DIR",
        data={"fingerprint": "0" * 64, "photos": 100, "train": 80, "validation": 20},
        figures={},
        intended_use="Tests.",
        limits=("Never trained: its answers mean nothing.",),
        provenance=("Random weights.",),
        created="2026-01-01T00:00:00+00:00",
    )
