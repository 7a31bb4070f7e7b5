"""Thumbnails: small, stored by content, never from outside the folder, and never lost to a cache that fails."""

import hashlib
import io
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermnet_core.data import thumbnails
from dermnet_core.data.thumbnails import photo_path, thumbnail
from dermnet_core.errors import DatasetError, ImageError
from tests.factories import random_photos

FILE = "train/acne/acne-1.jpg"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path / "cache"))
    thumbnails._warn_once.cache_clear()
    return tmp_path / "cache" / "thumbnails"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    save(folder, FILE, (900, 600), exif=True)
    return folder


def save(root: Path, file: str, size: tuple[int, int], exif: bool = False) -> str:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    tags = Image.Exif()
    if exif:
        tags[0x010F] = "A camera that tells its name"
        tags[0x0112] = 6  # on its side
    Image.fromarray(random_photos(1, 20)[0]).resize(size).save(path, exif=tags)
    return sha256(path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_it_is_small_upright_and_says_nothing_about_the_camera(root, cache) -> None:
    content = sha256(root / FILE)
    data = thumbnail(root, FILE, content)
    picture = opened(data)
    assert (picture.format, picture.size) == ("JPEG", (160, 240)), "the photo lies on its side, 900 x 600"
    assert not picture.getexif()
    assert b"camera" not in data
    assert len(data) < 30_000
    expected = Image.open(root / FILE).transpose(Image.Transpose.ROTATE_270).resize((160, 240))
    assert np.abs(np.asarray(picture, dtype=int) - np.asarray(expected, dtype=int)).mean() < 6
    assert opened(thumbnail(root, FILE, content, side=60)).size == (40, 60)


def test_a_small_photo_is_not_enlarged_and_a_long_one_keeps_a_pixel(root, cache) -> None:
    small = save(root, "train/acne/small.png", (30, 20))
    assert opened(thumbnail(root, "train/acne/small.png", small)).size == (30, 20)
    long = save(root, "train/acne/long.png", (6000, 16))
    assert opened(thumbnail(root, "train/acne/long.png", long)).size == (240, 1)


def test_the_second_time_it_comes_from_the_cache_also_for_a_copy(root, cache) -> None:
    content = sha256(root / FILE)
    first = thumbnail(root, FILE, content)
    assert [path.relative_to(cache) for path in cache.rglob("*.jpg")] == [Path(content[:2]) / f"{content}-240.jpg"]
    (root / FILE).unlink()
    assert thumbnail(root, FILE, content) == first
    assert thumbnail(root, "test/acne/copy.jpg", content) == first


def test_half_a_file_in_the_cache_is_made_anew(root, cache) -> None:
    content = sha256(root / FILE)
    first = thumbnail(root, FILE, content)
    (stored,) = cache.rglob("*.jpg")
    stored.write_bytes(first[:100])
    assert thumbnail(root, FILE, content) == first == stored.read_bytes()


def test_a_photo_that_changed_after_the_scan_does_not_take_the_place_of_the_former(root, cache) -> None:
    before = sha256(root / FILE)
    save(root, FILE, (300, 300))
    assert opened(thumbnail(root, FILE, before)).size == (240, 240)
    assert list(cache.rglob("*.jpg")) == []


def test_many_threads_at_once_get_the_same_and_leave_one_file(root, cache) -> None:
    content = sha256(root / FILE)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: thumbnail(root, FILE, content), range(40)))
    assert len(found) == 1
    assert len([path for path in cache.rglob("*") if path.is_file()]) == 1


def test_without_a_usable_cache_it_is_made_each_time_and_says_so_once(root, cache, caplog) -> None:
    cache.parent.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        pictures = [opened(thumbnail(root, FILE, sha256(root / FILE))) for _ in range(3)]
    assert [picture.size for picture in pictures] == [(160, 240)] * 3
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 1
    assert "made anew each time" in messages[0]


def test_a_full_disk_leaves_no_half_file(root, cache, monkeypatch, caplog) -> None:
    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert opened(thumbnail(root, FILE, sha256(root / FILE))).size == (160, 240)
    assert "No space left on device" in caplog.text
    assert [path for path in cache.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "file", ["../secret.jpg", "train/../../secret.jpg", "{outside}/secret.jpg", "", "train/\0.jpg", "train/link.jpg"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(root, cache, tmp_path, file) -> None:
    content = save(tmp_path, "secret.jpg", (50, 50))
    (root / "train" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    file = file.format(outside=tmp_path)
    with pytest.raises(DatasetError, match="inside photos, found"):
        thumbnail(root, file, content)
    assert list(cache.rglob("*")) == []


def test_a_folder_reached_by_a_link_and_a_link_inside_it_are_fine(root, cache, tmp_path) -> None:
    (tmp_path / "alias").symlink_to(root)
    (root / "train" / "again.jpg").symlink_to(root / FILE)
    assert photo_path(tmp_path / "alias", "train/again.jpg") == (root / FILE).resolve()


@pytest.mark.parametrize("sha256", ["", "../../x", "A" * 64, "0" * 63])
def test_a_content_that_is_no_hash_never_becomes_a_path(root, cache, sha256) -> None:
    with pytest.raises(DatasetError, match="64 hex digits"):
        thumbnail(root, FILE, sha256)


def test_a_photo_that_is_gone_loops_or_is_damaged_says_so(root, cache) -> None:
    with pytest.raises(ImageError, match=r"found gone\.jpg, which cannot be read"):
        thumbnail(root, "train/gone.jpg", "0" * 64)
    (root / "loop.jpg").symlink_to("loop.jpg")
    with pytest.raises(ImageError, match=r"found loop\.jpg, which cannot be read"):
        thumbnail(root, "loop.jpg", "0" * 64)
    data = (root / FILE).read_bytes()
    (root / FILE).write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError, match="damaged or cut off"):
        thumbnail(root, FILE, sha256(root / FILE))
    assert list(cache.rglob("*.jpg")) == []
