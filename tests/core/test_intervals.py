"""Intervals against SciPy, against what they claim to cover, and against the clock."""

import numpy as np
import pytest
from scipy.stats import binomtest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.intervals import Interval, bootstrap, class_intervals, resampled_sums, wilson
from dermnet_core.evaluation.metrics import HEADLINE, HIGHEST, figures
from dermnet_core.evaluation.predictions import Predictions


def calibrated(n: int, classes: int, seed: int, sharpness: float = 1.0) -> Predictions:
    """Draw each label from its own scores, then sharpen them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, classes))
    labels = (logits + rng.gumbel(size=(n, classes))).argmax(axis=1)
    return Predictions(
        tuple(map(str, range(n))), labels, softmax(logits * sharpness), tuple(f"class {i}" for i in range(classes))
    )


@pytest.mark.parametrize(("hits", "n"), [(0, 2), (2, 2), (1, 1), (7, 20), (40, 312)])
def test_wilson_agrees_with_scipy(hits: int, n: int) -> None:
    wanted = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert (wilson(hits, n).low, wilson(hits, n).high) == pytest.approx((wanted.low, wanted.high))


def test_nothing_seen_means_nothing_known() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)


def test_class_intervals_surround_the_figures_also_of_thin_and_empty_classes() -> None:
    predictions = calibrated(60, 23, 0)
    for entry, around in zip(figures(predictions).per_class, class_intervals(predictions), strict=True):
        for value, interval in (
            (entry.recall, around.recall),
            (entry.f1, around.f1),
            (entry.precision, around.precision),
        ):
            assert 0.0 <= interval.low <= value <= interval.high <= 1.0
            assert interval.high - interval.low > 0.1


def test_bootstrap_of_top1_agrees_with_the_binomial_interval() -> None:
    predictions = calibrated(2000, 23, 1)
    found, hits = bootstrap(predictions)["top1"], int((predictions.rank == 0).sum())
    wanted = wilson(hits, 2000)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=0.003)


@pytest.mark.parametrize("sharpness", [1.0, 2.0])
def test_bootstrap_surrounds_every_figure(sharpness: float) -> None:
    predictions = calibrated(300, 23, 2, sharpness)
    found, values = bootstrap(predictions), figures(predictions)
    assert set(found) == set(HEADLINE)
    for name, interval in found.items():
        assert 0.0 <= interval.low <= getattr(values, name) <= interval.high <= HIGHEST.get(name, 1.0)


def test_a_brier_score_above_one_lies_inside_its_interval() -> None:
    labels = np.arange(60) % 3
    scores = softmax(8.0 * np.eye(3)[(labels + (np.arange(60) < 50)) % 3])
    predictions = Predictions(tuple(map(str, range(60))), labels, scores, ("a", "b", "c"))
    brier, found = figures(predictions).brier, bootstrap(predictions)["brier"]
    assert 1.0 < found.low < brier < found.high < 2.0


def in_clones(predictions: Predictions, times: int) -> tuple[Predictions, np.ndarray]:
    """Repeat each photo, as if a patient had been photographed several times in the same way."""
    kept = np.repeat(np.arange(len(predictions)), times)
    files = tuple(f"{i}" for i in range(len(kept)))
    repeated = Predictions(files, predictions.labels[kept], predictions.scores[kept], predictions.classes)
    return repeated, np.random.default_rng(0).permutation(len(predictions))[kept]


def test_drawing_groups_sees_through_repeated_photos() -> None:
    predictions = calibrated(200, 5, 6)
    repeated, groups = in_clones(predictions, 4)
    once, fooled, found = bootstrap(predictions), bootstrap(repeated), bootstrap(repeated, groups=groups)
    for name in ("top1", "top3", "brier", "weighted_f1"):
        widths = [entry[name].high - entry[name].low for entry in (once, fooled, found)]
        assert widths[1] == pytest.approx(widths[0] / 2.0, rel=0.2)
        assert widths[2] == pytest.approx(widths[0], rel=0.2)


def test_groups_of_one_photo_each_change_nothing() -> None:
    predictions = calibrated(120, 5, 7)
    assert bootstrap(predictions, groups=np.arange(120)) == bootstrap(predictions)


def test_all_photos_in_one_group_leave_nothing_to_draw() -> None:
    found = bootstrap(calibrated(50, 5, 8), groups=np.zeros(50, dtype=np.int64))
    assert all(interval.low == pytest.approx(interval.high, abs=1e-6) for interval in found.values())


def test_groups_of_other_photos_are_refused() -> None:
    with pytest.raises(ArtifactError, match="each of 50 photos"):
        bootstrap(calibrated(50, 5, 8), groups=np.zeros(49, dtype=np.int64))


def test_sums_of_draws_count_photos_exactly() -> None:
    rows = np.column_stack([np.ones(5000), np.arange(5000) == 7])
    sums = resampled_sums(rows, 150)
    assert sums.shape == (150, 2)
    assert (sums[:, 0] == 5000).all()
    assert (sums == sums.round()).all()
    assert sums[:, 1].mean() == pytest.approx(1.0, abs=0.3)


def test_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    population = figures(calibrated(200_000, 5, 3, sharpness=2.0))
    covered = dict.fromkeys(HEADLINE, 0)
    for seed in range(40):
        for name, interval in bootstrap(calibrated(400, 5, 100 + seed, sharpness=2.0), 300, seed).items():
            covered[name] += interval.low <= getattr(population, name) <= interval.high
    assert min(covered.values()) >= 33, covered


def test_bootstrap_repeats_with_its_seed_and_holds_one_photo() -> None:
    predictions = calibrated(100, 5, 4)
    assert bootstrap(predictions, 50, seed=1) == bootstrap(predictions, 50, seed=1)
    assert bootstrap(predictions, 50, seed=1) != bootstrap(predictions, 50, seed=2)
    one = bootstrap(predictions.select(np.arange(100) == 0), 50)["top1"]
    assert one.low == one.high
