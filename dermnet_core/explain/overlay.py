"""Heatmaps drawn over photos, in colours that colour-blind people can read."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.explain.gradcam import Heatmap

Pixels = NDArray[np.uint8]

_ANCHORS = (
    "000004 090720 1a1042 311165 4a1079 621980 792282 912b81 aa337d "
    "c23b75 d9466b ec5860 f7725c fc8e64 feaa74 fec68a fde2a3 fcfdbf"
)
"""Every 15th colour of magma (van der Walt and Smith, 2015, CC0), whose lightness rises evenly from dark to bright."""

_BLUE, _ORANGE = np.array([[0x00, 0x72, 0xB2], [0xD5, 0x5E, 0x00]], dtype=np.uint8)
"""The two models' colours (Okabe and Ito)."""


def _magma() -> Pixels:
    anchors = np.array([tuple(bytes.fromhex(anchor)) for anchor in _ANCHORS.split()], dtype=np.float64)
    places = np.linspace(0, 255, len(anchors))
    channels = [np.interp(np.arange(256), places, channel) for channel in anchors.T]
    return np.asarray(np.rint(np.stack(channels, axis=1)), dtype=np.uint8)


_MAGMA = _magma()


def overlay(rgb: Pixels, heatmap: Heatmap, opacity: float) -> Pixels:
    """Draw a heatmap over a photo; below half of the full heat, the colder a place the more of the photo shows.

    Args:
        rgb: photo, (h, w, 3) uint8.
        heatmap: stretched over the whole photo.
        opacity: 0 shows the photo alone, 1 hides it where the heatmap is strong.

    Returns:
        (h, w, 3) uint8.

    Raises:
        ValueError: the photo is not (h, w, 3) uint8 or the opacity not from 0 to 1.
    """
    _check(rgb, opacity)
    heat = heatmap.resized(rgb.shape[1], rgb.shape[0])
    # Fading only the colder half: on skin, magma's purples would hardly show if they faded in proportion to the heat.
    return _blend(rgb, _MAGMA[_levels(heat)], np.minimum(2.0 * heat, 1.0) * opacity)


def difference_overlay(rgb: Pixels, a: Heatmap, b: Heatmap, opacity: float) -> Pixels:
    """Draw where two heatmaps differ: blue where ``a`` is stronger, orange where ``b`` is, plain where they agree.

    Args:
        rgb: photo, (h, w, 3) uint8.
        a: heatmap of the first model, of any size.
        b: heatmap of the second model, of any size.
        opacity: as for ``overlay``.

    Returns:
        (h, w, 3) uint8.

    Raises:
        ValueError: as for ``overlay``.
    """
    _check(rgb, opacity)
    height, width = rgb.shape[:2]
    difference = b.resized(width, height) - a.resized(width, height)
    colours = np.where(difference[..., None] > 0.0, _ORANGE, _BLUE)
    return _blend(rgb, colours, np.abs(difference) * opacity)


def colour_bar(width: int = 256, height: int = 16) -> Pixels:
    """Return the colours of ``overlay`` from weakest (left) to strongest (right), (height, width, 3) uint8."""
    row = _MAGMA[_levels(np.linspace(0.0, 1.0, width, dtype=np.float32))]
    return np.tile(row, (height, 1, 1))


def _levels(values: NDArray[np.float32]) -> Pixels:
    return np.asarray(np.rint(values * 255.0), dtype=np.uint8)


def _blend(rgb: Pixels, colours: Pixels, share: NDArray[np.float32]) -> Pixels:
    """Mix colours (h, w, 3) into the photo by their share (h, w) in 0..1; Pillow does it without float copies."""
    mask = Image.fromarray(_levels(share))
    return np.asarray(Image.composite(Image.fromarray(colours), Image.fromarray(rgb), mask), dtype=np.uint8)


def _check(rgb: Pixels, opacity: float) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"Expected a photo (h, w, 3) of uint8, found {rgb.shape} of {rgb.dtype}. Convert it to RGB.")
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f"Expected an opacity from 0 to 1, found {opacity}. Divide percent by 100.")
