"""The custom network, trained from scratch: a Conv2D stem and residual SeparableConv2D blocks."""

import keras
from keras import layers, regularizers

from dermnet_core.config import SeparableCNNConfig
from dermnet_core.models.normalization import BatchNormalization


def build_separable_cnn(config: SeparableCNNConfig, image_size: int | None = None) -> keras.Model:
    """Build the network: raw RGB 0-255 (n, s, s, 3) in, logits (n, classes) out.

    Separable residual blocks as in Xception (Chollet, 2017, https://arxiv.org/abs/1610.02357).
    """
    size = image_size or config.image_size
    l2 = regularizers.L2(config.l2) if config.l2 else None

    # Input: rescaling is part of the graph, so that training and serving cannot differ.
    photo = keras.Input((size, size, 3), name="photo")
    x = layers.Rescaling(1 / 255.0, name="rescale")(photo)

    # Stem: two strided convolutions, because full-resolution maps are what costs time.
    for number, filters in enumerate(config.stem_filters, start=1):
        x = layers.Conv2D(
            filters, 3, strides=2, padding="same", use_bias=False, kernel_regularizer=l2, name=f"stem{number}_conv"
        )(x)
        x = _norm(x, f"stem{number}")
        x = layers.ReLU(name=f"stem{number}_relu")(x)

    # Blocks
    for number, (filters, stride) in enumerate(zip(config.block_filters, config.block_strides, strict=True), start=1):
        x = _block(x, filters, stride, config.kernel_size, l2, f"block{number}")
    x = layers.Activation("linear", name="features")(x)

    # Head
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(config.dropout, name="pool_dropout")(x)
    x = layers.Dense(config.dense_units, activation="relu", kernel_regularizer=l2, name="hidden")(x)
    x = layers.Dropout(config.dropout, name="hidden_dropout")(x)
    logits = layers.Dense(config.classes, kernel_regularizer=l2, name="logits")(x)
    return keras.Model(photo, logits, name="separable_cnn")


def _block(
    x: keras.KerasTensor, filters: int, stride: int, kernel: int, l2: regularizers.Regularizer | None, name: str
) -> keras.KerasTensor:
    residual = layers.Conv2D(
        filters, 1, strides=stride, padding="same", use_bias=False, kernel_regularizer=l2, name=f"{name}_residual_conv"
    )(x)
    residual = _norm(residual, f"{name}_residual")
    for number, step in ((1, stride), (2, 1)):
        x = layers.SeparableConv2D(
            filters,
            kernel,
            strides=step,
            padding="same",
            use_bias=False,
            depthwise_regularizer=l2,
            pointwise_regularizer=l2,
            name=f"{name}_sepconv{number}",
        )(x)
        x = _norm(x, f"{name}_sepconv{number}")
        if number == 1:
            x = layers.ReLU(name=f"{name}_sepconv1_relu")(x)
    x = layers.Add(name=f"{name}_add")([x, residual])
    return layers.ReLU(name=f"{name}_relu")(x)


def _norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    # Momentum 0.9: with the default 0.99 the moving statistics lag behind short runs and inference falls apart.
    return BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
