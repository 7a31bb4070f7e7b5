"""Example pictures drawn by this code, so that the app can be tried without anybody's photo.

A drawing is a skin colour per pixel, a relief in pixels and a gloss, lit from the upper left.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from dermnet_core.i18n import N_

HEIGHT, WIDTH = 480, 640
_Y, _X = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
Map = NDArray[np.float32]
RGB = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A made-up picture; the app must call it a drawing."""

    name: str
    """In English, as the description; both are marked for translation."""
    description: str
    rgb: NDArray[np.uint8]
    """(480, 640, 3)."""


@dataclass
class _Skin:
    colour: Map
    relief: Map
    gloss: Map

    def tint(self, mask: Map, colour: RGB) -> None:
        """Multiply the colour where the mask is 1."""
        self.colour *= 1 + mask[..., None] * (np.array(colour, np.float32) - 1)

    def paint(self, mask: Map, colour: RGB) -> None:
        """Replace the colour where the mask is 1."""
        self.colour += mask[..., None] * (np.array(colour, np.float32) - self.colour)


def example_drawings() -> tuple[Drawing, ...]:
    """Draw the five examples; the same pixels every time."""
    return (
        Drawing(
            N_("Ring-shaped patch"),
            N_("A red ring with a scaly rim and a paler middle, on light skin."),
            _ring(np.random.default_rng(1)),
        ),
        Drawing(
            N_("Cluster of small bumps"),
            N_("Small shiny dome-shaped bumps, each with a dimple, on olive skin."),
            _bumps(np.random.default_rng(2)),
        ),
        Drawing(
            N_("Pigmented spot"),
            N_("A brown spot with an irregular border and several shades, on fair skin."),
            _spot(np.random.default_rng(3)),
        ),
        Drawing(
            N_("Scaly plaque"),
            N_("A raised plaque under silvery scales, on brown skin."),
            _plaque(np.random.default_rng(4)),
        ),
        Drawing(
            N_("Raised wheals"),
            N_("Blurry raised red wheals that run into each other, on medium skin."),
            _wheals(np.random.default_rng(5)),
        ),
    )


def _ring(rng: np.random.Generator) -> NDArray[np.uint8]:
    skin = _bare(rng, (0.88, 0.70, 0.60))
    distance = _distance(310, 245, 1.08) + 11 * _clouds(rng, 110) + 4 * _clouds(rng, 28)
    rim = _bell(distance, 132, 24) * (0.85 + 0.25 * _clouds(rng, 40))
    scales = _bell(distance, 142, 15) * _step(_clouds(rng, 9) + 0.6 * _clouds(rng, 4), -0.2, 1.8)
    skin.tint(_step(distance, 150, 118) * 0.5, (0.93, 0.74, 0.70))
    skin.tint(rim.clip(0, 1), (0.83, 0.45, 0.42))
    skin.paint(scales * 0.6, (0.93, 0.86, 0.80))
    skin.relief += 5 * rim + 1.5 * scales
    return _develop(skin, rng)


def _bumps(rng: np.random.Generator) -> NDArray[np.uint8]:
    skin = _bare(rng, (0.76, 0.57, 0.43))
    placed: list[tuple[float, float, float]] = []
    while len(placed) < 26:
        x, y = rng.normal(320, 85), rng.normal(240, 65)
        radius = rng.uniform(9, 20)
        if all(np.hypot(x - a, y - b) > radius + r + 3 for a, b, r in placed):
            placed.append((x, y, radius))
    distance = np.full((HEIGHT, WIDTH), np.inf, np.float32)
    size = np.zeros_like(distance)
    for x, y, radius in placed:
        own = _distance(x, y) / radius
        size = np.where(own < distance, np.float32(radius), size)
        distance = np.minimum(distance, own)
    dome = (1 - distance**2).clip(0, 1) ** 0.7
    skin.tint(_step(distance, 1.9, 0.9) * 0.5, (0.97, 0.78, 0.74))
    skin.paint(_step(distance, 1.05, 0.75) * 0.55, (0.90, 0.72, 0.62))
    skin.paint(_step(distance, 0.28, 0.12) * 0.55, (0.95, 0.88, 0.78))
    skin.relief += size * (0.36 * dome - 0.10 * _bell(distance, 0, 0.2))
    skin.gloss += 0.35 * dome
    return _develop(skin, rng)


def _spot(rng: np.random.Generator) -> NDArray[np.uint8]:
    skin = _bare(rng, (0.90, 0.75, 0.67))
    distance = _distance(325, 235, 1.2) + 9 * _clouds(rng, 75) + 4 * _clouds(rng, 26)
    body = _step(distance, 108, 86)
    skin.tint(_step(distance, 135, 95) * 0.35, (0.95, 0.80, 0.78))
    skin.paint(body * (0.86 + 0.1 * _clouds(rng, 9)).clip(0, 1), (0.42, 0.26, 0.18))
    skin.paint(body * _step(_clouds(rng, 50) + 0.3 * _clouds(rng, 12), -0.1, 1.5) * 0.85, (0.16, 0.10, 0.09))
    skin.paint(body * _step(_clouds(rng, 45), 0.5, 1.6) * 0.6, (0.62, 0.40, 0.28))
    skin.relief += body * (3 + 0.5 * _clouds(rng, 14))
    skin.gloss += 0.1 * body
    return _develop(skin, rng)


