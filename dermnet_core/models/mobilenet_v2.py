"""MobileNetV2 with ImageNet weights as one flat graph."""

from pathlib import Path

import keras
from keras import layers

from dermnet_core.config import MobileNetV2Config
from dermnet_core.errors import ConfigError
from dermnet_core.models.normalization import BatchNormalization


def build_mobilenet_v2(
    config: MobileNetV2Config, image_size: int | None = None, *, pretrained: bool = True
) -> keras.Model:
    """Build the network: raw RGB 0-255 (n, s, s, 3) in, logits (n, classes) out.

    MobileNetV2 (Sandler et al., 2018, https://arxiv.org/abs/1801.04381) from keras.applications, not nested: a nested
    model breaks Grad-CAM and freezing by layer.

    Raises:
        ConfigError: the pretrained weights can neither be downloaded nor read.
    """
    size = image_size or config.image_size
    photo = keras.Input((size, size, 3), name="photo")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescale")(photo)
    base = _renormalized(_base(x, config, pretrained), config.batch_norm_momentum)
    x = layers.Activation("linear", name="features")(base.output)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(config.dropout, name="pool_dropout")(x)
    logits = layers.Dense(config.classes, name="logits")(x)
    return keras.Model(base.inputs[0], logits, name="mobilenet_v2")


def _base(x: keras.KerasTensor, config: MobileNetV2Config, pretrained: bool) -> keras.Model:
    weights = config.weights if pretrained else None
    try:
        if weights not in (None, "imagenet") and not Path(str(weights)).expanduser().is_file():
            raise FileNotFoundError(f"no file at {weights}")
        return keras.applications.MobileNetV2(input_tensor=x, include_top=False, alpha=config.alpha, weights=weights)
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise ConfigError(
            f"Expected pretrained weights {weights!r}, found: {error}. Either let Keras download them (weights "
            '"imagenet", needs the network) or give the path of a MobileNetV2 no-top weights file as '
            "mobilenet_v2.weights in the configuration or with --weights."
        ) from error


def _renormalized(base: keras.Model, momentum: float) -> keras.Model:
    """Return the network with our own normalisation, of another momentum."""

    def copied(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, layers.BatchNormalization):
            return BatchNormalization.from_config(layer.get_config() | {"momentum": momentum})
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(base, clone_function=copied)
    copy.set_weights(base.get_weights())
    return copy
