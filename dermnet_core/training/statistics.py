"""Measure the statistics of batch normalisation anew once the weights are final."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from dermnet_core.config import TransferConfig
from dermnet_core.data.scan import Progress
from dermnet_core.models.zoo import set_trainable

_BATCH = 64


def measure_statistics(
    model: keras.Model, transfer: TransferConfig, photos: NDArray[np.uint8], progress: Progress
) -> None:
    """Replace what a stage's BatchNormalization layers followed in training by the mean over batches of these photos.

    Training sees augmented photos and, with MixUp, blends of two, whose features vary less than those of the photos
    that are served (Wu and Johnson, 2021, https://arxiv.org/abs/2105.07576). Layers that the stage did not train keep
    their statistics.

    Args:
        model: a trained network.
        transfer: which of its layers were trained last.
        photos: uint8 (n, s, s, 3) of the model's size, unchanged; a last batch that is not full is left out when there
            is more than one.
        progress: called with the number of photos done and of all.
    """
    set_trainable(model, transfer)
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization) and layer.trainable]
    followed = [norm.momentum for norm in norms]
    found: list[list[NDArray[np.float64]]] = []
    for norm in norms:
        norm.momentum = 0.0  # the moving statistics become those of the last batch
    for start in _starts(len(photos)):
        batch = photos[start : start + _BATCH]
        model(ops.convert_to_tensor(batch, "float32"), training=True)
        found.append([np.asarray(ops.convert_to_numpy(value), np.float64) for norm in norms for value in _moving(norm)])
        progress(start + len(batch), len(photos))
    means = [np.mean(values, axis=0) for values in zip(*found, strict=True)]
    for norm, momentum in zip(norms, followed, strict=True):
        norm.momentum = momentum
    for variable, mean in zip((value for norm in norms for value in _moving(norm)), means, strict=True):
        variable.assign(mean.astype(np.float32))


def _moving(norm: layers.BatchNormalization) -> Sequence[keras.Variable]:
    return norm.moving_mean, norm.moving_variance


def _starts(count: int) -> range:
    return range(0, max(1, count - _BATCH + 1), _BATCH)
