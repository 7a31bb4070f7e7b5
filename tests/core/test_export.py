"""What is exported is the trained model: same graph, same weights, same outputs."""

import h5py
import keras
import numpy as np
import pytest

from dermnet_core.artifacts import HEAD, LITERT, WEIGHTS
from dermnet_core.errors import ArtifactError
from dermnet_core.explain.gradcam import LinearHead
from dermnet_core.export import round_weights, save_weights, serving_outputs
from dermnet_core.litert import LiteRTModel
from dermnet_core.models.zoo import load_model
from tests.factories import random_model, random_photos, tiny_recipe


def test_the_graph_is_flat(any_model) -> None:
    assert [layer.name for layer in any_model.layers if isinstance(layer, keras.Model)] == []


def test_features_is_the_last_feature_map(any_model) -> None:
    maps = [layer.name for layer in any_model.layers if len(layer.output.shape) == 4]
    assert maps[-1] == "features"
    assert any_model.get_layer("pool").input is any_model.get_layer("features").output


def test_raw_pixels_go_in_and_are_rescaled_inside(any_model, any_artifact) -> None:
    rescale = keras.Model(any_model.input, any_model.get_layer("rescale").output)
    size = any_artifact.card.image_size
    extremes = np.stack([np.zeros((size, size, 3)), np.full((size, size, 3), 255.0)]).astype(np.float32)
    lowest = {"separable_cnn": 0.0, "mobilenet_v2": -1.0}[any_artifact.card.architecture]
    found = np.asarray(rescale(extremes))
    np.testing.assert_allclose(found[0], lowest, atol=1e-6)
    np.testing.assert_allclose(found[1], 1.0, atol=1e-6)


def test_litert_gives_every_output_of_keras_under_its_own_name(any_artifact, any_model, squashed) -> None:
    outputs = serving_outputs(any_model)
    expected = keras.Model(any_model.input, outputs)(squashed.astype(np.float32), training=False)
    found = LiteRTModel(any_artifact.path(LITERT)).run(squashed)
    assert set(found) == set(outputs)
    assert np.ptp(found["logits"], axis=0).max() > 0.05, "photos that all get the same answer would show nothing"
    for name, values in found.items():
        np.testing.assert_allclose(values, np.asarray(expected[name]), atol=1e-3, rtol=1e-4, err_msg=name)


def test_the_head_gives_the_logits_of_pooled_features(any_artifact, any_model, squashed) -> None:
    outputs = LiteRTModel(any_artifact.path(LITERT)).run(squashed)
    head = LinearHead.load(any_artifact.path(HEAD))
    pooled = outputs["features"].mean(axis=(1, 2))
    if head.hidden is not None:
        pooled = np.maximum(pooled @ head.hidden + np.asarray(any_model.get_layer("hidden").bias), 0.0)
    logits = pooled @ head.output + np.asarray(any_model.get_layer("logits").bias)
    np.testing.assert_allclose(logits, outputs["logits"], atol=1e-3)


@pytest.mark.parametrize("architecture", ["separable_cnn", "mobilenet_v2"])
def test_rounded_weights_survive_the_half_size_file_without_loss(architecture, tmp_path) -> None:
    recipe = tiny_recipe(architecture)
    model, photos = random_model(recipe, seed=3), random_photos(2, 64).astype(np.float32)
    round_weights(model)
    save_weights(model, tmp_path / WEIGHTS)
    loaded = load_model(recipe.model, tmp_path / WEIGHTS)
    for before, after in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(after), np.asarray(before), err_msg=before.path)
    np.testing.assert_array_equal(np.asarray(loaded(photos)), np.asarray(model(photos)))
    with h5py.File(tmp_path / WEIGHTS) as stored:
        kinds = set()
        stored.visititems(
            lambda _, item: kinds.add((item.ndim > 1, str(item.dtype))) if hasattr(item, "ndim") else None
        )
    assert kinds == {(True, "float16"), (False, "float32")}
    assert [path.name for path in tmp_path.glob("unfinished*")] == []


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_damaged_weights_are_refused(content, tmp_path) -> None:
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(ArtifactError, match="Restore the file"):
        load_model(tiny_recipe("separable_cnn").model, tmp_path / WEIGHTS)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_weights_of_another_network_are_refused(tiny_artifact) -> None:
    with pytest.raises(ArtifactError, match="Expected weights of mobilenet_v2"):
        load_model(tiny_recipe("mobilenet_v2").model, tiny_artifact.path(WEIGHTS))
