"""Pictures made by code instead of taken of people: example drawings, and tiny photo folders for tests and trials."""

import colorsys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.data.drawings import Drawing, example_drawings

__all__ = ["Drawing", "example_drawings", "write_photo_folder"]

_PER_SERIES = 2


def write_photo_folder(
    root: Path,
    classes: int = 3,
    per_class: int = 8,
    size: int = 64,
    seed: int = 0,
    splits: Sequence[str] = ("train", "test"),
) -> None:
    """Write JPEGs ``<root>/<split>/<class>/<series>-<n>.jpg`` whose colour and stripes give their class away.

    Each class has ``per_class`` photos in each split, two to a series; no series is in two splits. An empty split name
    gives the layout without split folders.
    """
    for s, split in enumerate(splits):
        for c in range(classes):
            name = f"class-{_letters(c)}"
            folder = root / split / name
            folder.mkdir(parents=True, exist_ok=True)
            for n in range(per_class):
                series, number = divmod(n, _PER_SERIES)
                pixels = _striped(c, classes, size, np.random.default_rng([seed, s, c, n]))
                path = folder / f"{name}-{split or 'all'}-{_letters(series)}-{number + 1}.jpg"
                Image.fromarray(pixels).save(path, quality=92)


def _letters(number: int) -> str:
    """Return a, b, ..., z, ba, bb, ..."""
    high, low = divmod(number, 26)
    return (_letters(high) if high else "") + chr(ord("a") + low)


def _striped(index: int, classes: int, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw stripes at the class's angle in the class's hue; phase, brightness and noise are the photo's own."""
    angle = np.pi * index / classes
    y, x = np.mgrid[:size, :size] / size
    wave = np.sin(2 * np.pi * (5 * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform()))
    colour = np.array(colorsys.hsv_to_rgb((index + rng.uniform(-0.2, 0.2)) / classes, 0.6, rng.uniform(0.6, 0.8)))
    pixels = colour * (1 + 0.25 * wave[..., None]) + rng.normal(0, 0.03, (size, size, 3))
    return np.asarray(np.rint(255 * pixels.clip(0, 1)), dtype=np.uint8)
