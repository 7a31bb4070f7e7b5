"""Overlays show heat where it is, the photo where it is not, in colours whose lightness rises evenly."""

import numpy as np
import pytest

from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.explain.overlay import colour_bar, difference_overlay, overlay

BLUE, ORANGE = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)


def hot_at(row: int, column: int) -> Heatmap:
    values = np.zeros((7, 9), dtype=np.float32)
    values[row, column] = 1.0
    return Heatmap(values)


def lightness(colours):
    """Return the CIE lightness, 0..100, of sRGB colours."""
    linear = np.where(colours > 0.04045 * 255, ((colours / 255 + 0.055) / 1.055) ** 2.4, colours / 255 / 12.92)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    return np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)


def test_cold_areas_and_opacity_zero_show_the_photo(photo) -> None:
    drawn = overlay(photo, hot_at(0, 0), 1.0)
    assert drawn.shape == photo.shape
    assert drawn.dtype == np.uint8
    np.testing.assert_array_equal(drawn[30:], photo[30:])
    assert (drawn[:5, :5] != photo[:5, :5]).any()
    np.testing.assert_array_equal(overlay(photo, hot_at(0, 0), 0.0), photo)


def test_heat_lies_at_its_place_in_the_photo_in_the_colour_of_the_bar(photo) -> None:
    drawn = overlay(photo, hot_at(6, 8), 1.0)
    np.testing.assert_array_equal(drawn[-1, -1], colour_bar()[0, -1])
    np.testing.assert_array_equal(drawn[:50, :70], photo[:50, :70])


def test_opacity_mixes_photo_and_colour(photo) -> None:
    hot = Heatmap(np.ones((7, 9), dtype=np.float32))
    wanted = 0.6 * photo + 0.4 * colour_bar()[0, -1]
    np.testing.assert_allclose(overlay(photo, hot, 0.4), wanted, atol=1.5)


def test_the_photo_shows_through_more_the_colder_the_place(photo) -> None:
    quarter = Heatmap(np.full((7, 9), 0.25, dtype=np.float32))
    wanted = 0.7 * photo + 0.3 * colour_bar()[0, 64]
    np.testing.assert_allclose(overlay(photo, quarter, 0.6), wanted, atol=1.5)


def test_the_photo_itself_stays_as_it_was(photo) -> None:
    before = photo.copy()
    overlay(photo, hot_at(3, 4), 0.7)
    difference_overlay(photo, hot_at(3, 4), hot_at(0, 0), 0.7)
    np.testing.assert_array_equal(photo, before)


def test_difference_is_blue_for_the_first_orange_for_the_second_plain_where_equal(photo) -> None:
    drawn = difference_overlay(photo, hot_at(0, 0), hot_at(6, 8), 1.0)
    assert tuple(drawn[0, 0]) == BLUE
    assert tuple(drawn[-1, -1]) == ORANGE
    np.testing.assert_array_equal(drawn[35, 45], photo[35, 45])
    np.testing.assert_array_equal(difference_overlay(photo, hot_at(2, 2), hot_at(2, 2), 1.0), photo)


def test_difference_takes_maps_of_two_networks_with_different_grids(photo) -> None:
    small, large = (Heatmap(np.ones((size, size), dtype=np.float32)) for size in (5, 10))
    np.testing.assert_array_equal(difference_overlay(photo, small, large, 1.0), photo)


def test_colour_bar_rises_evenly_in_lightness() -> None:
    bar = colour_bar(width=64, height=3)
    assert bar.shape == (3, 64, 3)
    assert bar.dtype == np.uint8
    steps = np.diff(lightness(bar[0].astype(float)))
    assert (steps > 0).all()
    assert steps.std() < 0.35 * steps.mean()
    np.testing.assert_array_equal(bar[0], bar[2])


@pytest.mark.parametrize(
    ("shape", "dtype", "opacity", "message"),
    [
        ((8, 8), np.uint8, 0.5, "Convert it to RGB"),
        ((8, 8, 4), np.uint8, 0.5, "Convert it to RGB"),
        ((8, 8, 3), np.float32, 0.5, "Convert it to RGB"),
        ((8, 8, 3), np.uint8, 50, "Divide percent"),
        ((8, 8, 3), np.uint8, float("nan"), "Divide percent"),
    ],
)
def test_wrong_pictures_and_percentages_are_refused(shape, dtype, opacity, message) -> None:
    with pytest.raises(ValueError, match=message):
        overlay(np.zeros(shape, dtype=dtype), hot_at(0, 0), opacity)
    with pytest.raises(ValueError, match=message):
        difference_overlay(np.zeros(shape, dtype=dtype), hot_at(0, 0), hot_at(1, 1), opacity)
