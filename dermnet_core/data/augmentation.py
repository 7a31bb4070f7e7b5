"""Random changes to training photos, as Keras layers on raw RGB 0-255."""

import math
from typing import Any

import keras
from keras import layers, ops

from dermnet_core.config import AugmentationConfig


class RandomGeometry(layers.Layer):  # type: ignore[misc]
    """Flip, rotate, zoom and shift photos in one bilinear warp; one Keras layer for each costs three times as much.

    Takes and returns float32 (n, s, s, 3). Outside ``training`` photos pass unchanged. Zoom is drawn for width and
    height apart, from ``zoom`` closer to half as much farther; what lies beyond the edge is a reflection.
    """

    def __init__(self, flip: bool, rotation: float, zoom: float, shift: float, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._flip, self._rotation, self._zoom, self._shift = flip, rotation, zoom, shift
        self._seeds = keras.random.SeedGenerator(seed)

    def call(self, photos: Any, training: bool = False) -> Any:
        """Warp a batch, each photo by its own draw."""
        if not training:
            return photos
        return ops.image.affine_transform(photos, self._draw(photos), "bilinear", "reflect")

    def _draw(self, photos: Any) -> Any:
        height, width = photos.shape[1], photos.shape[2]
        count = ops.shape(photos)[0]

        def uniform(low: float, high: float) -> Any:
            return keras.random.uniform((count,), low, high, seed=self._seeds)

        angle = uniform(-1.0, 1.0) * (2.0 * math.pi * self._rotation)
        mirror = ops.where(uniform(0.0, 1.0) < 0.5, -1.0, 1.0) if self._flip else ops.ones((count,))
        wide, high = (1.0 + uniform(-self._zoom, self._zoom / 2) for _ in range(2))
        # Rows of the matrix that takes a place in the result to its place in the photo, about the centre.
        a, b = ops.cos(angle) * wide * mirror, -ops.sin(angle) * high
        d, e = ops.sin(angle) * wide * mirror, ops.cos(angle) * high
        x, y = (width - 1) / 2.0, (height - 1) / 2.0
        c = x - a * x - b * y + uniform(-1.0, 1.0) * (self._shift * width)
        f = y - d * x - e * y + uniform(-1.0, 1.0) * (self._shift * height)
        none = ops.zeros((count,))
        return ops.stack([a, b, c, d, e, f, none, none], axis=1)


def build_augmenter(config: AugmentationConfig, seed: int) -> keras.Sequential | None:
    """Return the augmentation as one model over float32 (n, s, s, 3), or None when everything is off."""
    steps: list[keras.Layer] = []
    if config.flip or config.rotation or config.zoom or config.shift:
        steps.append(RandomGeometry(config.flip, config.rotation, config.zoom, config.shift, seed))
    if config.contrast:
        steps.append(layers.RandomContrast(config.contrast, value_range=(0, 255), seed=seed + 1))
    return keras.Sequential(steps, name="augmentation") if steps else None
