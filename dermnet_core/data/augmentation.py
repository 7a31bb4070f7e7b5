"""Random changes to training photos, as a Keras layer on raw RGB 0-255."""

import math
from typing import Any

import keras
from keras import layers, ops

from dermnet_core.config import AugmentationConfig


class RandomChanges(layers.Layer):  # type: ignore[misc]
    """Flip, rotate, zoom and shift photos in one bilinear warp, then change their sharpness and contrast.

    Keras has a layer for each, with the same distributions but for sharpness; this one costs a third of theirs. Takes
    and returns float32 (n, s, s, 3). Outside ``training`` photos pass unchanged. Zoom is drawn for width and height
    apart, from ``zoom`` closer to half as much farther; what lies beyond the edge is a reflection. Sharpness is changed
    by adding or taking away up to so much of what a 3 x 3 blur removes.
    """

    def __init__(self, config: AugmentationConfig, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._changes = config
        self._seeds = keras.random.SeedGenerator(seed)

    def begin_batch(self, seed: int, number: int) -> None:
        """Let the next draws follow from these numbers, whatever was drawn before."""
        self._seeds.state.assign([(seed + 7919 * number) % 2**31, 0])

    def call(self, photos: Any, training: bool = False) -> Any:
        """Change a batch, each photo by its own draw."""
        if not training:
            return photos
        if _moves(self._changes):
            photos = ops.image.affine_transform(photos, self._warp(photos), "bilinear", "reflect")
        if self._changes.sharpness:
            photos = self._sharpness(photos)
        return self._contrast(photos) if self._changes.contrast else photos

    def _uniform(self, shape: tuple[Any, ...], low: float, high: float) -> Any:
        return keras.random.uniform(shape, low, high, seed=self._seeds)

    def _sharpness(self, photos: Any) -> Any:
        limit = self._changes.sharpness
        factor = self._uniform((ops.shape(photos)[0], 1, 1, 1), -limit, limit)
        return ops.clip(photos + factor * (photos - _blurred(photos)), 0.0, 255.0)

    def _contrast(self, photos: Any) -> Any:
        limit = self._changes.contrast
        factor = self._uniform((ops.shape(photos)[0], 1, 1, 1), 1.0 - limit, 1.0 + limit)
        mean = ops.mean(photos, axis=(1, 2), keepdims=True)
        return ops.clip(photos * factor + mean * (1.0 - factor), 0.0, 255.0)

    def _warp(self, photos: Any) -> Any:
        height, width = photos.shape[1], photos.shape[2]
        change, shape = self._changes, (ops.shape(photos)[0],)
        angle = self._uniform(shape, -1.0, 1.0) * (2.0 * math.pi * change.rotation)
        mirror = ops.where(self._uniform(shape, 0.0, 1.0) < 0.5, -1.0, 1.0) if change.flip else ops.ones(shape)
        wide, high = (1.0 + self._uniform(shape, -change.zoom, change.zoom / 2) for _ in range(2))
        # Rows of the matrix that takes a place in the result to its place in the photo, about the centre.
        a, b = ops.cos(angle) * wide * mirror, -ops.sin(angle) * high
        d, e = ops.sin(angle) * wide * mirror, ops.cos(angle) * high
        x, y = (width - 1) / 2.0, (height - 1) / 2.0
        c = x - a * x - b * y + self._uniform(shape, -1.0, 1.0) * (change.shift * width)
        f = y - d * x - e * y + self._uniform(shape, -1.0, 1.0) * (change.shift * height)
        none = ops.zeros(shape)
        return ops.stack([a, b, c, d, e, f, none, none], axis=1)


def build_augmenter(config: AugmentationConfig, seed: int) -> RandomChanges | None:
    """Return the augmentation as a layer over float32 (n, s, s, 3), or None when everything is off."""
    changes = _moves(config) or config.contrast or config.sharpness
    return RandomChanges(config, seed, name="augmentation") if changes else None


def _blurred(photos: Any) -> Any:
    """Return photos (n, h, w, c) blurred by the weights 1, 2, 1 down and across."""
    padded = ops.pad(photos, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    rows = (padded[:, :-2] + 2.0 * padded[:, 1:-1] + padded[:, 2:]) / 4.0
    return (rows[:, :, :-2] + 2.0 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4.0


def _moves(config: AugmentationConfig) -> bool:
    return bool(config.flip or config.rotation or config.zoom or config.shift)
