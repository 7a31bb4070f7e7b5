"""How many planted near duplicates are found, and how many pairs are called alike that are not."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from dermnet_core.data.hash_search import HashTable
from dermnet_core.data.near import MINIATURE, near_pairs

SIDE = 224
PHOTOS = 120


def texture(seed: int) -> Image.Image:
    """Noise with the spectrum of natural pictures, in which every part looks different."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    spectrum = np.fft.rfft2(rng.normal(size=(SIDE, SIDE))) / np.maximum(frequency, 1 / SIDE) ** 1.2
    grey = np.fft.irfft2(spectrum, (SIDE, SIDE))
    return Image.fromarray(np.uint8(np.clip(128 + 45 * (grey - grey.mean()) / grey.std(), 0, 255)))


def miniature(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((MINIATURE, MINIATURE), Image.Resampling.BOX))


def encoded(image: Image.Image, quality: int = 80) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream)


def cropped(image: Image.Image, seed: int, smallest: float, largest: float) -> Image.Image:
    rng = np.random.default_rng(seed)
    wide, tall = rng.uniform(smallest, largest, 2) * SIDE
    left, top = rng.uniform(0, SIDE - wide), rng.uniform(0, SIDE - tall)
    return encoded(image.crop((round(left), round(top), round(left + wide), round(top + tall))))


@pytest.fixture(scope="module")
def textures() -> list[Image.Image]:
    return [texture(seed) for seed in range(PHOTOS)]


VARIANTS = {
    "re-encoded at quality 30": (lambda image, seed: encoded(image, 30), "copy", 0.98),
    "half the size": (lambda image, seed: encoded(image.resize((112, 112))), "copy", 0.98),
    "another shape": (lambda image, seed: encoded(image.resize((300, 180))), "copy", 0.98),
    "brighter": (lambda image, seed: encoded(ImageEnhance.Brightness(image).enhance(1.2)), "copy", 0.95),
    "mirrored": (lambda image, seed: encoded(ImageOps.mirror(image)), "mirrored", 0.98),
    "crop of 85 to 93 %": (lambda image, seed: cropped(image, seed, 0.85, 0.93), "crop", 0.85),
    "crop of 75 to 85 %": (lambda image, seed: cropped(image, seed, 0.75, 0.85), "crop", 0.75),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_planted_variants_are_found_and_nothing_else(textures, name):
    vary, kind, share = VARIANTS[name]
    variants = [vary(image, seed) for seed, image in enumerate(textures)]
    pairs = near_pairs(np.stack([miniature(image) for image in [*textures, *variants]]))
    right = [pair for pair in pairs if pair[1] - pair[0] == PHOTOS]
    assert len(right) >= share * PHOTOS, f"found {len(right)} of {PHOTOS}"
    assert [pair for pair in pairs if pair not in right] == []
    kinds = [pair[2] for pair in right]
    assert kinds.count(kind) >= 0.9 * len(kinds)


def test_different_photos_are_not_alike(textures):
    assert near_pairs(np.stack([miniature(image) for image in textures])) == []


def test_a_crop_is_found_whichever_file_comes_first(textures):
    crop = miniature(textures[0].crop((20, 10, 200, 210)))
    whole = miniature(textures[0])
    for photos in ([whole, crop], [crop, whole]):
        [(first, second, kind, similarity)] = near_pairs(np.stack(photos))
        assert (first, second, kind) == (0, 1, "crop")
        assert 0.88 <= similarity <= 1


def test_photos_without_contrast_are_left_out():
    assert near_pairs(np.full((5, MINIATURE, MINIATURE), 90, np.uint8)) == []


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_photos_have_no_pairs(count):
    assert near_pairs(np.zeros((count, MINIATURE, MINIATURE), np.uint8)) == []


def test_threads_do_not_change_the_result(textures):
    photos = [miniature(image) for image in textures]
    photos += [miniature(encoded(image, 40)) for image in textures]
    told = []
    one = near_pairs(np.stack(photos), processes=1, progress=lambda done, total: told.append((done, total)))
    assert one == near_pairs(np.stack(photos), processes=3)
    assert told[-1] == (len(photos), len(photos))


def test_hundreds_of_variants_of_one_picture_are_one_group(textures):
    rng = np.random.default_rng(0)
    base = miniature(textures[0]).astype(int)
    photos = np.stack([np.clip(base + rng.integers(-3, 4, base.shape), 0, 255) for _ in range(300)]).astype(np.uint8)
    pairs = near_pairs(photos)
    group = {0}
    for first, second, *_ in sorted(pairs):
        if first in group or second in group:
            group |= {first, second}
    assert len(group) == 300


def test_hash_table_finds_what_differs_in_doubtful_bits():
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 1 << 63, 5000, dtype=np.uint64)
    table = HashTable.build(codes)
    doubt = np.ones((len(codes), 63), np.float32)
    doubt[:, [1, 4, 9, 15]] = 0.1
    changed = codes ^ np.uint64((1 << 1) | (1 << 9) | (1 << 40))  # two doubtful bits of the key, one outside of it
    query, found = table.query(changed, doubt, 3)
    assert (query == found).all()
    assert len(query) == len(codes)
    query, _ = table.query(codes ^ np.uint64(1 << 2), doubt, 3)  # a bit of the key that nobody doubts
    assert len(query) == 0
    query, _ = table.query(changed, doubt, 2)  # too far away
    assert len(query) == 0
