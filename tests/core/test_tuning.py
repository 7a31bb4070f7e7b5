"""Searches over real trials, each a process: duplicates, failures, stopping, resuming, several workers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from keras_tuner.engine.trial import Trial

from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import RunError
from dermnet_core.training.lock import holder
from dermnet_core.training.progress import read_events
from dermnet_core.tuning import control
from dermnet_core.tuning.oracle import hyperparameters
from dermnet_core.tuning.search import Search, SearchSettings, create_search
from dermnet_core.tuning.table import SearchTable, read_search

PATIENCE = 150


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    write_photo_folder(folder, per_class=24, size=48)
    return folder


def new_search(folder: Path, photos: Path, trials: int = 2) -> Search:
    return create_search(folder, SearchSettings(photos, 3, trials=trials, max_photos=None, epochs=1, image_size=48))


def until(folder: Path, condition) -> SearchTable:
    deadline = time.monotonic() + PATIENCE
    while not condition(table := read_search(folder)):
        assert time.monotonic() < deadline, (folder / "log.txt").read_text()
        time.sleep(0.1)
    return table


def test_a_state_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    trial, path = Trial(hyperparameters()), tmp_path / "trial.json"
    trial.save(str(path))
    before = path.read_text()

    def cut(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(OSError, match="power cut"):
        trial.save(str(path))
    assert path.read_text() == before
    assert json.loads(before)


def test_stopped_killed_and_resumed_a_search_ends_with_all_its_trials(photos, tmp_path):
    search = new_search(tmp_path / "search", photos)
    control.start(search.folder)
    with pytest.raises(RunError, match="nobody at work"):
        control.start(search.folder)
    until(search.folder, lambda table: any(trial.status == "running" for trial in table.trials))
    control.stop(search.folder)
    stopped = read_search(search.folder)
    assert stopped.status == "stopped"
    assert [trial.status for trial in stopped.trials] == ["waiting"]  # its process ended too

    control.start(search.folder)
    until(search.folder, lambda table: any(trial.status == "running" for trial in table.trials))
    os.kill(holder(search.folder), signal.SIGKILL)
    until(search.folder, lambda table: table.status == "interrupted")

    control.start(search.folder)
    finished = until(search.folder, lambda table: table.status not in ("running", "interrupted"))
    assert finished.status == "finished", (search.folder / "log.txt").read_text()
    assert [trial.status for trial in finished.trials] == ["completed", "completed"]
    assert [trial.values for trial in finished.trials[:1]] == [trial.values for trial in stopped.trials]
    assert all(trial.parameters and trial.seconds and trial.epochs == 1 for trial in finished.trials)
    assert finished.best.val_accuracy == max(trial.val_accuracy for trial in finished.trials)
    with pytest.raises(RunError, match="it is finished"):
        control.start(search.folder)
    control.delete(search.folder)
    assert not search.folder.exists()


def test_a_chief_and_two_workers_share_a_search(photos, tmp_path):
    search = new_search(tmp_path / "search", photos)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    surroundings = os.environ | {"KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": str(port)}
    command = [sys.executable, "-m", "dermnet_core.tuning", str(search.folder)]
    names = ("chief", "worker0", "worker1")
    processes = {}
    for name in names:
        log = (tmp_path / f"{name}.txt").open("wb")
        with log:
            processes[name] = subprocess.Popen(
                command, env=surroundings | {"KERASTUNER_TUNER_ID": name}, stdout=log, stderr=log
            )
    try:
        for name in ("worker0", "worker1"):
            assert processes[name].wait(PATIENCE) == 0, (tmp_path / f"{name}.txt").read_text()
        assert processes["chief"].wait(60) == 0, (tmp_path / "chief.txt").read_text()
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
    table = read_search(search.folder)
    assert [trial.status for trial in table.trials] == ["completed", "completed"]
    stored = [json.loads(path.read_text()) for path in search.folder.glob("tuner/trial_*/trial.json")]
    assert {trial["score"] for trial in stored} == {trial.val_accuracy for trial in table.trials}


def test_a_trial_that_fails_is_shown_and_does_not_end_the_search(photos, tmp_path):
    # The first trial's process is killed as if memory had run out.
    search = new_search(tmp_path / "search", photos)
    script = (
        "import sys, subprocess\n"
        "real, count = subprocess.Popen, []\n"
        "def broken(command, **options):\n"
        "    if 'dermnet_core.training' in command:\n"
        "        count.append(1)\n"
        "        if len(count) == 1:\n"
        "            command = [sys.executable, '-c', 'import os; os.kill(os.getpid(), 9)']\n"
        "    return real(command, **options)\n"
        "subprocess.Popen = broken\n"
        "from dermnet_core.__main__ import main\n"
        "sys.exit(main(['tune', sys.argv[1], '--json', '--progress', 'bar']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(search.folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [trial["status"] for trial in json.loads(done.stdout)["trials"]] == ["failed", "completed"]  # JSON alone
    assert "trial 1 of 2 failed: Expected the trial to finish" in done.stderr
    assert "trial 2 of 2, epochs" in done.stderr
    assert "trial 2 of 2 completed: validation accuracy" in done.stderr
    told = [event for event in read_events(search.folder) if event["event"] == "trial"]
    assert [event["status"] for event in told] == ["failed", "completed"]
    table = read_search(search.folder)
    assert [trial.status for trial in table.trials] == ["failed", "completed"]
    assert "lack of memory" in table.trials[0].message


def test_a_search_that_cannot_work_says_so_before_the_first_trial(photos, tmp_path):
    settings = SearchSettings(photos, 4, trials=2, epochs=1, image_size=48)
    search = create_search(tmp_path / "search", settings)
    command = [sys.executable, "-m", "dermnet_core.tuning", str(search.folder)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    table = read_search(search.folder)
    assert (table.status, table.trials) == ("failed", ())
    assert "Expected 4 class folders" in table.message
