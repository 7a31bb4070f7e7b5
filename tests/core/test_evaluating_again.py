"""An evaluation that was stopped goes on, and takes nothing over that is not its own."""

import json
import os
import signal
import subprocess
import sys

import pytest

from dermnet_core.__main__ import main
from dermnet_core.artifacts import PREDICTIONS
from dermnet_core.data.scan import photo_files
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.litert import LiteRTModel
from dermnet_core.paths import ROOT, cache_dir
from tests.core.evaluate_cases import evaluate, models

__all__ = ["models"]  # a fixture


SLOW = """
import sys, time
from dermnet_core.litert import LiteRTModel
from dermnet_core.__main__ import main
run = LiteRTModel.run
LiteRTModel.run = lambda self, batch: (time.sleep(0.3), run(self, batch))[1]
sys.exit(main(sys.argv[1:]))
"""


def stopped(folder, number: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Start the command and end it when some photos are done."""
    words = [sys.executable, "-c", SLOW, "evaluate", str(folder), "--model", "separable_cnn", "--progress", "json"]
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in process.stderr:
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("phase") == "answers" and told["done"] >= 16:
            break
    os.kill(process.pid, number)
    out, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, out, errors)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_stopped_evaluation_goes_on_and_runs_no_photo_twice(
    models, tmp_path, monkeypatch, capsys, number: signal.Signals
):
    folder = tmp_path / "skin"
    write_photo_folder(folder, per_class=14)
    ended = stopped(folder, number)
    assert ended.returncode == (-9 if number == signal.SIGKILL else 143)
    assert number == signal.SIGKILL or "the same command goes on" in ended.stderr
    (kept,) = (cache_dir() / "evaluations").iterdir()
    with kept.open("ab") as stream:
        stream.write(b"half a record")

    seen = []
    run = LiteRTModel.run
    monkeypatch.setattr(LiteRTModel, "run", lambda self, batch: (seen.append(len(batch)), run(self, batch))[1])
    status, _, errors = evaluate(capsys, folder, "--out", tmp_path / "resumed", "--progress", "json")
    first = next(told for line in errors.splitlines() if (told := json.loads(line))["phase"] == "answers")
    assert status == 0
    assert 16 <= first["done"] < 42
    assert sum(seen) == 42 - first["done"]
    assert not kept.exists()

    seen.clear()
    evaluate(capsys, folder, "--out", tmp_path / "anew")
    assert sum(seen) == 42
    resumed, anew = (Evaluation.load(tmp_path / name / PREDICTIONS) for name in ("resumed", "anew"))
    assert resumed.files == anew.files
    assert resumed.logits.tobytes() == anew.logits.tobytes()


def test_kept_answers_of_another_model_or_of_changed_photos_are_not_used(models, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "skin"
    write_photo_folder(folder, per_class=14)
    seen, interrupt = [], [True]
    run = LiteRTModel.run

    def count(self, batch):
        seen.append(len(batch))
        if interrupt and sum(seen) >= 24:
            raise KeyboardInterrupt
        return run(self, batch)

    monkeypatch.setattr(LiteRTModel, "run", count)
    assert main(["evaluate", str(folder), "--model", "separable_cnn"]) == 130
    assert len(list((cache_dir() / "evaluations").iterdir())) == 1
    interrupt.clear()
    seen.clear()
    evaluate(capsys, folder, model="mobilenet_v2")
    assert sum(seen) == 42
    first, other = photo_files(folder / "test")[:2]
    first.write_bytes(other.read_bytes())
    seen.clear()
    evaluate(capsys, folder)
    assert sum(seen) == 42


def test_a_cache_that_cannot_be_written_is_said(models, photo_folder, capsys):
    evaluate(capsys, photo_folder)
    (cache_dir() / "evaluations").rmdir()
    (cache_dir() / "evaluations").write_text("in the way")
    status, _, errors = evaluate(capsys, photo_folder)
    assert status == 1
    assert "Expected to keep finished work in" in errors
    assert "DERMNET_CACHE_DIR" in errors
