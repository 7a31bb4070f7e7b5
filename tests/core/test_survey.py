import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermnet_core.data import survey as module
from dermnet_core.data.listing import list_photos
from dermnet_core.data.survey import survey
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import DatasetError
from dermnet_core.paths import ROOT


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "_CHUNK", 4)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "photos"
    write_photo_folder(root, classes=2, per_class=8, size=32)  # 32 photos
    return root


def files(found):
    return [photo.file for photo in found.photos]


def equal(one, other):
    same = (one.photos, one.unreadable, one.problems, one.digest)
    return same == (other.photos, other.unreadable, other.problems, other.digest) and np.array_equal(
        one.miniatures, other.miniatures
    )


def steps_of(root, **options):
    told = []
    found = survey(root, progress=lambda done, total: told.append((done, total)), **options)
    return found, told


def test_every_photo_is_measured(folder):
    found, told = steps_of(folder, processes=1)
    assert files(found) == [photo.file for photo in list_photos(folder).photos]
    assert found.miniatures.shape == (32, 48, 48)
    assert (found.unreadable, found.problems, found.digest) == ((), (), list_photos(folder).digest())
    assert told == [(done, 32) for done in range(0, 33, 4)]
    for photo, miniature in zip(found.photos, found.miniatures, strict=True):
        pixels = np.asarray(Image.open(folder / photo.file).convert("L"))
        assert photo.brightness == pytest.approx(pixels.mean(), abs=1)
        assert miniature.mean() == pytest.approx(pixels.mean(), abs=1)
        assert (photo.width, photo.height, photo.bytes) == (32, 32, (folder / photo.file).stat().st_size)


def test_several_processes_find_the_same_as_one(folder, tmp_path, monkeypatch):
    (folder / "train" / "class-a" / "broken.jpg").write_bytes(b"\xff\xd8\xff no more")
    alone = survey(folder, processes=1)
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path / "another"))
    before = dict(os.environ)
    assert equal(survey(folder, processes=2), alone)
    assert dict(os.environ) == before
    assert len(alone.unreadable) == 1
    assert multiprocessing.active_children() == []


