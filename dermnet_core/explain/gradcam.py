"""Grad-CAM in closed form.

Between the last feature map and the logits both networks have only global average pooling and at most one hidden
ReLU layer, so the gradient that Grad-CAM averages (Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391)
is known without a backward pass.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.errors import ArtifactError
from dermnet_core.i18n import N_, _

FloatArray = NDArray[np.float32]

_PLACES = (
    (N_("upper left"), N_("upper"), N_("upper right")),
    (N_("left"), N_("centre"), N_("right")),
    (N_("lower left"), N_("lower"), N_("lower right")),
)


@dataclass(frozen=True)
class LinearHead:
    """Weights after global average pooling: ``logits = W @ relu(W1 @ pooled)`` or ``W @ pooled``, biases left out.

    ``output`` is (d, classes); ``hidden`` is (k, d), or None when the pooled features feed the logits directly.
    """

    output: FloatArray
    hidden: FloatArray | None = None

    def save(self, path: Path) -> None:
        """Write the weights to an ``.npz`` file."""
        arrays = {"output": self.output} | ({} if self.hidden is None else {"hidden": self.hidden})
        with path.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read weights that ``save`` wrote.

        Raises:
            ArtifactError: the file is missing, damaged or holds something else.
        """
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                return cls(stored["output"], stored.get("hidden"))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            message = N_("Expected head weights in {path}, found: {reason}. Export the model again.")
            raise ArtifactError(message.format(path=path, reason=error)) from error


@dataclass(frozen=True)
class Heatmap:
    """A class activation map: ``values`` is (h, w) float32 in 0..1, 1 being the strongest place."""

    values: FloatArray

    def resized(self, width: int, height: int) -> FloatArray:
        """Return the map as (height, width) float32 in 0..1, bilinearly enlarged."""
        image = Image.fromarray(self.values).resize((width, height), Image.Resampling.BILINEAR)
        return np.clip(np.asarray(image, dtype=np.float32), 0.0, 1.0)

    def strongest_place(self) -> str:
        """Say in words where the map is strongest, for a text alternative; in the visitor's language."""
        if not self.values.any():
            return _("nowhere: no part of the photo speaks for this class")
        row, column = np.unravel_index(int(self.values.argmax()), self.values.shape)
        height, width = self.values.shape
        return _(_PLACES[_third(int(row), height)][_third(int(column), width)])


def grad_cam(features: FloatArray, head: LinearHead, class_index: int, hidden: FloatArray | None = None) -> Heatmap:
    """Return the Grad-CAM of one class.

    Args:
        features: last feature map, (h, w, k) float32.
        head: the layers between pooling and logits.
        class_index: column of the logits.
        hidden: activations of the hidden layer, (d,) float32; needed when the head has one.

    Raises:
        ValueError: the head has a hidden layer and its activations are missing.
    """
    weights = _channel_weights(head, class_index, hidden) / (features.shape[0] * features.shape[1])
    return normalised(features @ weights)


def all_grad_cams(features: FloatArray, head: LinearHead, hidden: FloatArray | None = None) -> FloatArray:
    """Return the Grad-CAM of every class, (classes, h, w) float32 in 0..1; arguments and errors as for ``grad_cam``."""
    weights = head.output
    if head.hidden is not None:
        weights = np.asarray(head.hidden @ (_active(hidden)[:, None] * weights), dtype=np.float32)
    maps = np.maximum(np.moveaxis(features @ weights, -1, 0), 0.0)
    peaks = maps.max(axis=(1, 2), keepdims=True)
    return np.ascontiguousarray(maps / np.where(peaks > 0.0, peaks, 1.0), dtype=np.float32)


def normalised(raw: NDArray[np.floating]) -> Heatmap:
    """Keep the positive part of a raw map and scale its maximum to 1."""
    positive = np.maximum(raw, 0.0).astype(np.float32)
    peak = float(positive.max())
    return Heatmap(positive / peak if peak > 0.0 else positive)


def _channel_weights(head: LinearHead, class_index: int, hidden: FloatArray | None) -> FloatArray:
    column = head.output[:, class_index]
    if head.hidden is None:
        return column
    return np.asarray(head.hidden @ (_active(hidden) * column), dtype=np.float32)


def _active(hidden: FloatArray | None) -> NDArray[np.bool_]:
    """Return which units of the hidden layer let a gradient through, (d,)."""
    if hidden is None:
        raise ValueError("Expected the activations of the hidden layer, found none: pass `hidden`.")
    return np.asarray(hidden > 0.0)


def _third(position: int, size: int) -> int:
    return min(2, 3 * position // size)
