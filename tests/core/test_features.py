"""What the frozen layers give is stored once, and depends on neither the processors nor their pace."""

import os

import keras
import numpy as np
import pytest

from dermnet_core.config import AugmentationConfig
from dermnet_core.training import features
from dermnet_core.training.features import FrozenLayers
from tests.factories import random_model, random_photos, tiny_recipe

CHANGES = AugmentationConfig(rotation=0.1, zoom=0.1, contrast=0.2)
PHOTOS = random_photos(11, 64)  # the last batch is a part of one


@pytest.fixture(scope="module")
def prefix() -> keras.Model:
    model = random_model(tiny_recipe("separable_cnn"))
    return keras.Model(model.input, model.get_layer("pool").output)


def store(prefix, path, seed=1, copies=2, changes=CHANGES):
    told = []
    stored = FrozenLayers(prefix, seed).store(
        PHOTOS, copies, changes, path, lambda done, total: told.append((done, total))
    )
    assert told[-1] == (copies * len(PHOTOS), copies * len(PHOTOS))
    return np.array(stored)


def test_photos_as_they_are_give_what_keras_gives(prefix, tmp_path):
    stored = store(prefix, tmp_path / "x.npy", copies=1, changes=None)
    assert stored.dtype == np.float16
    np.testing.assert_allclose(stored[0], np.asarray(prefix(PHOTOS.astype("float32"))), rtol=2e-3, atol=2e-3)


def test_any_number_of_processors_stores_the_same_bits(prefix, tmp_path, monkeypatch):
    found = []
    for processors in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda count=processors: count)
        found.append(store(prefix, tmp_path / f"{processors}.npy"))
    np.testing.assert_array_equal(*found)


def test_each_copy_and_each_seed_has_draws_of_its_own(prefix, tmp_path):
    one, other = (store(prefix, tmp_path / f"{seed}.npy", seed) for seed in (1, 2))
    assert not np.isclose(one[0], one[1], rtol=1e-4).all(axis=1).any()
    assert not np.isclose(one, other, rtol=1e-4).all(axis=2).any()


def test_an_error_in_a_thread_ends_the_work_and_leaves_no_file(prefix, tmp_path, monkeypatch):
    def broken(self, batch):
        raise MemoryError("no room")

    monkeypatch.setattr(features.LiteRTModel, "run", broken)
    with pytest.raises(MemoryError):
        store(prefix, tmp_path / "x.npy")
    assert list(tmp_path.iterdir()) == []