def swap_bytes(path):
    """Write another picture of the same size and time, which only a reader of pixels can tell."""
    data, times = path.read_bytes(), path.stat()
    grey = Image.new("L", (32, 32), 7)
    grey.save(path, "JPEG")
    assert path.stat().st_size <= len(data)
    path.write_bytes(path.read_bytes().ljust(len(data), b"\0"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_second_scan_reads_no_pixels_until_a_file_changes(folder, processes):
    first = survey(folder, processes=processes)
    path = folder / first.photos[5].file
    swap_bytes(path)
    second, told = steps_of(folder, processes=processes)
    assert equal(second, first)
    assert told == [(32, 32)]
    path.touch()
    third, told = steps_of(folder, processes=processes)
    assert told == [(31, 32), (32, 32)]
    assert third.photos[5].brightness == pytest.approx(7, abs=1)
    assert third.miniatures[5].mean() == pytest.approx(7, abs=1)
    assert third.digest != first.digest
    assert third.photos[:5] + third.photos[6:] == first.photos[:5] + first.photos[6:]


def test_renamed_and_removed_photos(folder):
    first = survey(folder, processes=1)
    (folder / first.photos[0].file).rename(folder / "train" / "class-a" / "zzz.jpg")
    (folder / first.photos[1].file).unlink()
    second, told = steps_of(folder, processes=1)
    assert told == [(30, 31), (31, 31)]
    assert set(files(second)) == set(files(first)[2:]) | {"train/class-a/zzz.jpg"}
    (folder / "train" / "class-a" / "zzz.jpg").rename(folder / first.photos[0].file)
    assert steps_of(folder, processes=1)[1] == [(30, 31), (31, 31)]  # the old name was forgotten


@pytest.mark.parametrize("processes", [1, 2])
def test_a_stopped_scan_goes_on_where_it_was(folder, processes):
    def stop(done, _):
        if done >= 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        survey(folder, processes=processes, progress=stop)
    assert multiprocessing.active_children() == []  # at once, while whoever caught it still looks at it
    del stopped
    found, told = steps_of(folder, processes=processes)
    assert told[0] == (12, 32)
    assert len(found.photos) == 32


def test_a_killed_worker_is_said_and_costs_only_its_own_work(folder):
    def kill(done, _):
        if done == 8:
            for process in multiprocessing.active_children():
                process.kill()

    with pytest.raises(DatasetError, match="Finished work is kept"):
        survey(folder, processes=2, progress=kill)
    found, told = steps_of(folder, processes=2)
    assert 8 <= told[0][0] < 32
    assert len(found.photos) == 32


ENDLESS = """
import sys
from pathlib import Path
from dermnet_core.data import survey

def tell(done, total):
    print(done, flush=True)
    if done:
        sys.stdin.read()  # until somebody ends this process

if __name__ == "__main__":
    survey._CHUNK = 4
    survey.survey(Path(sys.argv[1]), processes=2, progress=tell)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_a_scan_that_is_ended_leaves_its_work_and_no_process(folder, tmp_path, how):
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    scan = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert scan.stdout.readline() == "0\n"
    assert scan.stdout.readline() == "4\n"
    scan.send_signal(how)
    scan.communicate(timeout=20)  # its output ends when the last of its processes does
    assert scan.returncode == -how
    assert steps_of(folder, processes=1)[1][0] == (4, 32)


def test_two_scans_of_one_folder_at_once(folder):
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(lambda _: survey(folder, processes=1), range(2))
    assert equal(one, other)
    assert steps_of(folder, processes=1)[1] == [(32, 32)]


def test_what_cannot_be_read_is_named_and_the_rest_measured(folder, monkeypatch):
    a = folder / "train" / "class-a"
    (a / "empty.jpg").touch()
    (a / "text.jpg").write_text("no photo")
    whole = next(a.glob("class-a*.jpg")).read_bytes()
    (a / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (a / "link.jpg").symlink_to("nowhere.jpg")
    (a / "denied.jpg").write_bytes(whole)
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: _denied(path) if path.name == "denied.jpg" else real(path))
    found = survey(folder, processes=1)
    reasons = {Path(entry.file).name: entry.reason for entry in found.unreadable}
    assert {(entry.split, entry.label) for entry in found.unreadable} == {("train", "class-a")}
    assert "empty file" in reasons["empty.jpg"]
    assert "a text file" in reasons["text.jpg"]
    assert "damaged or cut off" in reasons["cut.jpg"]
    assert reasons["link.jpg"] == "The file is a link to nothing."
    assert reasons["denied.jpg"] == "The file cannot be read (Permission denied). Check its permissions."
    assert len(found.photos) == 32
    monkeypatch.undo()


def _denied(path):
    raise PermissionError(13, "Permission denied", str(path))


def test_only_what_depends_on_the_file_alone_is_remembered_of_bad_files(folder, monkeypatch):
    a = folder / "train" / "class-a"
    (a / "text.jpg").write_text("no photo")
    (a / "denied.jpg").write_bytes(next(a.glob("class-a*.jpg")).read_bytes())
    real = Path.read_bytes
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: _denied(path) if path.name == "denied.jpg" else real(path))
        assert len(survey(folder, processes=1).unreadable) == 2
    found, told = steps_of(folder, processes=1)
    assert told == [(33, 34), (34, 34)]  # the permission may have been given since
    assert [entry.file for entry in found.unreadable] == ["train/class-a/text.jpg"]


@pytest.mark.skipif(os.geteuid() == 0, reason="NOT CHECKED FOR REAL: root may read everything")
def test_a_photo_that_really_may_not_be_read(folder):
    path = folder / list_photos(folder).photos[0].file
    path.chmod(0)
    found = survey(folder, processes=2)
    assert (len(found.photos), len(found.unreadable)) == (31, 1)
    assert "Permission denied" in found.unreadable[0].reason
    path.chmod(0o600)
    assert survey(folder, processes=1).unreadable == ()


def test_a_photo_that_vanishes_during_the_scan(folder):
    last = list_photos(folder).photos[-1].file
    found = survey(folder, processes=1, progress=lambda done, _: (folder / last).unlink(missing_ok=True))
    assert [(entry.file, entry.reason) for entry in found.unreadable] == [(last, "The file vanished during the scan.")]
    assert len(found.photos) == 31
    assert found.digest != list_photos(folder).digest()


def test_a_file_that_is_far_too_large_is_not_read(folder):
    path = folder / "train" / "class-a" / "film.jpg"
    path.touch()
    os.truncate(path, 300 * 2**20)  # a hole: it takes no space
    (entry,) = survey(folder, processes=1).unreadable
    assert "at most 256 MB" in entry.reason


def test_a_folder_without_one_readable_photo(tmp_path):
    (tmp_path / "train" / "a").mkdir(parents=True)
    (tmp_path / "train" / "a" / "1.jpg").write_bytes(b"no photo")
    found = survey(tmp_path, processes=1)
    assert (found.photos, found.miniatures.shape, len(found.unreadable)) == ((), (0, 48, 48), 1)


def test_processes_load_neither_pandas_nor_tensorflow():
    code = "import sys, dermnet_core.data.survey; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout.split())
    assert "dermnet_core.data.measure" in loaded
    assert not loaded & {"pandas", "scipy", "sklearn", "keras", "tensorflow", "streamlit"}


@pytest.mark.shared
def test_the_real_photos(shared, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 64)
    found = survey(shared / "dermnet")
    assert (len(found.photos), found.unreadable, found.problems) == (11_435, (), ())
    assert len({photo.sha256 for photo in found.photos}) == 10_561
