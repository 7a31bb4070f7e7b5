"""Students that also learn a teacher's feature maps."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from dermnet_core.artifacts import WEIGHTS, load_artifact
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
from dermnet_core.training.checks import check_run
from dermnet_core.training.cost import estimate, probe
from dermnet_core.training.fit import best_so_far, compile_stage, split_stage
from dermnet_core.training.hints import HintedAnswers, build_hints, with_hints
from dermnet_core.training.jobs import create_run
from dermnet_core.training.run import execute
from dermnet_core.training.status import read_progress
from dermnet_core.training.stopping import Stopped
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


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    write_photo_folder(folder, per_class=12, size=64)
    return folder


@pytest.fixture(scope="module")
def finished(weights, photos, tmp_path_factory):
    """Return a run with hints that was left alone."""
    run = create_run(tmp_path_factory.mktemp("finished") / "run", recipe(weights), photos)
    execute(run)
    return run


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


def test_a_run_with_hints(weights, finished):
    card, epochs = load_artifact(finished.folder / "artifact").card, read_progress(finished.folder).epochs
    assert len(epochs) == 2
    assert all(epoch.loss < 3.0 for epoch in epochs)  # that of the answers alone
    assert not list((finished.folder / "checkpoints").glob("*.npy"))
    assert any("feature maps of MobileNetV2 with ImageNet weights" in line for line in card.provenance)
    assert not any("no other data" in line for line in card.provenance)
    assert card.recipe["stages"][0]["hints"]["weights"] == Path(weights).name  # no path of this machine
    assert card.parameters == build_model(NETWORK).count_params()


def test_the_network_itself_learns_from_hints():
    student, photos = build_model(NETWORK), random_photos(8, 64).astype(np.float32)
    stage = recipe("imagenet", weight=5.0).stages[0]
    fitted = with_hints(student)
    compile_stage(fitted, replace(stage, fit=replace(stage.fit, learning_rate=3e-3)), 1, classes=3)
    before = student.get_layer("stem1_conv").get_weights()[0]
    maps = np.random.default_rng(0).normal(size=(8, 2 * 2 * 704)).astype(np.float32)
    targets = np.hstack([np.zeros((8, 3), np.float32), maps])  # no label: nothing to learn but the hints
    losses = fitted.fit(photos, targets, batch_size=8, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]
    assert np.abs(student.get_layer("stem1_conv").get_weights()[0] - before).max() > 1e-3


def test_a_stopped_run_with_hints_has_a_model_of_its_best_weights_and_goes_on_as_if_never_stopped(
    weights, photos, finished, tmp_path, monkeypatch
):
    stopped = create_run(tmp_path / "run", recipe(weights), photos)
    best = stopped.folder / "checkpoints" / "stage1.best.weights.h5"

    def stop_after_an_epoch():
        if best.is_file():
            raise Stopped

    monkeypatch.setattr("dermnet_core.training.epochs.check", stop_after_an_epoch)
    with pytest.raises(Stopped):
        execute(stopped)
    monkeypatch.undo()
    assert len(read_progress(stopped.folder).epochs) == 1
    assert best_so_far(stopped.config, stopped.folder).count_params() == build_model(NETWORK).count_params()
    execute(stopped)
    digests = [load_artifact(run.folder / "artifact").card.sha256[WEIGHTS] for run in (finished, stopped)]
    assert digests[0] == digests[1]


def test_the_cost_of_hints_is_measured(photos):
    counted, measured = (find(recipe("imagenet"), photos) for find in (estimate, probe))
    copies, photo, maps = 2 * measured.train + measured.validation, 64 * 64 * 3, 2 * 2 * 704
    assert measured.disk_bytes - counted.disk_bytes == 2 * copies * (photo + maps)  # float16


def test_a_partly_frozen_network_is_cut_where_its_hints_allow(weights):
    stage = recipe(weights).stages[0]
    frozen = replace(stage, transfer=TransferConfig("block_16_expand", activation_copies=1))
    network = build_model(MobileNetV2Config(64, 0.35, weights=None, classes=3))
    prefix, fitted, kept = split_stage(network, frozen)
    photos = random_photos(2, 64).astype(np.float32)
    stored = prefix(photos)
    np.testing.assert_allclose(np.asarray(kept(stored)), np.asarray(network(photos)), atol=1e-5)
    np.testing.assert_allclose(np.asarray(fitted(stored))[:, :3], np.asarray(network(photos)), atol=1e-5)


def test_sizes_that_do_not_go_together(weights, photos):
    with pytest.raises(ConfigError, match=r"a multiple of 64 px .* 2 cells wide, found 96"):
        build_hints(HintConfig(1.0, weights, image_size=96), build_model(NETWORK))
    stage = recipe(weights).stages[0]
    wrong = replace(recipe(weights), stages=(replace(stage, hints=replace(stage.hints, image_size=96)),))
    with pytest.raises(ConfigError, match=r"a multiple of 64 px .* 2 cells wide, found 96"):
        check_run(wrong, photos)
    with pytest.raises(ConfigError, match="Expected ImageNet weights in nowhere"):
        check_run(recipe("nowhere"), photos)


def test_a_student_without_a_finer_map():
    odd = SeparableCNNConfig(image_size=50, stem_filters=(8,), block_filters=(8,), block_strides=(2,), classes=3)
    with pytest.raises(ConfigError, match="Expected a feature map of 26 x 26 in separable_cnn"):
        with_hints(build_model(odd))


@pytest.mark.parametrize("wrong", [{"weight": -1.0}, {"image_size": 32}])
def test_settings_out_of_range(wrong):
    with pytest.raises(ConfigError, match=f"for {next(iter(wrong))}, found"):
        HintConfig(**wrong)


def test_hints_need_stored_copies():
    with pytest.raises(ConfigError, match=r"Expected 0 in a stage that stores no copies for hints\.weight, found 1"):
        StageConfig(hints=HintConfig(1.0))
