"""Everything that a scan wants to know about one photo, from the bytes of its file."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.data.images import read_photo
from dermnet_core.data.quality import luma_of, small_square, tones

VERSION = 1
"""Changes when the same bytes may give other figures."""

MINIATURE = 48
"""Side of the miniature in pixels."""
# Chai & Ngan, Face segmentation using skin-color map in videophone applications, IEEE Trans. CSVT 9(4), 1999. Their
# digital YCbCr has the middle grey of JPEG's, which is used here; the colours that it calls skin are a little wider.
_SKIN_CB = (77, 127)
_SKIN_CR = (133, 173)


@dataclass(frozen=True, eq=False)
class Measured:
    """The figures of one photo; the fields mean what those of `PhotoFacts` mean."""

    sha256: str
    format: str
    width: int
    height: int
    brightness: float
    contrast: float
    sharpness: float
    red: float
    green: float
    blue: float
    skin: float
    miniature: NDArray[np.uint8]
    """The luma of the whole photo, squashed to (48, 48)."""


def measure(data: bytes) -> Measured:
    """Decode a photo once and measure it.

    Raises:
        ImageError: what `read_photo` raises.
    """
    photo = read_photo(data)
    width, height = photo.stored or (photo.rgb.shape[1], photo.rgb.shape[0])
    square = small_square(photo.rgb)
    red, green, blue = (float(mean) for mean in np.asarray(square).mean(axis=(0, 1)))
    found = tones(luma_of(square))
    return Measured(
        hashlib.sha256(data).hexdigest(),
        photo.format,
        width,
        height,
        found.brightness,
        found.contrast,
        found.sharpness,
        red,
        green,
        blue,
        _skin_share(square),
        _miniature(photo.rgb),
    )


def _skin_share(square: Image.Image) -> float:
    ycbcr = np.asarray(square.convert("YCbCr"))
    blue, red = ycbcr[..., 1], ycbcr[..., 2]
    skin = (blue >= _SKIN_CB[0]) & (blue <= _SKIN_CB[1]) & (red >= _SKIN_CR[0]) & (red <= _SKIN_CR[1])
    return float(skin.mean())


def _miniature(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    small = Image.fromarray(rgb).convert("L").resize((MINIATURE, MINIATURE), Image.Resampling.BOX)
    return np.array(small, dtype=np.uint8)
