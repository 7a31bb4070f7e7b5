"""Is a photo sharp, well lit and large enough to be worth asking a model about?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.data.images import squash
from dermnet_core.i18n import N_

# All figures but the size are taken on a square of this side, so that an original and its 224-pixel copy agree.
_SIDE = 128
# Each limit is a percentile of 3,000 photos of the atlas's train split, but for sharpness: the watermark across every
# photo of the atlas is sharp however blurred the skin is, and its 1st percentile (43) would call 12 % of the 814 phone
# photos of PAD-UFES-20 blurred, many sharp ones among them. So it is the 1st percentile of those. Originals of the
# atlas under a Gaussian blur of 3 % of their shorter side or more are all below it.
BLURRED = 16.0  # 1st percentile of PAD-UFES-20
DARK = 46.0  # 1st percentile
OVEREXPOSED = 183.0  # 98.5th percentile
_FLAT = 10.0  # 1.4th percentile
_BURNT = 0.1  # share of pixels at 250 or more; even the 99.5th percentile is 0
# The atlas knows one size only, 224 pixels, so this is no percentile but half of that.
SMALL = 112


@dataclass(frozen=True)
class Quality:
    """What can be measured of a photo, and what a visitor should know about it."""

    sharpness: float
    """Variance of the Laplacian of the luma (0 to 255)."""
    brightness: float
    """Mean luma, 0 to 255."""
    contrast: float
    """Standard deviation of the luma."""
    width: int
    height: int
    warnings: tuple[str, ...]
    """Whole sentences, in English, which `retold` translates; none for a good photo."""


@dataclass(frozen=True)
class Tones:
    """What the luma of a photo says about it; the fields are those of `Quality`."""

    sharpness: float
    brightness: float
    contrast: float


def small_square(rgb: NDArray[np.uint8]) -> Image.Image:
    """Squash the pixels (h, w, 3) of a photo to the RGB square on which all figures but the size are taken."""
    return Image.fromarray(squash(rgb, min(_SIDE, *rgb.shape[:2])))  # never enlarged: that would blur it


def luma_of(square: Image.Image) -> NDArray[np.float32]:
    """Return the luma (s, s) of a square, 0 to 255."""
    return np.asarray(square.convert("L"), dtype=np.float32)


def tones(luma: NDArray[np.float32]) -> Tones:
    """Measure the luma (s, s) of a square of at least 3 x 3 pixels."""
    return Tones(float(_laplacian(luma).var()), float(luma.mean()), float(luma.std()))


def assess(rgb: NDArray[np.uint8]) -> Quality:
    """Measure the pixels (h, w, 3) of a photo of at least 3 x 3 pixels."""
    height, width = rgb.shape[:2]
    luma = luma_of(small_square(rgb))
    found = tones(luma)
    sharpness, brightness, contrast = found.sharpness, found.brightness, found.contrast
    warnings = []
    if min(width, height) < SMALL:
        warnings.append(N_("The photo is very small ({size} px).").format(size=f"{width} × {height}"))
    if sharpness < BLURRED:
        warnings.append(N_("The photo is blurred."))
    if brightness < DARK:
        warnings.append(N_("The photo is dark."))
    if brightness > OVEREXPOSED:
        warnings.append(N_("The photo is overexposed."))
    elif float((luma >= 250).mean()) > _BURNT:
        warnings.append(N_("A large part of the photo is pure white."))
    if contrast < _FLAT:
        warnings.append(N_("The photo has little contrast."))
    return Quality(sharpness, brightness, contrast, width, height, tuple(warnings))


def _laplacian(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    return 4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
