"""The command ``dataset``: a real process over a generated folder, what it says, keeps, repeats and leaves behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.dataset import changed_since, load_report, report_path
from dermnet_core.errors import DatasetError
from dermnet_core.paths import ROOT
from tests.factories import random_photos

KEYS = ("files", "distinct", "duplicate_groups", "conflicting_groups", "leaked_test", "unreadable", "counts")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 3 classes x 2 splits x 6 photos, with copies, a copy in another size and a damaged file planted."""
    root = tmp_path_factory.mktemp("planted")
    write_photo_folder(root, per_class=6, size=96)
    train, test = sorted(root.glob("train/*/*.jpg")), sorted(root.glob("test/*/*.jpg"))
    shutil.copy(train[0], root / "train" / "class-a" / "same-class-1.jpg")
    shutil.copy(train[1], root / "train" / "class-b" / "two-classes-1.jpg")
    shutil.copy(train[2], root / "test" / "class-a" / "in-both-1.jpg")
    Image.open(train[-1]).resize((150, 150)).save(root / "test" / "class-c" / "larger-1.png")
    data = test[0].read_bytes()
    (root / "test" / "class-a" / "cut-off-1.jpg").write_bytes(data[: len(data) // 2])
    return root


def start(*arguments: str, cache: Path, **options: Any) -> subprocess.Popen[str]:
    environment = os.environ | {"DERMNET_CACHE_DIR": str(cache)} | options.pop("environment", {})
    command = [sys.executable, "-m", "dermnet_core", "dataset", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def call(*arguments: str, cache: Path, **options: Any) -> tuple[int, str, str]:
    process = start(*arguments, cache=cache, **options)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def steps(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines() if line.startswith("{")]


def test_the_figures_are_those_of_what_was_planted(planted, tmp_path, monkeypatch) -> None:
    status, out, err = call(str(planted), "--json", cache=tmp_path)
    assert (status, err) == (0, "")
    result = json.loads(out)
    assert {key: result[key] for key in KEYS} == {
        "files": 41,
        "distinct": 37,
        "duplicate_groups": 3,
        "conflicting_groups": 1,
        "leaked_test": 1,
        "unreadable": 1,
        "counts": {
            "train": {"class-a": 7, "class-b": 7, "class-c": 6},
            "test": {"class-a": 7, "class-b": 6, "class-c": 7},
        },
    }
    assert {"near_pairs", "near_across", "suspects", "problems", "findings", "folder"} <= set(result)
    assert result["near_across"] >= 1
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path))
    report = load_report(planted)
    assert report is not None
    larger = [pair for pair in report.near if "larger-1.png" in pair.second + pair.first]
    last = sorted(planted.glob("train/*/*.jpg"))[-1].relative_to(planted).as_posix()
    assert [(pair.first, pair.second, pair.kind) for pair in larger if last in (pair.first, pair.second)] == [
        ("test/class-c/larger-1.png", last, "copy")
    ]
    assert [pair for pair in report.near if pair.first >= pair.second] == []


def test_the_text_is_a_short_table_with_the_worst_first(planted, tmp_path) -> None:
    status, out, err = call(cache=tmp_path, environment={"DERMNET_DATA_DIR": str(planted)})
    assert (status, err) == (0, ""), "standard error is no terminal, so there is no bar"
    assert out.startswith(f"{planted}\n")
    assert "41 photos (" in out
    assert "in 3 classes, 37 different contents" in out
    assert len(out.splitlines()) < 25
    assert max(map(len, out.splitlines()[1:])) <= 120


def test_a_second_scan_repeats_nothing_and_a_change_is_noticed(planted, tmp_path, monkeypatch) -> None:
    root, cache = tmp_path / "photos", tmp_path / "cache"
    shutil.copytree(planted, root)
    assert call(str(root), "--json", cache=cache)[0] == 0
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(cache))
    first = load_report(root)
    assert first is not None
    assert not changed_since(first, root)
    assert report_path(root).is_relative_to(cache)
    stored = report_path(root).with_name("near.json").stat().st_mtime_ns

    photo = next(root.glob("train/class-b/*.jpg"))
    photo.rename(photo.with_name("renamed-1.jpg"))
    assert changed_since(first, root)
    status, out, _ = call(str(root), "--json", cache=cache)
    assert (status, json.loads(out)["distinct"]) == (0, 37)
    second = load_report(root)
    assert second is not None
    assert second.digest != first.digest
    assert report_path(root).with_name("near.json").stat().st_mtime_ns == stored, "the contents are the same"
    assert len(second.near) == len(first.near)

    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(root / "train" / "class-a" / "new-1.png")
    assert json.loads(call(str(root), "--json", cache=cache)[1])["distinct"] == 38
    assert report_path(root).with_name("near.json").stat().st_mtime_ns != stored


