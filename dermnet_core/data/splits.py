"""Cut validation from train without letting copies or neighbours cross."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

import numpy as np

from dermnet_core.data.facts import NearPair
from dermnet_core.data.scan import ImageRecord, series_of
from dermnet_core.errors import DatasetError
from dermnet_core.i18n import N_


def groups(records: Sequence[ImageRecord], near: Iterable[NearPair] = ()) -> list[int]:
    """Return a group number for each photo: byte copies and neighbours in a number series share one.

    Neighbours are photos of one sub-diagnosis with consecutive numbers, which often show one patient; photos without a
    number are grouped by the rest of their name. Near duplicates share one too, where they are given.
    """
    parent = list(range(len(records)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for first, second in chain(_links(records), _near_links(records, near)):
        parent[root(second)] = root(first)
    return [root(item) for item in range(len(records))]


def validation_split(
    records: Sequence[ImageRecord],
    fraction: float,
    seed: int,
    near: Iterable[NearPair] = (),
    *,
    returned: float = 0.0,
) -> tuple[list[ImageRecord], list[ImageRecord]]:
    """Return (train, validation), stratified by class as far as groups allow, reproducible for a seed.

    ``returned`` gives about that share of the validation photos back to train, as near as a number of equal folds
    comes: what stays is a part of the same cut.

    Raises:
        DatasetError: there are fewer groups than folds.
    """
    # No more folds than photos in the largest class: a folder of a few photos gives a larger share to validation.
    largest = max(Counter(record.label for record in records).values(), default=0)
    folds = max(2, min(round(1 / fraction), largest))
    group = groups(records, near)
    if min(len(set(group)), largest) < folds:
        raise DatasetError(
            N_("Expected at least {n} independent photos to cut validation from, found {found}. Add photos.").format(
                n=folds, found=len(set(group))
            )
        )
    from sklearn.model_selection import StratifiedGroupKFold  # a second to import, which a scan can do without

    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    labels = [record.label for record in records]
    with warnings.catch_warnings():
        # Classes thinner than the number of folds cannot be stratified; the model card states how thin each class is.
        warnings.filterwarnings("ignore", message="The least populated class")
        train, validation = next(splitter.split(np.zeros(len(labels)), labels, group))
    known, unseen = [records[i] for i in train], [records[i] for i in validation]
    if not returned:
        return known, unseen
    back, kept = validation_split(unseen, 1.0 - returned, seed, near)
    return known + back, kept


def clean_mask(test: Sequence[ImageRecord], train: Iterable[ImageRecord]) -> list[bool]:
    """Return for each test photo whether it is no byte copy of a train photo."""
    known = {record.sha256 for record in train}
    return [record.sha256 not in known for record in test]


def blocked_mask(
    test: Sequence[ImageRecord], train: Sequence[ImageRecord], near: Iterable[NearPair] = ()
) -> list[bool]:
    """Return for each test photo whether train holds no copy, no near duplicate and no neighbour of it.

    A neighbour is what `groups` calls one: the same series of the same class with a number one more or less, or the
    same name without a number. What is linked only through further photos of the same split does not count.
    """
    contents = {record.sha256 for record in train}
    files = {record.file: record.sha256 for record in (*train, *test)}
    similar = {content: set[str]() for content in files.values()}
    for pair in near:
        if pair.first in files and pair.second in files:
            first, second = files[pair.first], files[pair.second]
            similar[first].add(second)
            similar[second].add(first)
    places = {(record.label, *series_of(record.file)) for record in train}
    return [
        record.sha256 not in contents
        and similar[record.sha256].isdisjoint(contents)
        and not any(place in places for place in _neighbours(record))
        for record in test
    ]


def _neighbours(record: ImageRecord) -> list[tuple[str, str, int | None]]:
    series, number = series_of(record.file)
    if number is None:
        return [(record.label, series, None)]
    return [(record.label, series, number + step) for step in (-1, 0, 1)]


def _near_links(records: Sequence[ImageRecord], near: Iterable[NearPair]) -> Iterable[tuple[int, int]]:
    place = {record.file: item for item, record in enumerate(records)}
    for pair in near:
        if pair.first in place and pair.second in place:
            yield place[pair.first], place[pair.second]


def _links(records: Sequence[ImageRecord]) -> Iterable[tuple[int, int]]:
    by_content: dict[str, int] = {}
    by_series: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    by_stem: dict[tuple[str, str], int] = {}
    for item, record in enumerate(records):
        yield by_content.setdefault(record.sha256 or record.file, item), item
        series, number = series_of(record.file)
        if number is None:
            yield by_stem.setdefault((record.label, series), item), item
        else:
            by_series[record.label, series].append((number, item))
    for members in by_series.values():
        members.sort()
        yield from ((first, second) for (low, first), (high, second) in pairwise(members) if high - low <= 1)
