"""Scans and evaluations as child processes: every way in which one can end."""

import signal
import sys
from pathlib import Path

import pytest

from dermnet_ui.dataset.scanning import scan_command
from dermnet_ui.jobs import EVALUATION, Job, Jobs, Step, progress_text

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
    monkeypatch.setattr("dermnet_ui.jobs._PATIENCE", 0.2)
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


def test_two_visitors_see_the_same_work_and_ended_work_can_be_done_again(tmp_path: Path):
    jobs, command = Jobs(), python("time.sleep(60)")
    assert jobs.get(tmp_path) is None
    job = jobs.start(tmp_path, command)
    assert jobs.start(tmp_path / "x" / "..", command) is job
    assert jobs.get(tmp_path) is job
    assert jobs.running() == [tmp_path.resolve()]
    job.stop()
    job.wait(20)
    assert jobs.running() == []
    again = jobs.start(tmp_path, command)
    assert again is not job
    again.stop()
    assert again.wait(20) == "stopped"


def test_an_evaluation_is_called_by_its_name():
    job = Job(python(STEP, "time.sleep(60)"), EVALUATION)
    job.stop()
    assert job.wait(20) == "stopped"
    assert job.message.startswith("You stopped the evaluation. Finished photos are kept")


def test_progress_says_phase_rate_and_time_left():
    titles = {"answers": "The model answers"}
    assert progress_text(Step(), titles) == "Starting"
    text = progress_text(Step("answers", 100, 1100, 10.0), titles, ("answers",))
    assert text == "The model answers · 100 of 1,100 · 10 photos a second · about 2 min left"
    assert progress_text(Step("answers", 5, 10, 0.5), titles) == "The model answers · 5 of 10 · about 10 s left"


def test_a_folder_is_never_taken_for_an_option():
    assert Path(scan_command(Path("-rf").resolve())[4]).is_absolute()