def test_an_unchanged_folder_is_scanned_without_reading_its_photos(planted, tmp_path) -> None:
    root = tmp_path / "photos"
    shutil.copytree(planted, root)
    first = json.loads(call(str(root), "--json", cache=tmp_path / "cache")[1])
    for photo in root.rglob("*.*"):  # other pixels, but the same size and time: only a reader would notice
        times = photo.stat()
        photo.write_bytes(b"\0" * times.st_size)
        os.utime(photo, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert json.loads(call(str(root), "--json", cache=tmp_path / "cache")[1]) == first


def test_the_report_is_written_by_the_ending_of_the_name(planted, tmp_path) -> None:
    out = tmp_path / "new folder"
    options = ["--photos", str(out / "photos.csv"), "--summary", str(out / "summary.json")]
    for name in ("all.json", "findings.csv", "page.html"):
        status, _, err = call(str(planted), "--out", str(out / name), *options, "--json", cache=tmp_path / "cache")
        assert (status, err) == (0, "")
        options = []
    whole = json.loads((out / "all.json").read_text())
    assert whole["summary"] == json.loads((out / "summary.json").read_text())
    assert whole["summary"]["files"] == 41
    assert len((out / "photos.csv").read_text().splitlines()) == 41
    assert "in-both-1.jpg" in (out / "findings.csv").read_text()
    assert "in-both-1.jpg" in (out / "page.html").read_text()
    assert [path.name for path in out.iterdir() if path.name.endswith(".tmp")] == []


def test_progress_is_told_to_the_page_in_lines_of_json(planted, tmp_path) -> None:
    status, _, err = call(str(planted), "--json", "--progress", "json", cache=tmp_path)
    told = steps(err)
    assert (status, len(told)) == (0, len(err.splitlines()))
    assert [set(step) for step in told] == [{"phase", "done", "total", "rate"}] * len(told)
    assert list(dict.fromkeys(step["phase"] for step in told)) == ["photos", "near duplicates", "report"]
    last = {step["phase"]: (step["done"], step["total"]) for step in told}
    assert last == {"photos": (41, 41), "near duplicates": (37, 37), "report": (1, 1)}
    bar = call(str(planted), "--progress", "bar", cache=tmp_path)[2]
    assert "41 of 41" in bar


@pytest.mark.parametrize("progress", ["json", "none"])
def test_a_folder_that_is_no_data_set_is_told_in_words(tmp_path, progress) -> None:
    status, out, err = call(str(tmp_path / "gone"), "--json", "--progress", progress, cache=tmp_path)
    assert (status, out) == (1, "")
    assert "Traceback" not in err
    assert "Error: Expected" in err
    told = steps(err)
    assert [step.keys() for step in told] == ([{"error"}] if progress == "json" else [])
    assert all(step["error"] in err.splitlines()[-1] for step in told)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Expected a photo folder, found none. Give one, set DERMNET_DATA_DIR, or use --download."),
        (("here", "--download"), "Expected --download or a folder, found both (here). Leave one out."),
        (("here", "--out", "r.pdf"), "Expected --out to end in .json, .csv, .html, found r.pdf. Rename it."),
    ],
)
def test_a_wrong_call_is_told_before_anything_is_read(tmp_path, arguments, message) -> None:
    assert call(*arguments, cache=tmp_path) == (1, "", f"Error: {message}\n")


