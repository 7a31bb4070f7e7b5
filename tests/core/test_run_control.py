"""Runs as processes of their own: started, stopped, resumed, finished early, out of room, deleted."""

import os
import shutil
import time
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from dermnet_core.artifacts import load_artifact
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import RunError
from dermnet_core.training import control
from dermnet_core.training.__main__ import main
from dermnet_core.training.jobs import create_run
from dermnet_core.training.lock import holder
from dermnet_core.training.progress import read_events
from dermnet_core.training.status import RunProgress, read_progress
from tests.core.run_cases import planted, recipe

PATIENCE = 120


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    write_photo_folder(folder, per_class=16, size=48)
    return folder


def until(folder: Path, condition: Callable[[RunProgress], bool]) -> RunProgress:
    deadline = time.monotonic() + PATIENCE
    while not condition(progress := read_progress(folder)):
        assert time.monotonic() < deadline, control.tail(folder)
        time.sleep(0.05)
    return progress


def ended(progress: RunProgress) -> bool:
    return progress.status != "running"


def test_started_stopped_and_made_a_model_of_its_best_weights(photos, tmp_path):
    run = create_run(tmp_path / "run", recipe(400), photos)
    pid = control.start(run.folder)
    assert os.getsid(pid) == pid  # a session of its own: no terminal takes it along
    with pytest.raises(RunError, match=f"process {pid}"):
        control.start(run.folder)
    with pytest.raises(RunError, match="Stop it first"):
        control.delete(run.folder)
    until(run.folder, lambda progress: len(progress.epochs) > 1 or ended(progress))
    control.stop(run.folder)
    stopped = read_progress(run.folder)
    assert (stopped.status, holder(run.folder)) == ("stopped", None)
    with pytest.raises(RunError, match="nothing to stop"):
        control.stop(run.folder)

    control.start(run.folder, finish=True)
    finished = until(run.folder, ended)
    assert finished.status == "finished", control.tail(run.folder)
    assert finished.epochs == stopped.epochs  # trained no further
    load_artifact(run.folder / "artifact").verify()
    with pytest.raises(RunError, match="it is finished"):
        control.start(run.folder)
    control.delete(run.folder)
    assert not run.folder.exists()


def test_a_trial_ends_with_its_accuracy_and_never_sees_test_photos(photos, tmp_path):
    run = create_run(tmp_path / "trial", recipe(2), photos, purpose="trial")
    control.start(run.folder)
    progress = until(run.folder, ended)
    assert progress.status == "finished", control.tail(run.folder)
    last = read_events(run.folder)[-1]
    assert last["val_accuracy"] == progress.best.val_accuracy
    assert last["epoch"] == progress.best.epoch
    assert not (run.folder / "artifact").exists()
    assert not any((run.folder / "checkpoints").iterdir())
    assert not [event for event in read_events(run.folder) if event["event"] in ("novelty", "calibrate", "evaluate")]


def test_a_full_disk_is_said_and_the_run_goes_on_once_there_is_room(photos, tmp_path, monkeypatch, capsys):
    run = create_run(tmp_path / "run", recipe(2), photos, purpose="trial")
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patch:
        # Room for the photos and the first epoch (its weights, the best ones), none for the second.
        room = iter([2**40] * 3)
        patch.setattr(shutil, "disk_usage", lambda path: usage(2**40, 0, next(room, 1000)))
        assert main([str(run.folder)]) == 1
    failed = read_progress(run.folder)
    assert (failed.status, failed.done) == ("failed", 1)
    assert "GiB of room" in failed.message
    assert main([str(run.folder)]) == 0
    assert [epoch.epoch for epoch in read_progress(run.folder).epochs] == [1, 2]


def test_a_process_that_ends_at_once_is_told(tmp_path):
    run = planted(tmp_path / "run", [])
    with pytest.raises(RunError, match="ZeroDivisionError"):
        control.launch(run.folder, ["-c", "1 / 0"])


def test_only_run_folders_are_deleted(tmp_path):
    (tmp_path / "holiday").mkdir()
    with pytest.raises(RunError, match="Expected a run"):
        control.delete(tmp_path / "holiday")
    assert (tmp_path / "holiday").is_dir()


def test_the_log_of_a_run_that_never_started_is_empty(tmp_path):
    assert control.tail(tmp_path) == ""
