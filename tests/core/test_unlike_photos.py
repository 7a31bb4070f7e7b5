"""The pictures without skin that scores are compared on."""

import numpy as np
import pytest

from benchmarks.unlike_photos import auroc, make_pictures


def test_pictures_are_the_same_every_time_and_differ_within_a_kind():
    pictures, again = (make_pictures(np.random.default_rng(3), each=8) for _ in range(2))
    for kind, shown in pictures.items():
        assert len(shown) == 8
        assert all(picture.dtype == np.uint8 and picture.shape[2] == 3 for picture in shown), kind
        assert all(np.array_equal(first, second) for first, second in zip(shown, again[kind], strict=True)), kind
        assert len({picture.tobytes() for picture in shown}) > 4, kind


def test_auroc_counts_pairs_in_the_right_order():
    assert auroc(np.array([0.1, 0.2]), np.array([0.3, 0.15])) == pytest.approx(0.75)
