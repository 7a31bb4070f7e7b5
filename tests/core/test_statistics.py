from dataclasses import replace

import keras
import numpy as np
import pytest

from dermnet_core.artifacts import WEIGHTS, load_artifact
from dermnet_core.config import ConfigError, TransferConfig
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.models.zoo import load_model
from dermnet_core.training.jobs import create_run
from dermnet_core.training.run import execute
from dermnet_core.training.statistics import measure_statistics
from tests.core.run_cases import recipe
from tests.factories import random_model, random_photos, tiny_recipe


def norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def followed(model: keras.Model) -> list[np.ndarray]:
    return [np.asarray(value) for norm in norms(model) for value in (norm.moving_mean, norm.moving_variance)]


def test_statistics_are_the_means_over_full_batches():
    model = random_model(tiny_recipe("separable_cnn", 3, 48))
    photos, done = random_photos(150, 48), []
    momentum = [norm.momentum for norm in norms(model)]
    measure_statistics(model, TransferConfig(), photos, lambda *counts: done.append(counts))
    assert done == [(64, 150), (128, 150)]
    first = norms(model)[0]
    before = keras.Model(model.input, first.input)
    seen = [before.predict(photos[start : start + 64].astype(np.float32), verbose=0) for start in (0, 64)]
    expected = np.mean([values.mean(axis=(0, 1, 2)) for values in seen], axis=0)
    np.testing.assert_allclose(first.moving_mean, expected, rtol=1e-3, atol=1e-3)
    spread = np.mean([values.var(axis=(0, 1, 2)) for values in seen], axis=0)
    np.testing.assert_allclose(first.moving_variance, spread, rtol=1e-3, atol=1e-3)
    assert [norm.momentum for norm in norms(model)] == momentum


def test_fewer_photos_than_a_batch_are_one_batch():
    model, photos = random_model(tiny_recipe("separable_cnn", 3, 48)), random_photos(12, 48)
    measure_statistics(model, TransferConfig(), photos, lambda *counts: None)
    seen = photos.astype(np.float32)
    served, batch = (np.asarray(model(seen, training=False)), np.asarray(_without_dropout(model)(seen, training=True)))
    np.testing.assert_allclose(served, batch, atol=1e-2 * np.abs(batch).max())


def test_layers_that_were_not_trained_keep_theirs():
    model = random_model(tiny_recipe("mobilenet_v2", 3, 64))
    before = followed(model)
    measure_statistics(model, TransferConfig("block_13_expand"), random_photos(8, 64), lambda *counts: None)
    changed = [not np.array_equal(old, new) for old, new in zip(before, followed(model), strict=True)]
    frozen = [layer.name for layer in norms(model)].index("block_13_expand_BN")
    assert not any(changed[: 2 * frozen])
    assert all(changed[2 * frozen :])
    untouched = followed(model)
    measure_statistics(model, TransferConfig(train_batch_norm=False), random_photos(8, 64), lambda *counts: None)
    for old, new in zip(untouched, followed(model), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_run_serves_what_was_measured_and_the_same_twice(tmp_path):
    write_photo_folder(tmp_path / "photos", per_class=24, size=48)
    measured = replace(recipe(2), statistics_photos=40)
    runs = [create_run(tmp_path / name, measured, tmp_path / "photos") for name in ("one", "two")]
    one, two = (load_model(measured.model, load_artifact(execute(run)).path(WEIGHTS)) for run in runs)
    trained = load_model(measured.model, runs[0].folder / "checkpoints" / "stage1.weights.h5")
    for as_trained, served, again in zip(followed(trained), followed(one), followed(two), strict=True):
        assert not np.allclose(as_trained, served, rtol=1e-3)
        np.testing.assert_array_equal(served, again)


def test_a_number_below_nothing():
    with pytest.raises(ConfigError, match="for statistics_photos, found -1"):
        replace(recipe(2), statistics_photos=-1)


def _without_dropout(model: keras.Model) -> keras.Model:
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return model
