"""The methods of tf-keras-vis work on both networks, at the right layer and for the class that was asked for."""

import numpy as np
import pytest
import tensorflow as tf

from dermnet_core.errors import ConfigError
from dermnet_core.explain.gradcam import normalised
from dermnet_core.explain.methods import METHODS, compute
from tests.factories import random_model, random_photos, tiny_recipe

# Both architectures, but tiny: SmoothGrad takes twenty gradients, which on the models that ship would take minutes.
tiny_models = pytest.mark.parametrize(
    "any_artifact", ["tiny separable_cnn", "tiny mobilenet_v2"], indirect=True, scope="session"
)


@tiny_models
@pytest.mark.parametrize("method", METHODS)
def test_a_method_maps_the_class_that_was_asked_for(any_model, squashed, method) -> None:
    size = squashed.shape[1]
    shape = (size, size) if method in ("saliency", "smoothgrad") else any_model.get_layer("features").output.shape[1:3]
    maps = [compute(any_model, squashed[0], index, method).values for index in (0, 2)]
    assert {values.shape for values in maps} == {tuple(shape)}
    for values in maps:
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        assert values.min() >= 0.0
    assert max(values.max() for values in maps) == 1.0
    assert np.abs(maps[1] - maps[0]).max() > 0.01, "the class makes no difference"


@tiny_models
def test_saliency_is_the_steepest_channel_of_the_gradient(any_model, squashed) -> None:
    @tf.function
    def gradient(photo: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(photo)
            score = any_model(photo, training=False)[0, 2]
        return tape.gradient(score, photo)

    expected = normalised(np.abs(gradient(tf.constant(squashed[:1], tf.float32)).numpy()[0]).max(axis=-1))
    np.testing.assert_allclose(compute(any_model, squashed[0], 2, "saliency").values, expected.values, atol=1e-3)


def test_smoothgrad_of_the_same_photo_is_the_same() -> None:
    model, photo = random_model(tiny_recipe("separable_cnn")), random_photos(1, 64)[0]
    first, second = (compute(model, photo, 1, "smoothgrad").values for _ in range(2))
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_an_unknown_method_is_refused() -> None:
    model, photo = random_model(tiny_recipe("separable_cnn")), random_photos(1, 64)[0]
    with pytest.raises(ConfigError, match=r"gradcam\+\+, scorecam, saliency, smoothgrad, found 'lime'"):
        compute(model, photo, 0, "lime")
