"""Batch normalisation that is quick to train with TensorFlow."""

from typing import Any

import keras
import tensorflow as tf
from keras import layers


@keras.saving.register_keras_serializable("dermnet")
class BatchNormalization(layers.BatchNormalization):  # type: ignore[misc]
    """Keras's layer over (n, h, w, c), which trains with TensorFlow's fused kernel; the results are the same.

    Keras itself composes the training step of seven operations that each read the whole feature map, and on a
    processor that takes more time than the convolutions (``benchmarks/normalization.py``). The name stays because
    weights files hold it.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize a batch, and follow its statistics in training."""
        if keras.backend.backend() != "tensorflow" or not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        normalized, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma.value, self.beta.value, epsilon=self.epsilon
        )
        values = tf.cast(tf.size(inputs) // tf.shape(inputs)[-1], variance.dtype)
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance * (values - 1.0) / values)):
            moving.assign(moving * self.momentum + now * (1.0 - self.momentum))
        return normalized
