"""Two models on the same photos: on how many is each right, and can the difference be luck?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.intervals import Interval, percentiles, resampled_sums
from dermnet_core.evaluation.metrics import HEADLINE, HIGHEST, rates, summands
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.i18n import N_, _, count, decimal

LUCK = 0.05
"""p value from which on a difference is called luck."""

_EQUALLY = N_(
    "{first} and {second} are right equally often (95 % interval of the difference {low} to {high} of 100 photos; "
    "n = {n})."
)
_ABOUT_EQUALLY = N_(
    "{first} and {second} are right about equally often (95 % interval of the difference {low} to {high} of 100 "
    "photos; n = {n})."
)
_LUCK = N_(
    "{better} is right on {value} more of 100 photos than {other} (95 % interval {low} to {high}; n = {n}); this may "
    "be luck (McNemar {p})."
)
_NO_LUCK = N_(
    "{better} is right on {value} more of 100 photos than {other} (95 % interval {low} to {high}; n = {n}); luck alone "
    "would hardly do this (McNemar {p})."
)


@dataclass(frozen=True)
class Difference:
    """A figure of the second model minus that of the first, with its 95 % interval."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Comparison:
    """Two models on the same n photos, counted by whose first answer is right."""

    n: int
    both: int
    only_first: int
    only_second: int
    neither: int
    p_value: float
    """How often luck alone parts the photos on which just one is right this unevenly, if neither is better."""
    differences: Mapping[str, Difference]
    """Keys as in ``metrics.HEADLINE``; second minus first."""


def compare(first: Predictions, second: Predictions, groups: NDArray[np.int64] | None = None) -> Comparison:
    """Compare two models photo by photo.

    The p value is that of McNemar's exact two-sided test (McNemar, 1947). The intervals come from a paired bootstrap:
    each draw takes the same photos for both models, so what makes photos hard for both cancels out.

    Args:
        first: answers of one model.
        second: answers of the other to the same photos in the same order.
        groups: (n,) group of each photo: whole groups are drawn, as in ``intervals.bootstrap``. The p value knows
            photos only.

    Raises:
        ArtifactError: classes, photos or labels differ, or ``groups`` does not fit the photos.
    """
    expect_same(first, second)
    right, also = first.top == first.labels, second.top == second.labels
    only_first, only_second = int((right & ~also).sum()), int((also & ~right).sum())
    return Comparison(
        n=len(first),
        both=int((right & also).sum()),
        only_first=only_first,
        only_second=only_second,
        neither=int((~right & ~also).sum()),
        p_value=mcnemar(only_first, only_second),
        differences=_differences(first, second, groups),
    )


def common(first: Predictions, second: Predictions) -> tuple[Predictions, Predictions]:
    """Return both models' answers to the photos that both hold, in the order of the first.

    Raises:
        ArtifactError: classes differ, no photo is shared, or a shared photo has two labels.
    """
    _expect_classes(first, second)
    places = {file: i for i, file in enumerate(second.files)}
    kept = [i for i, file in enumerate(first.files) if file in places]
    if not kept:
        raise ArtifactError(
            f"Expected two evaluations of the same photos, found no file in common, {first.files[0]} and "
            f"{second.files[0]} among them. Evaluate both models on one folder."
        )
    also = [places[first.files[i]] for i in kept]
    pair = _take(first, kept), _take(second, also)
    expect_same(*pair)
    return pair


def expect_same(first: Predictions, second: Predictions) -> None:
    """Check that two models answered the same photos.

    Raises:
        ArtifactError: classes, photos, their order or their labels differ.
    """
    _expect_classes(first, second)
    if first.files != second.files:
        lacking = len(set(first.files) ^ set(second.files))
        found = f"{lacking} that only one of them holds" if lacking else "another order"
        raise ArtifactError(
            f"Expected the same photos in both evaluations, found {found}. "
            "Evaluate both models on one folder, or compare the photos that both hold."
        )
    other = np.flatnonzero(first.labels != second.labels)
    if len(other):
        raise ArtifactError(
            f"Expected the same label for each photo, found two for {len(other)}, first {first.files[other[0]]}. "
            "Evaluate both models on one folder."
        )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p value: that of a fair coin that falls this unevenly (McNemar, 1947).

    Args:
        only_first: photos on which only the first model is right.
        only_second: photos on which only the second is right.
    """
    n, term, total = only_first + only_second, 1, 0
    for k in range(min(only_first, only_second) + 1):
        total += term
        term = term * (n - k) // (k + 1)
    return min(1.0, 2 * total / (1 << n))


def verdict(comparison: Comparison, first_name: str, second_name: str) -> str:
    """Return one sentence that says which model is right more often and whether that may be luck."""
    difference = comparison.differences["top1"]
    value, low, high = (100.0 * x for x in (difference.value, difference.interval.low, difference.interval.high))
    n = count(comparison.n)
    if comparison.only_first == comparison.only_second == 0:
        return _("{first} and {second} are right on exactly the same photos (n = {n}).").format(
            first=first_name, second=second_name, n=n
        )
    if abs(value) < 0.05:  # 0.0 with one decimal
        often = _(_EQUALLY if value == 0.0 else _ABOUT_EQUALLY)
        return often.format(first=first_name, second=second_name, low=_signed(low), high=_signed(high), n=n)
    if value < 0:
        first_name, second_name, value, low, high = second_name, first_name, -value, -high, -low
    more = _(_LUCK if comparison.p_value >= LUCK or low <= 0.0 else _NO_LUCK)
    return more.format(
        better=second_name, other=first_name, value=decimal(value), low=_signed(low), high=_signed(high), n=n,
        p=_p(comparison.p_value),
    )  # fmt: skip


def _differences(first: Predictions, second: Predictions, groups: NDArray[np.int64] | None) -> dict[str, Difference]:
    rows, c = (summands(first), summands(second)), len(first.classes)
    old, new = (rates(entry.sum(axis=0), c) for entry in rows)
    olds, news = (rates(resampled_sums(entry, groups=groups), c) for entry in rows)  # one seed: the same draws
    found = {}
    for name in HEADLINE:
        value, highest = float(new[name] - old[name]), HIGHEST.get(name, 1.0)
        found[name] = Difference(value, percentiles(news[name] - olds[name], value, (-highest, highest)))
    return found


def _take(predictions: Predictions, places: list[int]) -> Predictions:
    files = tuple(predictions.files[i] for i in places)
    return Predictions(files, predictions.labels[places], predictions.scores[places], predictions.classes)


def _expect_classes(first: Predictions, second: Predictions) -> None:
    if first.classes != second.classes:
        lacking = sorted(set(first.classes) ^ set(second.classes))
        found = f"{', '.join(lacking)} in one of them alone" if lacking else "another order"
        raise ArtifactError(
            f"Expected the same classes in both evaluations, found {found}. Choose models that were trained on the "
            "same classes."
        )


def _signed(value: float) -> str:
    return decimal(round(value, 1) + 0.0).replace("-", "−")  # 0.0 turns a minus before zero into none


def _p(value: float) -> str:
    return f"p < {decimal(0.001, 3)}" if value < 0.001 else f"p = {decimal(value, 3 if value < 0.1 else 2)}"
