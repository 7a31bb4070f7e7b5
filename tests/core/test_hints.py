"""Students that also learn a teacher's feature maps."""

import keras
import numpy as np
import pytest

from dermnet_core.config import (
    AugmentationConfig,
    FitConfig,
    HintConfig,
    MobileNetV2Config,
    SeparableCNNConfig,
    StageConfig,
    TrainingConfig,
    TransferConfig,
)
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ConfigError
from dermnet_core.models.zoo import build_model
from dermnet_core.training.hints import HintedAnswers, build_hints, with_hints
from dermnet_core.training.jobs import create_run
from dermnet_core.training.run import execute
from dermnet_core.training.status import read_progress
from tests.factories import random_photos

NETWORK = SeparableCNNConfig(
    image_size=64, stem_filters=(8, 8), block_filters=(16, 16, 16), block_strides=(2, 2, 2), classes=3
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Return a file of MobileNetV2's weights as Keras keeps them."""
    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2.weights.h5"
    keras.applications.MobileNetV2(input_shape=(64, 64, 3), include_top=False, weights=None).save_weights(path)
    return str(path)


def recipe(weights: str, weight: float = 1.0, epochs: int = 2) -> TrainingConfig:
    stage = StageConfig(
        transfer=TransferConfig(activation_copies=2), fit=FitConfig(epochs=epochs, batch_size=6),
        augmentation=AugmentationConfig(rotation=0.2, zoom=0.3), hints=HintConfig(weight, weights, image_size=128),
    )  # fmt: skip
    return TrainingConfig("separable_cnn", separable_cnn=NETWORK, stages=(stage,), validation_fraction=0.25)


def test_maps_are_those_of_the_network_normalized_averaged_and_folded(weights):
    student = build_model(NETWORK)
    photos = random_photos(2, 128).astype(np.float32)
    found = np.asarray(build_hints(HintConfig(1.0, weights, 128), student)(photos))
    network = build_model(MobileNetV2Config(weights=weights), 128)
    before = [network.get_layer(f"block_{n}_project").output for n in (12, 16)]
    fine, coarse = (np.asarray(each) for each in keras.Model(network.input, before)(photos))
    norms = [network.get_layer(f"block_{n}_project_BN") for n in (12, 16)]
    fine, coarse = (
        (each - np.asarray(norm.moving_mean)) / np.sqrt(np.asarray(norm.moving_variance) + norm.epsilon)
        for each, norm in zip((fine, coarse), norms, strict=True)
    )
    assert found.shape == (2, 2, 2, 4 * 96 + 320)
    halved = fine.reshape(2, 4, 2, 4, 2, 96).mean(axis=(2, 4))
    folded = halved.reshape(2, 2, 2, 2, 2, 96).transpose(0, 1, 3, 5, 2, 4).reshape(2, 2, 2, 384)
    np.testing.assert_allclose(found[..., :384], folded, atol=1e-3)
    np.testing.assert_allclose(found[..., 384:], coarse.reshape(2, 2, 2, 2, 2, 320).mean(axis=(2, 4)), atol=1e-3)


def test_predictions_start_from_nothing_behind_the_logits():
    student = build_model(NETWORK)
    photos = random_photos(2, 64).astype(np.float32)
    found = np.asarray(with_hints(student)(photos))
    np.testing.assert_allclose(found[:, :3], np.asarray(student(photos)), atol=1e-6)
    assert found.shape == (2, 3 + 2 * 2 * 704)
    assert not found[:, 3:].any()


def test_the_loss_is_that_of_the_answers_and_of_the_hints_where_there_are_any():
    hinted = HintedAnswers(3, weight=2.0, label_smoothing=0.1)
    random = np.random.default_rng(0)
    labels, found = np.eye(3, dtype=np.float32), random.normal(size=(3, 8)).astype(np.float32)
    hints = random.normal(size=(3, 5)).astype(np.float32)
    answers = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction=None)
    plain, error = np.asarray(answers(labels, found[:, :3])), np.square(hints - found[:, 3:]).mean(axis=1)
    np.testing.assert_allclose(hinted.loss(np.hstack([labels, hints]), found), plain + 2.0 * error, rtol=1e-5)
    np.testing.assert_allclose(hinted.loss(labels, found), plain, rtol=1e-5)
    np.testing.assert_allclose(hinted.answer_loss(np.hstack([labels, hints]), found), plain, rtol=1e-5)
    np.testing.assert_array_equal(hinted.accuracy(labels, found), found[:, :3].argmax(axis=1) == np.arange(3))


def test_a_run_with_hints(weights, tmp_path):
    write_photo_folder(tmp_path / "photos", per_class=12, size=64)
    run = create_run(tmp_path / "run", recipe(weights), tmp_path / "photos")
    execute(run)
    epochs = read_progress(run.folder).epochs
    assert len(epochs) == 2
    assert all(epoch.loss < 3.0 for epoch in epochs)  # that of the answers alone
    assert not list((run.folder / "checkpoints").glob("*.npy"))


def test_sizes_that_do_not_go_together(weights):
    with pytest.raises(ConfigError, match=r"a multiple of 64 px .* 2 cells wide, found 96"):
        build_hints(HintConfig(1.0, weights, image_size=96), build_model(NETWORK))


def test_a_student_without_a_finer_map():
    odd = SeparableCNNConfig(image_size=50, stem_filters=(8,), block_filters=(8,), block_strides=(2,), classes=3)
    with pytest.raises(ConfigError, match="Expected a feature map of 26 x 26 in separable_cnn"):
        with_hints(build_model(odd))


@pytest.mark.parametrize("wrong", [{"weight": -1.0}, {"image_size": 32}])
def test_settings_out_of_range(wrong):
    with pytest.raises(ConfigError, match=f"for {next(iter(wrong))}, found"):
        HintConfig(**wrong)


def test_hints_need_stored_copies():
    with pytest.raises(ConfigError, match="0 for hints of a stage without stored copies for weight, found 1"):
        StageConfig(hints=HintConfig(1.0))
