"""Let a student also predict the feature maps of a pretrained MobileNetV2.

Hints: Romero et al., 2015, https://arxiv.org/abs/1412.6550.

Answers tell a student twenty-odd numbers of a photo; the maps tell it thousands, each of a place in the photo, and they
come from weights that have not learned these photos by heart.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from dermnet_core.config import HintConfig, MobileNetV2Config
from dermnet_core.errors import ConfigError
from dermnet_core.i18n import N_
from dermnet_core.models.mobilenet_v2 import build_mobilenet_v2
from dermnet_core.training.checks import HINT_STRIDE, check_hints

_FINE, _COARSE = "block_12_project_BN", "block_16_project_BN"
"""The last linear maps of MobileNetV2 at a 16th and at a 32nd of the photo's side."""
_FOLDED, _COARSE_CHANNELS = 4 * 96, 320
"""Channels of the fine map, four cells folded into one, and of the coarse one."""


def build_hints(config: HintConfig, student: keras.Model, *, pretrained: bool = True) -> keras.Model:
    """Build the teacher: photos (n, s, s, 3), raw RGB 0-255, in, about standardised maps (n, side, side, channels) out.

    The fine map is folded onto the grid of the coarse one; both are averaged down to ``side`` cells.

    Args:
        config: whose weights, and the size of the photos that it sees.
        student: the network whose last feature map gives the side.
        pretrained: False for random weights, which cost the same time.

    Raises:
        ConfigError: the weights cannot be had, or the sizes do not go together.
    """
    size, side = config.image_size, int(student.get_layer("features").output.shape[1])
    check_hints(size, side)
    cells = size // HINT_STRIDE
    network = build_mobilenet_v2(MobileNetV2Config(weights=config.weights), size, pretrained=pretrained)
    for name in (_FINE, _COARSE):
        norm = network.get_layer(name)
        norm.gamma.assign(np.ones(norm.gamma.shape))
        norm.beta.assign(np.zeros(norm.beta.shape))
    fine, coarse = (layers.AveragePooling2D(cells // side)(network.get_layer(name).output) for name in (_FINE, _COARSE))
    fold = layers.DepthwiseConv2D(2, strides=2, depth_multiplier=4, use_bias=False, name="fold")
    maps = layers.Concatenate()([fold(fine), coarse])
    corners = np.eye(4, dtype=np.float32).reshape(2, 2, 1, 4)
    fold.set_weights([np.tile(corners, (1, 1, fine.shape[-1], 1))])
    return keras.Model(network.input, maps, name="hints")


def with_hints(model: keras.Model) -> keras.Model:
    """Return a network that gives, after its logits, what it predicts of a teacher's maps, flattened.

    The prediction is linear: of the coarse channels from the last feature map, of the fine ones from the last map of
    twice its side. It starts from nothing, so that it first learns to read the student before the student learns of it.

    Raises:
        ConfigError: the student has no map of twice the side.
    """
    coarse = model.get_layer("features").output
    side = 2 * int(coarse.shape[1])
    fine = [layer.output for layer in model.layers if tuple(layer.output.shape[1:3]) == (side, side)]
    if not fine:
        message = N_(
            "Expected a feature map of {side} x {side} in {model} for hints, found none. Choose a photo size that its "
            "strides divide, or set the weight of hints to 0."
        )
        raise ConfigError(message.format(side=side, model=model.name))
    read = [
        layers.Conv2D(_FOLDED, 2, strides=2, kernel_initializer="zeros", name="hint_fine")(fine[-1]),
        layers.Conv2D(_COARSE_CHANNELS, 1, kernel_initializer="zeros", name="hint_coarse")(coarse),
    ]
    maps = layers.Flatten(name="hints")(layers.Concatenate(name="hint_maps")(read))
    return keras.Model(model.input, layers.Concatenate(name="answers_and_hints")([model.output, maps]))


@dataclass(frozen=True)
class HintedAnswers:
    """Loss and metrics of logits with hints behind them, and of targets that are like that in training only."""

    classes: int
    weight: float
    """Of the mean squared error of the hints beside the cross-entropy of the answers."""
    label_smoothing: float = 0.0

    def loss(self, targets: Any, found: Any) -> Any:
        """Return the loss of each photo, (n,)."""
        loss = self.answer_loss(targets, found)
        if targets.shape[-1] == self.classes:
            return loss
        error = ops.mean(ops.square(targets[:, self.classes :] - found[:, self.classes :]), axis=-1)
        return loss + self.weight * error

    def answer_loss(self, targets: Any, found: Any) -> Any:
        """Return the cross-entropy of the logits of each photo, (n,)."""
        return keras.losses.categorical_crossentropy(
            targets[:, : self.classes], found[:, : self.classes], from_logits=True, label_smoothing=self.label_smoothing
        )

    def accuracy(self, targets: Any, found: Any) -> Any:
        """Return whether the highest logit is that of the highest target of each photo, (n,)."""
        return keras.metrics.categorical_accuracy(targets[:, : self.classes], found[:, : self.classes])

    def metrics(self) -> list[keras.metrics.Metric]:
        """Return the metrics ``accuracy`` and ``answer_loss``."""
        return [keras.metrics.MeanMetricWrapper(each, name=each.__name__) for each in (self.accuracy, self.answer_loss)]
