"""The benchmark of the source shortcut changes what it says it changes."""

import numpy as np
import pytest

from benchmarks.source_shortcut import BANDS, SIDE, spectrum, with_gain


@pytest.fixture
def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(100, 156, (SIDE, SIDE, 3)).astype(np.uint8)


def test_no_gain_changes_nothing(photo: np.ndarray):
    assert np.array_equal(with_gain(photo, np.zeros(BANDS)), photo)


def test_a_gain_changes_its_band_and_leaves_the_mean_colour(photo: np.ndarray):
    gain = np.zeros(BANDS)
    gain[20:30] = 0.5
    changed = with_gain(photo, gain)
    difference = spectrum(changed) - spectrum(photo)
    assert difference[22:28] == pytest.approx(0.5, abs=0.05)
    assert difference[5:15] == pytest.approx(0.0, abs=0.05)
    assert changed.mean(axis=(0, 1)) == pytest.approx(photo.mean(axis=(0, 1)), abs=0.2)
