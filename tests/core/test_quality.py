from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.quality import assess
from dermnet_core.paths import ROOT

SHARED = ROOT.parent / "shared"


def photo(width=300, height=200, mean=120.0, deviation=30.0):
    """Return a sharp photo of grains that are coarse enough to survive the reduction that `assess` makes."""
    grain = np.random.default_rng(0).normal(0, 1, (50, 50))
    grain = np.asarray(Image.fromarray(grain).resize((width, height), Image.Resampling.NEAREST))
    grain = (grain - grain.mean()) / grain.std()
    rgb = np.rint((mean + deviation * grain).clip(0, 255)).astype(np.uint8)
    return np.repeat(rgb[..., None], 3, axis=2)


def blurred(rgb, share):
    return np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(share * min(rgb.shape[:2]))))


def test_a_good_photo_has_no_warnings():
    quality = assess(photo())
    assert quality.warnings == ()
    assert (quality.width, quality.height) == (300, 200)
    assert quality.brightness == pytest.approx(120, abs=2)
    assert quality.contrast > 15
    assert quality.sharpness > 16


@pytest.mark.parametrize(
    ("rgb", "warning"),
    [
        (photo(mean=25, deviation=18), "The photo is dark."),
        (photo(mean=205, deviation=18), "The photo is overexposed."),
        (photo(deviation=5), "The photo has little contrast."),
        (photo(90, 60), "The photo is very small (90 × 60 px)."),
        (photo(400, 111), "The photo is very small (400 × 111 px)."),
    ],
)
def test_one_defect_gives_one_warning(rgb, warning):
    assert assess(rgb).warnings == (warning,)


def test_a_blurred_photo_is_called_blurred():
    assert "The photo is blurred." in assess(blurred(photo(), 0.04)).warnings


def test_a_burnt_out_part_is_told_from_an_overexposed_photo():
    rgb = photo(mean=100)
    rgb[:40] = 255
    assert assess(rgb).warnings == ("A large part of the photo is pure white.",)


@pytest.mark.parametrize("value", [0, 255])
def test_uniform_pixels_are_no_problem(value):
    quality = assess(np.full((16, 2000, 3), value, np.uint8))
    assert (quality.sharpness, quality.contrast) == (0, 0)
    assert len(quality.warnings) == 4


def _photos(folder, count):
    paths = sorted((SHARED / folder).rglob("*.jpg"))
    if not paths:
        pytest.skip(f"no photos in {SHARED / folder}: the limits cannot be checked against the atlas")
    return [read_photo_file(Path(path)).rgb for path in paths[:: max(1, len(paths) // count)]]


def test_originals_and_their_copies_agree_and_blur_is_found():
    for rgb in _photos("originals", 30):
        original, copy = assess(rgb), assess(squash(rgb, 224))
        assert copy.sharpness == pytest.approx(original.sharpness, rel=0.4)
        assert copy.brightness == pytest.approx(original.brightness, abs=0.5)
        assert copy.contrast == pytest.approx(original.contrast, rel=0.05)
        assert "The photo is blurred." not in original.warnings
        assert "The photo is blurred." in assess(blurred(rgb, 0.04)).warnings


def test_few_photos_of_the_atlas_are_warned_about():
    warnings = [warning for rgb in _photos("dermnet/train", 400) for warning in assess(rgb).warnings]
    assert 1 <= len(warnings) <= 32  # of 400 and about four kinds