def test_a_place_that_cannot_be_written_is_told_in_words(planted, tmp_path) -> None:
    (tmp_path / "file").write_text("no folder")
    status, _, err = call(str(planted), "--out", str(tmp_path / "file" / "r.json"), cache=tmp_path / "cache")
    assert status == 1
    assert err.startswith("Error: Expected to write ")
    assert "Traceback" not in err


def test_a_report_that_cannot_be_used_counts_as_none_and_is_named(tmp_path, caplog) -> None:
    assert load_report(tmp_path) is None
    path = report_path(tmp_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for text in ("{ half a", "[]", '{"schema": 0}'):
        path.write_text(text)
        caplog.clear()
        assert load_report(tmp_path) is None
        assert "scan the folder again" in caplog.text
    path.unlink()
    path.mkdir()
    with pytest.raises(DatasetError, match="Expected to read"):
        load_report(tmp_path)


def group(leader: int) -> list[int]:
    """Return the living processes of a process group."""
    found = subprocess.run(["ps", "-eo", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in found.splitlines())
    return [int(pid) for pid, pgid, state in rows if int(pgid) == leader and not state.startswith("Z")]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_scan_that_is_stopped_ends_its_processes_and_goes_on_later(tmp_path, number, status) -> None:
    root, cache = tmp_path / "photos", tmp_path / "cache"
    (root / "class-a").mkdir(parents=True)
    Image.fromarray(random_photos(1, 800)[0]).save(root / "class-a" / "photo-1.jpg")
    for copy in range(2, 321):
        shutil.copy(root / "class-a" / "photo-1.jpg", root / "class-a" / f"photo-{copy}.jpg")
    arguments = (str(root), "--json", "--progress", "json", "--processes", "2")
    process = start(*arguments, cache=cache, start_new_session=True)
    assert process.stderr is not None
    told: dict[str, Any] = {}
    while not told.get("done"):
        told = json.loads(process.stderr.readline())
    assert told["phase"] == "photos"
    assert told["done"] < 256, "the photos were all read before the scan could be stopped"
    assert len(group(process.pid)) >= 3, "two workers besides the command"
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (status, "")
    assert err.splitlines()[-1] == "Stopped. What is done is kept; the same command goes on."
    assert "Traceback" not in err
    deadline = time.monotonic() + 5
    while group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert group(process.pid) == []

    status, out, err = call(*arguments, cache=cache)
    assert status == 0, err
    assert json.loads(out)["files"] == 320
    assert told["done"] <= steps(err)[0]["done"] < 320, "the second run begins with what the first one measured"


def test_make_app_opens_folders_by_their_path_on_this_computer_only() -> None:
    def command(address: str) -> str:
        made = subprocess.run(
            ["make", "-n", "app", f"ADDRESS={address}"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return next(line for line in made.stdout.splitlines() if "streamlit run" in line)

    assert all(command(address).startswith("DERMNET_LOCAL=on ") for address in ("localhost", "127.0.0.1", "::1"))
    assert all(command(address).startswith("DERMNET_LOCAL=off ") for address in ("0.0.0.0", "::", "10.0.0.7", ""))


@pytest.mark.shared
def test_the_atlas_has_exactly_the_known_copies(shared, tmp_path) -> None:
    status, out, err = call(str(shared / "dermnet"), "--json", cache=tmp_path)
    assert status == 0, err
    result = json.loads(out)
    assert {key: result[key] for key in KEYS if key != "counts"} == {
        "files": 11_435,
        "distinct": 10_561,
        "duplicate_groups": 832,
        "conflicting_groups": 379,
        "leaked_test": 359,
        "unreadable": 0,
    }
    assert {split: sum(labels.values()) for split, labels in result["counts"].items()} == {
        "train": 9_294,
        "test": 2_141,
    }
