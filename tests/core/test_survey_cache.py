import os
import sqlite3
from dataclasses import fields

import numpy as np
import pytest

from dermnet_core.data import survey_cache
from dermnet_core.data.listing import ListedPhoto
from dermnet_core.data.measure import Measured
from dermnet_core.data.survey_cache import SurveyCache, Unusable, survey_folder
from dermnet_core.errors import DatasetError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path / "cache"))


def listed(number, mtime_ns=1):
    return ListedPhoto(f"train/a/{number}.jpg", "train", "a", 100 + number, mtime_ns)


def measured(number):
    miniature = np.random.default_rng(number).integers(0, 256, (48, 48), dtype=np.uint8)
    return Measured(f"{number:064x}", "JPEG", 224, 200 + number, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 0.25, miniature)


def same(one, other):
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Measured))


def filled(root, count=5):
    photos = [listed(number) for number in range(count)]
    with SurveyCache(root) as cache:
        cache.store([(photo, measured(number)) for number, photo in enumerate(photos)])
    return photos


def known(root, photos):
    with SurveyCache(root) as cache:
        return cache.valid(photos)


def test_what_was_stored_comes_back_whole(tmp_path):
    photos = filled(tmp_path)
    found = known(tmp_path, photos)
    assert list(found) == [photo.file for photo in photos]
    assert all(same(found[photo.file], measured(number)) for number, photo in enumerate(photos))


def test_another_size_or_time_is_another_file(tmp_path):
    filled(tmp_path)
    larger = ListedPhoto("train/a/1.jpg", "train", "a", 999, 1)
    assert list(known(tmp_path, [listed(0), larger, listed(2, mtime_ns=2), listed(77)])) == ["train/a/0.jpg"]


def test_lasting_reasons_are_kept_and_others_tried_again(tmp_path):
    with SurveyCache(tmp_path) as cache:
        cache.store([(listed(0), Unusable("damaged", lasting=True)), (listed(1), Unusable("denied", lasting=False))])
    assert known(tmp_path, [listed(0), listed(1)]) == {"train/a/0.jpg": Unusable("damaged", lasting=True)}


def test_pruning_forgets_the_rest(tmp_path):
    photos = filled(tmp_path)
    with SurveyCache(tmp_path) as cache:
        cache.prune([photos[1].file, "unknown.jpg"])
    assert list(known(tmp_path, photos)) == [photos[1].file]


def test_each_folder_has_its_own_place_however_it_is_spelled(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    assert survey_folder(tmp_path / "link") == survey_folder(tmp_path / "photos")
    assert survey_folder(tmp_path / "photos" / "..") == survey_folder(tmp_path)
    assert survey_folder(tmp_path / "photos") != survey_folder(tmp_path)
    assert survey_folder(tmp_path).parent == tmp_path / "cache" / "datasets"


def test_another_version_starts_afresh(tmp_path, monkeypatch):
    photos = filled(tmp_path)
    monkeypatch.setattr(survey_cache, "_VERSION", survey_cache._VERSION + 1)
    assert known(tmp_path, photos) == {}
    filled(tmp_path)
    assert len(known(tmp_path, photos)) == 5


def junk(path):
    path.write_bytes(b"no database at all, and longer than a header of one hundred bytes" * 9)


def holes(path):
    """Keep the header and the schema, lose the rows."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def half(path):
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [junk, holes, half])
@pytest.mark.parametrize("use", ["valid", "store", "prune"])
def test_a_damaged_database_is_set_aside_and_rebuilt(tmp_path, damage, use):
    photos = filled(tmp_path, 40)
    path = survey_folder(tmp_path) / "photos.sqlite"
    damage(path)
    with SurveyCache(tmp_path) as cache:
        if use == "valid":
            assert cache.valid(photos) == {}
        elif use == "store":
            cache.store([(photo, measured(1)) for photo in photos])
        else:
            cache.prune([])
    filled(tmp_path, 40)
    assert len(known(tmp_path, photos)) == 40
    assert path.with_suffix(".damaged").exists()


def test_a_row_that_lost_its_miniature_is_measured_again(tmp_path):
    photos = filled(tmp_path)
    with sqlite3.connect(survey_folder(tmp_path) / "photos.sqlite") as database:
        database.execute("UPDATE photos SET miniature = x'00' WHERE file = ?", [photos[3].file])
    database.close()
    assert photos[3].file not in known(tmp_path, photos)
    assert len(known(tmp_path, photos)) == 4


def test_a_full_disk_is_said_with_the_way_out_and_harms_nothing(tmp_path):
    photos = filled(tmp_path)
    with SurveyCache(tmp_path) as cache:
        cache.valid([])
        cache._database.execute("PRAGMA max_page_count = 1")  # SQLite's own way to run out of space
        with pytest.raises(DatasetError, match=r"full.*set DERMNET_CACHE_DIR"):
            cache.store([(listed(number), measured(number)) for number in range(100, 200)])
    assert len(known(tmp_path, photos)) == 5


def test_a_batch_is_kept_whole_or_not_at_all(tmp_path):
    photos = filled(tmp_path)
    nameless = ListedPhoto("train/a/9.jpg", "train", "a", None, 1)
    with SurveyCache(tmp_path) as cache:
        with pytest.raises(sqlite3.IntegrityError):
            cache.store([(listed(8), measured(8)), (nameless, measured(9))])
        assert set(cache.valid([*photos, listed(8)])) == {photo.file for photo in photos}
        cache.store([(listed(8), measured(8))])
    assert len(known(tmp_path, [*photos, listed(8)])) == 6


def test_a_cache_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(DatasetError, match="set DERMNET_CACHE_DIR"):
        known(tmp_path, [])


def test_a_folder_in_the_place_of_the_database(tmp_path):
    (survey_folder(tmp_path) / "photos.sqlite").mkdir(parents=True)
    with pytest.raises(DatasetError, match="unable to open"):
        known(tmp_path, [])


@pytest.mark.skipif(os.geteuid() == 0, reason="NOT CHECKED FOR REAL: root may write everywhere")
def test_a_read_only_cache(tmp_path):
    filled(tmp_path)
    folder = survey_folder(tmp_path)
    (folder / "photos.sqlite").chmod(0o400)
    folder.chmod(0o500)
    try:
        with SurveyCache(tmp_path) as cache, pytest.raises(DatasetError, match=r"readonly.*set DERMNET_CACHE_DIR"):
            cache.store([(listed(9), measured(9))])
    finally:
        folder.chmod(0o700)


def test_another_scan_that_writes_is_waited_for(tmp_path, monkeypatch):
    photos = filled(tmp_path)
    monkeypatch.setattr(survey_cache, "_WAIT_SECONDS", 0.05)
    path = survey_folder(tmp_path) / "photos.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with SurveyCache(tmp_path) as cache:
        assert len(cache.valid(photos)) == 5  # reading goes on
        with pytest.raises(DatasetError, match="locked"):
            cache.store([(listed(9), measured(9))])
        other.execute("ROLLBACK")
        cache.store([(listed(9), measured(9))])
    other.close()
    assert len(known(tmp_path, [*photos, listed(9)])) == 6
