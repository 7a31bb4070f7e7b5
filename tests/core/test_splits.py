import random

import pytest

from dermnet_core.data.facts import NearPair
from dermnet_core.data.scan import ImageRecord, scan, series_of
from dermnet_core.data.splits import blocked_mask, clean_mask, groups, validation_split
from dermnet_core.errors import DatasetError


def records(seed: int = 0) -> list[ImageRecord]:
    """Return photos of four classes in runs of neighbours, some of them byte copies of photos elsewhere."""
    rng = random.Random(seed)
    found = []
    for label in "abcd":
        number = 0
        for _ in range(120):
            number += rng.choice([1, 1, 1, 5])
            content = rng.choice([f"{label}{number}", str(rng.randrange(60))])
            found.append(
                ImageRecord(f"train/{label}/s{label}-{rng.choice('xy')}-{number}.jpg", "train", label, content)
            )
    return found


@pytest.mark.parametrize("seed", range(5))
def test_no_copy_and_no_neighbour_crosses(seed):
    train, validation = validation_split(records(seed), 0.1, seed)
    assert len(train) + len(validation) == 480
    assert len(validation) > 10
    assert not {r.sha256 for r in train} & {r.sha256 for r in validation}
    places = {(r.label, *series_of(r.file)) for r in train}
    for record in validation:
        series, number = series_of(record.file)
        assert number is not None
        assert not {(record.label, series, number - 1), (record.label, series, number + 1)} & places


def test_split_is_reproducible_and_follows_the_seed():
    assert validation_split(records(), 0.1, 1) == validation_split(records(), 0.1, 1)
    assert validation_split(records(), 0.1, 1) != validation_split(records(), 0.1, 2)


def test_validation_photos_given_back_train_and_the_rest_is_a_part_of_the_same_cut():
    photos = [
        ImageRecord(f"train/{label}/{label}-{3 * n // 2}.jpg", "train", label, f"{label}{n}")
        for label in "ab"
        for n in range(100)
    ]
    train, validation = validation_split(photos, 0.2, 1)
    more, kept = validation_split(photos, 0.2, 1, returned=0.75)
    assert sorted(map(str, more + kept)) == sorted(map(str, photos))
    assert set(map(str, kept)) < set(map(str, validation))
    assert set(map(str, train)) < set(map(str, more))
    assert 5 <= len(kept) <= 15
    group = dict(zip(map(str, photos), groups(photos), strict=True))
    assert not {group[str(record)] for record in more} & {group[str(record)] for record in kept}


def test_numbers_group_only_as_neighbours():
    names = ["a-1", "a-2", "a-4", "b-5", "07x1", "07x2"]
    photos = [ImageRecord(f"train/c/{name}.jpg", "train", "c", name) for name in names]
    group = groups(photos)
    assert group[0] == group[1]
    assert group[4] == group[5]
    assert len({group[0], group[2], group[3], group[4]}) == 4


def test_too_few_independent_photos():
    photos = [ImageRecord(f"train/c/a-{n}.jpg", "train", "c", str(n)) for n in range(20)]
    with pytest.raises(DatasetError, match="Expected at least 10 independent photos"):
        validation_split(photos, 0.1, 0)


@pytest.mark.shared
def test_real_clean_test_photos(shared):
    index = scan(shared / "dermnet")
    assert sum(clean_mask(index.split("test"), index.split("train"))) == 1782


def test_few_photos_give_fewer_folds():
    photos = [ImageRecord(f"train/{c}/{c}-{5 * n}.jpg", "train", c, f"{c}{n}") for c in "ab" for n in range(4)]
    train, validation = validation_split(photos, 0.1, 0)
    assert (len(train), len(validation)) == (6, 2)
    with pytest.raises(DatasetError, match="Add photos"):
        validation_split([photos[0], photos[4]], 0.1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_near_duplicates_stay_together_where_they_are_given(seed):
    photos = records(seed)
    rng = random.Random(seed)
    near = [NearPair(*sorted(photo.file for photo in rng.sample(photos, 2)), "crop", 0.9) for _ in range(60)]
    train, validation = validation_split(photos, 0.2, seed, near)
    side = {photo.file: "train" for photo in train} | {photo.file: "validation" for photo in validation}
    assert len(side) == len(photos)
    assert all(side[pair.first] == side[pair.second] for pair in near)
    apart = {photo.file: "train" for photo in validation_split(photos, 0.2, seed)[0]}
    assert any((pair.first in apart) != (pair.second in apart) for pair in near)  # without them some would cross


def test_classes_keep_their_shares_as_far_as_groups_allow():
    counts = {"a": 300, "b": 120, "c": 40}
    # Pairs of neighbours: number 3 n and 3 n + 1.
    photos = [
        ImageRecord(f"train/{label}/s-{3 * (n // 2) + n % 2}.jpg", "train", label, f"{label}{n}")
        for label, count in counts.items()
        for n in range(count)
    ]
    _, validation = validation_split(photos, 0.2, 3)
    for label, count in counts.items():
        assert sum(photo.label == label for photo in validation) == pytest.approx(0.2 * count, abs=3)


def test_blocked_leaves_out_copies_near_duplicates_and_neighbours():
    def photo(file: str, content: str = "") -> ImageRecord:
        split, label, _ = file.split("/")
        return ImageRecord(file, split, label, content or file)

    train = [photo("train/a/x-5.jpg"), photo("train/a/Rash2.jpg"), photo("train/b/y-1.jpg", "same")]
    test = {
        "copy": photo("test/a/other-1.jpg", "same"),
        "next number": photo("test/a/x-6.jpg"),
        "same number": photo("test/a/x-5.jpg"),
        "same name": photo("test/a/rash7.jpg"),
        "near": photo("test/a/z-1.jpg"),
        "copy of near": photo("test/b/z-9.jpg", "test/a/z-1.jpg"),
        "free": photo("test/a/x-7.jpg"),
        "other class": photo("test/b/x-6.jpg"),
    }
    near = [
        NearPair("test/a/z-1.jpg", "train/b/y-1.jpg", "copy", 0.9),
        NearPair("gone-1.jpg", "gone-2.jpg", "copy", 1.0),
    ]
    kept = blocked_mask(list(test.values()), train, near)
    assert [name for name, mask in zip(test, kept, strict=True) if mask] == ["free", "other class"]
