"""Our normalisation is Keras's: the same outputs, gradients, moving statistics and files."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dermnet_core.models.normalization import BatchNormalization


@pytest.fixture
def pair():
    """Return Keras's layer and ours with the same random weights."""
    random = np.random.default_rng(0)
    weights = [random.uniform(0.5, 1.5, 5), random.normal(size=5), random.normal(size=5), random.uniform(0.5, 1.5, 5)]
    made = [kind(momentum=0.7, epsilon=1e-3) for kind in (keras.layers.BatchNormalization, BatchNormalization)]
    for layer in made:
        layer.build((None, 4, 6, 5))
        layer.set_weights(weights)
    return made


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("trainable", [True, False])
def test_outputs_gradients_and_statistics(pair, training, trainable):
    maps = tf.constant(np.random.default_rng(1).normal(3.0, 2.0, (7, 4, 6, 5)), tf.float32)
    found = []
    for layer in pair:
        layer.trainable = trainable
        with tf.GradientTape() as tape:
            tape.watch(maps)
            out = tf.function(lambda x, layer=layer: layer(x, training=training))(maps)
            loss = tf.reduce_sum(out**3)
        gradients = tape.gradient(loss, [maps, layer.gamma.value, layer.beta.value])
        found.append([out, *gradients, *layer.get_weights()])
    for keras_value, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, keras_value, rtol=2e-4, atol=2e-4)


def test_statistics_move_in_training_alone(pair):
    ours = pair[1]
    before = ours.get_weights()
    ours(np.ones((2, 4, 6, 5), np.float32), training=False)
    np.testing.assert_array_equal(ours.get_weights()[2:], before[2:])
    ours(np.ones((2, 4, 6, 5), np.float32), training=True)
    assert not np.allclose(ours.get_weights()[2], before[2])


def test_files_of_keras_layers_are_read(tmp_path):
    photo = keras.Input((8, 8, 3))
    theirs = keras.Model(photo, keras.layers.BatchNormalization()(photo))
    theirs.layers[1].set_weights([np.full(3, value) for value in (1.0, 2.0, 3.0, 4.0)])
    theirs.save_weights(tmp_path / "norm.weights.h5")
    ours = keras.Model(photo, BatchNormalization()(photo))
    ours.load_weights(tmp_path / "norm.weights.h5")
    np.testing.assert_array_equal(ours.get_weights(), theirs.get_weights())
    again = keras.models.model_from_json(ours.to_json())
    assert type(again.layers[1]) is BatchNormalization
