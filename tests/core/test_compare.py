"""Paired comparison against SciPy, against what it claims to cover, and the sentence that it ends in."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import binomtest

from dermnet_core import i18n
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.compare import Comparison, Difference, common, compare, mcnemar, verdict
from dermnet_core.evaluation.intervals import Interval, bootstrap
from dermnet_core.evaluation.metrics import HEADLINE, figures
from dermnet_core.evaluation.predictions import Predictions

CLASSES = ("Acne", "Eczema", "Warts")


def answers(labels, right, seed: int = 0) -> Predictions:
    """Return answers that are right where ``right`` says so, with scores from 0.5 to 0.9."""
    rng = np.random.default_rng(seed)
    labels, sure = np.asarray(labels), rng.uniform(0.5, 0.9, len(labels))
    top = np.where(right, labels, (labels + 1) % 3)
    scores = np.where(np.arange(3) == top[:, None], sure[:, None], (1.0 - sure[:, None]) / 2.0)
    return Predictions(tuple(f"{i}.jpg" for i in range(len(labels))), labels, scores, CLASSES)


def pair(n: int, first: float, second: float, seed: int = 0, hard: float = 0.5) -> tuple[Predictions, Predictions]:
    """Draw two models that are right on about these shares; ``hard`` of the photos are decided for both alike."""
    rng = np.random.default_rng(seed)
    labels, own, shared = rng.integers(0, 3, n), rng.random((2, n)), rng.random(n)
    luck = np.where(rng.random(n) < hard, shared, own)
    return answers(labels, luck[0] < first, seed), answers(labels, luck[1] < second, seed + 1)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (0, 6), (3, 3), (2, 9), (40, 61), (500, 431), (0, 2000)])
def test_mcnemar_agrees_with_scipy(first: int, second: int) -> None:
    wanted = binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(wanted, rel=1e-9)
    assert mcnemar(second, first) == mcnemar(first, second)


def test_photos_are_counted_by_who_is_right() -> None:
    right = np.array([[1, 1, 1, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 0]], dtype=bool)
    found = compare(*(answers(np.arange(8) % 3, row) for row in right))
    assert (found.n, found.both, found.only_first, found.only_second, found.neither) == (8, 1, 2, 1, 4)
    assert found.p_value == 1.0


def test_differences_are_second_minus_first_inside_their_intervals() -> None:
    first, second = pair(400, 0.4, 0.6)
    found, old, new = compare(first, second).differences, figures(first), figures(second)
    assert tuple(found) == HEADLINE
    for name, difference in found.items():
        assert difference.value == pytest.approx(getattr(new, name) - getattr(old, name))
        assert difference.interval.low <= difference.value <= difference.interval.high
    assert found["top1"].interval.low > 0.0 > found["brier"].interval.high


def test_turning_the_models_round_turns_the_signs() -> None:
    first, second = pair(200, 0.4, 0.5)
    found, turned = compare(first, second), compare(second, first)
    assert turned.p_value == found.p_value
    for name in HEADLINE:
        low, high = turned.differences[name].interval.low, turned.differences[name].interval.high
        interval = found.differences[name].interval
        assert (-high, -low) == pytest.approx((interval.low, interval.high))


def test_a_model_never_differs_from_itself() -> None:
    first, _ = pair(100, 0.4, 0.5)
    found = compare(first, first)
    assert found.p_value == 1.0
    assert all(difference == Difference(0.0, Interval(0.0, 0.0)) for difference in found.differences.values())


def test_what_is_hard_for_both_cancels_out() -> None:
    first, second = pair(500, 0.45, 0.55, hard=0.9)
    interval, alone = compare(first, second).differences["top1"].interval, bootstrap(second)["top1"]
    assert interval.high - interval.low < alone.high - alone.low


def test_the_interval_of_a_difference_covers_the_truth_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        interval = compare(*pair(150, 0.45, 0.55, seed=seed)).differences["top1"].interval
        covered += interval.low <= 0.1 <= interval.high
    assert covered >= 52, covered


def test_drawing_groups_widens_the_interval_where_photos_repeat() -> None:
    first, second = pair(150, 0.4, 0.6)
    kept = np.repeat(np.arange(150), 4)
    files = tuple(map(str, range(600)))
    many = [Predictions(files, side.labels[kept], side.scores[kept], CLASSES) for side in (first, second)]
    photos, groups = (
        compare(*many).differences["top1"].interval,
        compare(*many, groups=kept).differences["top1"].interval,
    )
    assert groups.high - groups.low == pytest.approx(2.0 * (photos.high - photos.low), rel=0.2)


def test_only_photos_that_both_hold_are_compared() -> None:
    first, second = pair(6, 0.5, 0.5)
    turned = Predictions(second.files[::-1], second.labels[::-1], second.scores[::-1], CLASSES)
    fewer = turned.select(np.array([True, True, False, True, True, True]))
    found = common(first, fewer)
    assert found[0].files == found[1].files == ("0.jpg", "1.jpg", "2.jpg", "4.jpg", "5.jpg")
    np.testing.assert_array_equal(found[1].scores, second.scores[[0, 1, 2, 4, 5]])
    np.testing.assert_array_equal(found[0].labels, found[1].labels)


def test_evaluations_that_do_not_fit_are_refused_with_what_differs() -> None:
    first, second = pair(6, 0.5, 0.5)
    renamed = dataclasses.replace(second, classes=("Acne", "Eczema", "Vitiligo"))
    relabelled = dataclasses.replace(second, labels=(second.labels + (np.arange(6) == 4)) % 3)
    elsewhere = dataclasses.replace(second, files=tuple("abcdef"))
    turned = dataclasses.replace(second, files=second.files[::-1])
    for other, message in (
        (renamed, "Vitiligo, Warts in one of them alone"),
        (dataclasses.replace(second, classes=CLASSES[::-1]), "the same classes .* another order"),
        (relabelled, r"two for 1, first 4\.jpg"),
        (second.select(np.arange(6) > 1), "2 that only one of them holds"),
        (turned, "the same photos .* another order"),
    ):
        with pytest.raises(ArtifactError, match=message):
            compare(first, other)
    for other, message in ((renamed, "Vitiligo"), (relabelled, "two for 1"), (elsewhere, "no file in common")):
        with pytest.raises(ArtifactError, match=message):
            common(first, other)


def made(only_first: int, only_second: int, low: float, high: float, n: int = 1782) -> Comparison:
    difference = Difference((only_second - only_first) / n, Interval(low, high))
    p = mcnemar(only_first, only_second)
    return Comparison(n, 500, only_first, only_second, n - 500 - only_first - only_second, p, {"top1": difference})


@pytest.mark.parametrize(
    ("comparison", "sentence"),
    [
        (
            made(200, 448, 0.114, 0.163),
            "MobileNetV2 is right on 13.9 more of 100 photos than CNN (95 % interval 11.4 to 16.3; n = 1,782); "
            "luck alone would hardly do this (McNemar p < 0.001).",
        ),
        (
            made(448, 200, -0.163, -0.114),
            "CNN is right on 13.9 more of 100 photos than MobileNetV2 (95 % interval 11.4 to 16.3; n = 1,782); "
            "luck alone would hardly do this (McNemar p < 0.001).",
        ),
        (
            made(200, 214, -0.014, 0.031),
            "MobileNetV2 is right on 0.8 more of 100 photos than CNN (95 % interval −1.4 to 3.1; n = 1,782); "
            "this may be luck (McNemar p = 0.52).",
        ),
        (
            made(0, 5, 0.01, 0.09, n=600),
            "MobileNetV2 is right on 0.8 more of 100 photos than CNN (95 % interval 1.0 to 9.0; n = 600); "
            "this may be luck (McNemar p = 0.062).",
        ),
        (
            made(30, 30, -0.0004, 0.011),
            "CNN and MobileNetV2 are right equally often (95 % interval of the difference 0.0 to 1.1 of 100 photos; "
            "n = 1,782).",
        ),
        (
            made(30, 31, -0.004, 0.004, n=4002),
            "CNN and MobileNetV2 are right about equally often (95 % interval of the difference −0.4 to 0.4 of 100 "
            "photos; n = 4,002).",
        ),
        (made(0, 0, 0.0, 0.0), "CNN and MobileNetV2 are right on exactly the same photos (n = 1,782)."),
    ],
)
def test_the_verdict_says_what_was_found_and_whether_it_may_be_luck(comparison: Comparison, sentence: str) -> None:
    assert verdict(comparison, "CNN", "MobileNetV2") == sentence


def test_the_verdict_speaks_the_visitors_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    found = verdict(made(200, 448, 0.114, 0.163), "CNN", "MobileNetV2")
    for part in ("CNN ile karşılaştırıldığında MobileNetV2", "13,9", "11,4 ile 16,3", "n = 1.782", "p < 0,001"):
        assert part in found
