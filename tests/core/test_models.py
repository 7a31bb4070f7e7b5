import keras
import numpy as np
import pytest

from dermnet_core.config import MobileNetV2Config, SeparableCNNConfig, TransferConfig
from dermnet_core.errors import ArtifactError, ConfigError
from dermnet_core.models.zoo import build_model, cut_point, load_model, set_trainable

# Every configuration that a preset uses has its row; a change of architecture must be meant.
PARAMETERS = [
    (SeparableCNNConfig(), 867_895),
    (SeparableCNNConfig(block_filters=(64, 128), block_strides=(2, 2)), 108_855),
    (SeparableCNNConfig(kernel_size=5), 889_399),
    (MobileNetV2Config(weights=None), 2_287_447),
    (MobileNetV2Config(weights=None, alpha=0.35), 439_671),
]


@pytest.mark.parametrize(("config", "count"), PARAMETERS)
def test_exact_parameter_counts(config, count):
    assert build_model(config, 64).count_params() == count


@pytest.mark.parametrize("config", [SeparableCNNConfig(), MobileNetV2Config(weights=None)])
def test_weights_do_not_depend_on_the_image_size(config):
    small, large = build_model(config, 64), build_model(config, 96)
    assert small.output_shape == large.output_shape == (None, 23)
    assert [w.shape for w in small.weights] == [w.shape for w in large.weights]


@pytest.mark.parametrize(
    ("config", "low", "high"), [(SeparableCNNConfig(), 0.0, 1.0), (MobileNetV2Config(weights=None), -1.0, 1.0)]
)
def test_rescaling_is_in_the_graph(config, low, high):
    model = build_model(config, 32)
    rescaled = keras.Model(model.input, model.get_layer("rescale").output)
    photos = np.stack([np.zeros((32, 32, 3)), np.full((32, 32, 3), 255.0)]).astype("float32")
    found = rescaled(photos).numpy()
    assert found[0] == pytest.approx(low)
    assert found[1] == pytest.approx(high)


@pytest.mark.parametrize(
    ("transfer", "first_trained"),
    [
        (TransferConfig("head"), "logits"),
        (TransferConfig("last_30"), "block_13_project_BN"),
        (TransferConfig("block_6_expand"), "block_6_expand"),
        (TransferConfig("all"), "Conv1"),
    ],
)
def test_freezing_by_stage(transfer, first_trained):
    model = build_model(MobileNetV2Config(weights=None), 64)
    set_trainable(model, transfer)
    trained = [layer.name for layer in model.layers if layer.trainable_weights]
    assert trained[0] == first_trained
    assert trained[-1] == "logits"


def test_batch_norm_can_stay_frozen():
    model = build_model(MobileNetV2Config(weights=None), 64)
    set_trainable(model, TransferConfig("last_30", train_batch_norm=False))
    assert not any(layer.trainable for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))


def test_unknown_layer_is_named():
    with pytest.raises(ConfigError, match="found 'block_99'"):
        set_trainable(build_model(SeparableCNNConfig(), 64), TransferConfig("block_99"))


@pytest.mark.parametrize("start", ["block_6_expand", "block_14_project", "block_15_depthwise", "logits", "Conv1"])
def test_model_is_its_frozen_part_and_the_rest(start):
    model = build_model(MobileNetV2Config(weights=None, alpha=0.35), 64)
    first = set_trainable(model, TransferConfig(start))
    cut = model.layers[cut_point(model, first)]
    prefix, rest = keras.Model(model.input, cut.output), keras.Model(cut.output, model.output)
    assert not prefix.trainable_weights
    assert all(any(own is weight for own in rest.trainable_weights) for weight in model.trainable_weights)
    photos = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype("float32")
    np.testing.assert_allclose(rest(prefix(photos)), model(photos), rtol=1e-5, atol=1e-5)


def test_missing_pretrained_weights_name_both_ways():
    with pytest.raises(ConfigError, match=r"(?s)let Keras download them.*--weights"):
        build_model(MobileNetV2Config(weights="nowhere.weights.h5"), 64)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "model.weights.h5"
    build_model(SeparableCNNConfig(block_filters=(8, 8, 8)), 64).save_weights(path)
    with pytest.raises(ArtifactError, match="Expected weights of separable_cnn"):
        load_model(SeparableCNNConfig(), path)


@pytest.mark.shared
def test_imagenet_weights_from_a_file(shared):
    path = next((shared / "weights").glob("mobilenet_v2*.h5"))
    pretrained = build_model(MobileNetV2Config(weights=str(path)), 96)
    untrained = build_model(MobileNetV2Config(weights=None), 96)
    kernels = [model.get_layer("block_16_project").kernel.numpy() for model in (pretrained, untrained)]
    assert not np.allclose(*kernels)
