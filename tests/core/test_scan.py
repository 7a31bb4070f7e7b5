import os

import pytest

from dermnet_core.data.scan import count_labels, photo_files, scan, series_of
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import DatasetError


def test_scan_finds_splits_classes_and_hashes(photo_folder):
    index = scan(photo_folder)
    assert index.classes == ("class-a", "class-b", "class-c")
    assert index.counts("train") == {"class-a": 8, "class-b": 8, "class-c": 8}
    assert index.counts("test") == index.counts("train")
    assert all(len(record.sha256) == 64 for record in index.records)
    assert index.fingerprint() == scan(photo_folder).fingerprint()


def test_folder_without_splits(tmp_path):
    write_photo_folder(tmp_path, classes=2, per_class=2, splits=("",))
    index = scan(tmp_path)
    assert {record.split for record in index.records} == {"all"}
    with pytest.raises(DatasetError, match="found only: all"):
        index.split("test")


def test_other_files_and_loose_photos_are_left_out(tmp_path):
    write_photo_folder(tmp_path, classes=1, per_class=2, splits=("train",))
    (tmp_path / "train" / "class-a" / "notes.txt").write_text("no photo")
    (tmp_path / "train" / "loose.jpg").write_bytes(b"in no class")
    assert len(scan(tmp_path).records) == 2


def test_progress_counts_every_photo(photo_folder):
    told = []
    scan(photo_folder, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (48, 48)
    assert len(told) == 48


def test_links_that_loop_do_not_hang(tmp_path):
    write_photo_folder(tmp_path, classes=1, per_class=2, splits=("train",))
    (tmp_path / "train" / "class-a" / "loop").symlink_to(tmp_path)
    assert len(photo_files(tmp_path)) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="NOT CHECKED: root may read everything")
def test_unreadable_photo_is_named_and_the_rest_scanned(tmp_path):
    write_photo_folder(tmp_path, classes=1, per_class=2, splits=("train",))
    next(iter(photo_files(tmp_path))).chmod(0)
    index = scan(tmp_path)
    assert len(index.records) == 1
    assert "Permission denied" in index.unreadable[0]


def test_broken_link_is_named_and_the_rest_scanned(tmp_path):
    write_photo_folder(tmp_path, classes=1, per_class=2, splits=("train",))
    (tmp_path / "train" / "class-a" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    index = scan(tmp_path)
    assert len(index.records) == 2
    assert index.unreadable == ("train/class-a/gone.jpg: No such file or directory",)


def test_folders_that_are_no_data_set(tmp_path):
    with pytest.raises(DatasetError, match="Expected a photo folder, found nothing"):
        scan(tmp_path / "missing")
    with pytest.raises(DatasetError, match="found none"):
        scan(tmp_path)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("train/x/acne-cystic-12.jpg", ("acne-cystic", 12)),
        ("Acne-Cystic-3.JPG", ("acne-cystic", 3)),
        ("07Rhinophyma1.jpg", ("07rhinophyma", None)),
        ("123.jpg", ("123", None)),
    ],
)
def test_series_of(file, expected):
    assert series_of(file) == expected


def test_count_labels_keeps_empty_classes(photo_folder):
    assert count_labels([], ["a", "b"]) == {"a": 0, "b": 0}


@pytest.mark.shared
def test_facts_of_the_real_folder(shared):
    index = scan(shared / "dermnet")
    assert (len(index.split("train")), len(index.split("test")), len(index.classes)) == (9294, 2141, 23)
