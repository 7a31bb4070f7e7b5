"""Scans as child processes: every way in which one can end."""

import signal
import sys
from pathlib import Path

import pytest

from dermnet_ui.dataset.jobs import Job, Jobs, Step, scan_command

STEP = r"""print('{"phase": "photos", "done": 3, "total": 10, "rate": 2.0}', file=sys.stderr, flush=True)"""


def python(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(["import sys, time, os, signal", *lines])]


def test_progress_is_read_while_the_scan_runs_and_it_can_be_stopped():
    job = Job(python(STEP, "time.sleep(60)"))
    while job.state == "running" and not job.step.done:
        job.wait(0.05)
    assert job.step == Step("photos", 3, 10, 2.0)
    assert job.step.seconds_left == 3.5
    job.stop()
    assert job.wait(20) == "stopped"
    assert "You stopped the scan" in job.message


def test_a_process_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dermnet_ui.dataset.jobs._PATIENCE", 0.2)
    job = Job(python("signal.signal(signal.SIGTERM, signal.SIG_IGN)", STEP, "time.sleep(60)"))
    while job.state == "running" and not job.step.done:
        job.wait(0.05)
    job.stop()
    assert job.wait(20) == "stopped"


def test_a_finished_scan_has_nothing_to_say():
    job = Job(python(STEP))
    assert job.wait(20) == "finished"
    assert job.message == ""


def test_a_failed_scan_says_why():
    job = Job(python("""print('{"error": "Expected photos, found none."}', file=sys.stderr)""", "sys.exit(2)"))
    assert job.wait(20) == "failed"
    assert job.message == "Expected photos, found none."


def test_a_scan_that_fails_without_json_repeats_its_last_line():
    job = Job(python(STEP, "print('Error: the disk is full\\n', file=sys.stderr)", "sys.exit(1)"))
    assert job.wait(20) == "failed"
    assert job.message == "the disk is full"


def test_a_killed_scan_says_so():
    job = Job(python(f"os.kill(os.getpid(), {int(signal.SIGKILL)})"))
    assert job.wait(20) == "failed"
    assert "SIGKILL" in job.message
    assert "memory" in job.message


def test_a_command_that_does_not_exist_fails_in_words(tmp_path: Path):
    job = Job([str(tmp_path / "missing")])
    assert job.state == "failed"
    assert job.message.startswith("Expected to start a process")


def test_two_visitors_see_the_same_scan_and_an_ended_one_can_be_made_again(tmp_path: Path):
    jobs = Jobs(lambda root: python("time.sleep(60)"))
    assert jobs.get(tmp_path) is None
    job = jobs.start(tmp_path)
    assert jobs.start(tmp_path / "x" / "..") is job
    assert jobs.get(tmp_path) is job
    job.stop()
    job.wait(20)
    again = jobs.start(tmp_path)
    assert again is not job
    again.stop()
    assert again.wait(20) == "stopped"


def test_a_folder_is_never_taken_for_an_option():
    assert Path(scan_command(Path("-rf").resolve())[4]).is_absolute()
