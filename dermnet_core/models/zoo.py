"""Build either network from its configuration and choose which of its layers train."""

import warnings
from pathlib import Path

import keras
from keras import layers

from dermnet_core.config import MobileNetV2Config, SeparableCNNConfig, TransferConfig
from dermnet_core.errors import ArtifactError, ConfigError
from dermnet_core.models.mobilenet_v2 import build_mobilenet_v2
from dermnet_core.models.separable_cnn import build_separable_cnn


def build_model(
    config: SeparableCNNConfig | MobileNetV2Config, image_size: int | None = None, *, pretrained: bool = True
) -> keras.Model:
    """Build the network that a configuration describes; ``image_size`` in pixels overrides the configured one."""
    if isinstance(config, SeparableCNNConfig):
        return build_separable_cnn(config, image_size)
    return build_mobilenet_v2(config, image_size, pretrained=pretrained)


def load_model(
    config: SeparableCNNConfig | MobileNetV2Config, weights: Path, image_size: int | None = None
) -> keras.Model:
    """Build a network, as `build_model`, and load its weights.

    Raises:
        ArtifactError: the file does not fit the network.
    """
    model = build_model(config, image_size, pretrained=False)
    fill_model(model, weights)
    return model


def fill_model(model: keras.Model, weights: Path) -> None:
    """Load the weights of a network into one of the same layers, whatever the size of its photos.

    Raises:
        ArtifactError: the file does not fit the network.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Keras only warns of layers that the file lacks, and leaves them random
            model.load_weights(weights)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        raise ArtifactError(
            f"Expected weights of {model.name} in {weights}, found: {_first_line(error)}. Restore the file."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__  # Keras goes on for pages


def set_trainable(model: keras.Model, transfer: TransferConfig) -> int:
    """Freeze the layers that a stage does not train and return the position of the first layer that does.

    Raises:
        ConfigError: ``trainable_from`` names no layer.
    """
    first = _first_trainable(model, transfer.trainable_from)
    for position, layer in enumerate(model.layers):
        norm = isinstance(layer, layers.BatchNormalization)
        layer.trainable = position >= first and (transfer.train_batch_norm or not norm)
    return first


def cut_point(model: keras.Model, first: int) -> int:
    """Return the position of the last layer before ``first`` whose output alone feeds everything after it."""
    position = {id(layer): i for i, layer in enumerate(model.layers)}
    reach = len(model.layers)  # the earliest layer that any later layer reads
    for i in range(len(model.layers) - 1, -1, -1):
        if i < first and reach >= i:
            return i
        inputs = _inputs(model.layers[i])
        reach = min([reach, *(position[id(source)] for source in inputs)])
    return 0


def _inputs(layer: keras.Layer) -> list[keras.Layer]:
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor._keras_history.operation for tensor in tensors if tensor._keras_history.operation is not layer]


def _first_trainable(model: keras.Model, trainable_from: str) -> int:
    names = [layer.name for layer in model.layers]
    if trainable_from == "all":
        return 0
    if trainable_from == "head":
        return names.index("features") + 1
    if trainable_from.startswith("last_") and trainable_from[5:].isdigit():
        # Counted back from the last feature map: the layers of the head come on top.
        return max(0, names.index("features") - int(trainable_from[5:]))
    if trainable_from in names:
        return names.index(trainable_from)
    raise ConfigError(
        f'Expected "all", "head", "last_<n>" or a layer of {model.name} for trainable_from, found {trainable_from!r}. '
        f"Layers: {', '.join(names[:5])}, … {', '.join(names[-5:])}."
    )