def _plaque(rng: np.random.Generator) -> NDArray[np.uint8]:
    skin = _bare(rng, (0.46, 0.31, 0.23))
    distance = _distance(320, 240, 1.25) + 11 * _clouds(rng, 80) + 5 * _clouds(rng, 20)
    body = _step(distance, 152, 132)
    flakes = body * _step(_clouds(rng, 26) + 0.8 * _clouds(rng, 9) + 0.5 * _clouds(rng, 4), -1.0, 1.9)
    skin.tint(_step(distance, 175, 140) * 0.6, (0.80, 0.62, 0.62))
    skin.paint(body * 0.55, (0.47, 0.25, 0.24))
    skin.paint(flakes * 0.85, (0.76, 0.70, 0.68))
    skin.relief += 5 * body + 4 * flakes
    return _develop(skin, rng)


def _wheals(rng: np.random.Generator) -> NDArray[np.uint8]:
    skin = _bare(rng, (0.80, 0.61, 0.48))
    closeness = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(17):
        x, y, radius = rng.uniform(50, WIDTH - 50), rng.uniform(50, HEIGHT - 50), rng.uniform(26, 56)
        closeness += _bell(_distance(x, y, rng.uniform(0.75, 1.35)), 0, radius)
    closeness *= 1 + 0.14 * _clouds(rng, 42) + 0.04 * _clouds(rng, 16)
    raised = _step(closeness, 0.25, 1.0)
    skin.tint(_step(closeness, 0.12, 0.62) * 0.9, (0.96, 0.69, 0.68))
    skin.tint(_bell(closeness, 0.5, 0.2) * 0.4, (0.93, 0.74, 0.73))
    skin.paint(_step(closeness, 0.75, 1.3) * 0.3, (0.92, 0.70, 0.62))
    skin.relief += 9 * raised
    skin.gloss += 0.05 * raised
    return _develop(skin, rng, blur=1.6)


def _bare(rng: np.random.Generator, tone: RGB) -> _Skin:
    """Lay out skin: blotches in the colour, furrows and pores in the relief."""
    blotches = 0.022 * _clouds(rng, 130) + 0.018 * _clouds(rng, 34) + 0.012 * _clouds(rng, 8)
    redness = 0.02 * _clouds(rng, 60)
    colour = np.array(tone, np.float32) * (1 + blotches[..., None])
    colour[..., 1:] *= 1 - redness[..., None]
    # two families of furrows that cross, bent by clouds
    bend = 5 * _clouds(rng, 70)
    furrows = -np.abs(_clouds(rng, 9, stretch=2.2, shift=bend)) - 0.7 * np.abs(_clouds(rng, 7, stretch=0.5, shift=bend))
    relief = 0.22 * furrows + 0.10 * _clouds(rng, 3) + 2.5 * _clouds(rng, 160)
    gloss = np.full((HEIGHT, WIDTH), 0.05, np.float32)
    return _Skin(colour.astype(np.float32), relief.astype(np.float32), gloss)


def _develop(skin: _Skin, rng: np.random.Generator, blur: float = 0.7) -> NDArray[np.uint8]:
    """Light the relief, darken the corners, add the grain of a sensor."""
    down, right = np.gradient(skin.relief)
    length = np.sqrt(1 + down**2 + right**2)
    facing = (0.42 * right + 0.42 * down + 0.80) / length
    shine = skin.gloss * facing.clip(0, 1) ** 24
    vignette = 1.06 - 0.34 * (_distance(WIDTH / 2 - 40, HEIGHT / 2 - 30) / 400) ** 2
    light = (0.35 + 0.81 * facing) * vignette
    pixels = skin.colour * light[..., None] + shine[..., None] * np.array((1.0, 0.98, 0.95), np.float32)
    image = Image.fromarray(_to_bytes(pixels)).filter(ImageFilter.GaussianBlur(blur))
    grain = rng.normal(0, 0.010, (HEIGHT, WIDTH, 1)) + rng.normal(0, 0.005, (HEIGHT, WIDTH, 3))
    return _to_bytes((np.asarray(image) / 255 + grain).astype(np.float32))


def _clouds(rng: np.random.Generator, grain: float, stretch: float = 1.0, shift: Map | None = None) -> Map:
    """Return smooth noise of mean 0 and deviation 1 whose blobs are about ``grain`` pixels large."""
    rows, columns = max(4, int(HEIGHT / grain * stretch)), max(4, int(WIDTH / grain / stretch))
    coarse = Image.fromarray(rng.normal(0, 1, (rows, columns)).astype(np.float32))
    noise = np.asarray(coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    if shift is not None:
        noise = noise[(_Y + shift).astype(int).clip(0, HEIGHT - 1), (_X - shift).astype(int).clip(0, WIDTH - 1)]
    return np.asarray((noise - noise.mean()) / noise.std(), dtype=np.float32)


def _distance(x: float, y: float, aspect: float = 1.0) -> Map:
    """Return each pixel's distance to a point, in pixels; ``aspect`` above 1 makes circles wider than high."""
    return np.asarray(np.hypot((_X - x) / aspect, (_Y - y) * aspect), dtype=np.float32)


def _step(value: Map, zero: float, one: float) -> Map:
    """Rise smoothly from 0 at ``zero`` to 1 at ``one``, which may be the smaller."""
    t = ((value - zero) / (one - zero)).clip(0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def _bell(value: Map, centre: float, width: float) -> Map:
    return np.asarray(np.exp(-(((value - centre) / width) ** 2)), dtype=np.float32)


def _to_bytes(pixels: Map) -> NDArray[np.uint8]:
    return np.asarray(np.rint(255 * pixels.clip(0, 1)), dtype=np.uint8)
