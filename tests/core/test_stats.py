import numpy as np
import pytest

from dermnet_core.data.stats import PROPERTIES, distributions, outliers, series_counts
from tests.core.facts_rows import facts


def photos(values, split="train"):
    return [facts("/".join((split, "a", f"x-{n}.jpg")), brightness=float(value)) for n, value in enumerate(values)]


def test_histogram_counts_every_photo_of_each_split():
    rows = photos(np.random.default_rng(0).normal(120, 20, 500)) + photos(range(100, 140), "test")
    for key, spread in distributions(rows).items():
        assert {split: sum(counts) for split, counts in spread.counts.items()} == {"train": 500, "test": 40}, key
        assert len(spread.edges) == len(spread.counts["train"]) + 1
        assert list(spread.edges) == sorted(spread.edges)


def test_quantiles_and_bins_follow_the_values():
    spread = distributions(photos(range(101)))["brightness"]
    assert spread.quantiles == (0, 5, 25, 50, 75, 95, 100)
    assert spread.edges[0] == pytest.approx(0.5)
    assert spread.edges[-1] == pytest.approx(99.5)


def test_one_value_and_no_photos():
    spread = distributions(photos([7, 7, 7]))["brightness"]
    assert spread.counts == {"train": (3,)}
    assert distributions([]) == {}
    assert outliers([], "brightness") == ([], [])


def test_outliers_at_both_ends_the_farthest_first():
    rows = photos([*np.random.default_rng(1).normal(120, 5, 200), 250, 255, 3])
    low, high = outliers(rows, "brightness")
    assert [round(photo.brightness) for photo in low] == [3]
    assert [round(photo.brightness) for photo in high] == [255, 250]


def test_nothing_sticks_out_of_even_values():
    assert outliers(photos(range(100, 150)), "brightness") == ([], [])
    assert outliers(photos([5] * 20), "brightness") == ([], [])


def test_a_few_other_values_among_equal_ones_stick_out():
    low, high = outliers(photos([100] * 99 + [200]), "brightness")
    assert (len(low), len(high)) == (0, 1)


def test_properties_are_read_from_the_facts():
    photo = facts("train/a/x-1.jpg", red=200.0, green=100.0, blue=50.0, skin=0.25, width=300, height=200, bytes=12_500)
    expected = {"redness": 125, "blueness": -100, "skin": 25, "aspect": 1.5, "kilobytes": 12.5, "width": 300}
    assert {key: PROPERTIES[key].value(photo) for key in expected} == expected


def test_series_of_the_file_names_are_counted_by_class():
    rows = [facts(f"train/{name}.jpg") for name in ("b/acne-cystic-1", "b/acne-cystic-2", "b/acne-open-1", "a/07Wart2")]
    assert series_counts(rows) == {"a": {"07wart": 1}, "b": {"acne-cystic": 2, "acne-open": 1}}
