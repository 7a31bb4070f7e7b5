import csv
import io
import shutil
from collections import Counter
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.data.facts import NearPair
from dermnet_core.data.splits import groups
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_ui.dataset import splits
from dermnet_ui.dataset.splits import Cut, cut, cut_csv, views
from tests.ui.dataset_cases import plant_defects, small_report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("splits")
    write_photo_folder(root, classes=3, per_class=12)
    plant_defects(root)
    first = next(root.glob("train/class-a/*.jpg"))
    shutil.copy(first, root / "train" / "class-b" / "copied-1.jpg")
    return root


@pytest.fixture(scope="module")
def report(folder: Path):
    return small_report(folder)


@pytest.fixture(scope="module")
def train(report):
    return [photo for photo in report.photos if photo.split == "train"]


def test_every_train_photo_is_in_one_part_and_no_group_crosses(train):
    made = cut(train, 0.2, 3)
    assert set(made.files) == {photo.file for photo in train}
    counted = Counter(part for part, _ in made.files.values())
    assert counted == {part: sum(made.counts[part].values()) for part in ("train", "validation")}
    assert made.crossing == 0
    assert made.groups == len(set(groups(train)))


def test_a_group_on_both_sides_would_be_counted(train, monkeypatch):
    monkeypatch.setattr(splits, "validation_split", lambda photos, *_: (photos[1::2], photos[::2]))
    assert cut(train, 0.2, 3).crossing > 0


def test_the_csv_names_part_and_group_of_every_photo(train, report):
    tests = [photo for photo in report.photos if photo.split == "test"]
    rows = list(csv.DictReader(io.StringIO(cut_csv(cut(train, 0.2, 3), tests))))
    assert len(rows) == len(report.photos)
    copies = {row["file"]: row for row in rows if row["file"].startswith("train") and "copied-1" in row["file"]}
    assert copies
    assert {row["group"] for row in rows if row["part"] == "test"} == {""}


def test_each_view_of_the_test_photos_lies_within_the_one_before(report, train):
    tests = [photo for photo in report.photos if photo.split == "test"]
    found = views(tests, train)
    sizes = [sum(found[view].values()) for view in ("official", "clean", "blocked")]
    assert sizes[0] - sizes[1] == 2  # the planted copies
    assert sizes[1] >= sizes[2]


def show(report, root):
    from dermnet_ui.dataset import splits

    splits.show(report, root)


def html(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def test_the_page_states_what_was_counted(report, folder):
    at = AppTest.from_function(show, default_timeout=20, args=(report, folder)).run()
    assert not at.exception
    assert "none of them has photos on both sides" in html(at)
    assert "Leaves out 2." in html(at)
    assert list(at.dataframe[0].value.columns) == ["Class", "Train", "Validation", "Test"]
    assert list(at.dataframe[1].value.columns) == ["Class", "Official", "Clean", "Blocked"]
    before = at.dataframe[0].value
    at.slider(key="split-share").set_value(30).run()
    assert at.dataframe[0].value["Validation"].sum() > before["Validation"].sum()


def test_near_duplicates_can_be_kept_together_too(train):
    tied = {photo.file: number for photo, number in zip(train, groups(train), strict=True)}
    first, second = train[0], next(photo for photo in train if tied[photo.file] != tied[train[0].file])
    near = [NearPair(first.file, second.file, "crop", 0.9)]
    for seed in range(5):
        made = cut(train, 0.2, seed, near)
        assert made.files[first.file] == made.files[second.file]
        assert made.crossing == 0
    assert made.groups == cut(train, 0.2, 0).groups - 1


def test_too_few_independent_photos_are_explained(tmp_path):
    write_photo_folder(tmp_path, classes=1, per_class=2)
    at = AppTest.from_function(show, default_timeout=20, args=(small_report(tmp_path), tmp_path)).run()
    assert not at.exception
    assert "Expected at least 2 independent photos" in at.error[0].value


def test_a_crossing_group_is_said():
    made = Cut({}, {"train": {"a": 1}, "validation": {"a": 1}}, groups=1, crossing=1)
    assert "⚠" in splits._verdict(made)
    assert "1 of them have photos on both sides" in splits._verdict(made)


@pytest.mark.parametrize("only", ["train", "test", ""])
def test_a_folder_without_one_of_the_splits_says_what_is_missing(only, tmp_path):
    write_photo_folder(tmp_path, classes=2, per_class=6, splits=(only,))
    at = AppTest.from_function(show, default_timeout=20, args=(small_report(tmp_path), tmp_path)).run()
    assert not at.exception
    words = " ".join(element.value for element in at.markdown)
    assert ("nothing to cut from" in words) is (only != "train")
    assert "They need photos in train/<class>/ and in test/<class>/" in words
