import json

import pytest

from dermnet_core.errors import RunError
from dermnet_core.training.jobs import RUN_FILE
from dermnet_core.training.lock import hold
from dermnet_core.training.status import STATUS_WORDS, list_runs, read_progress
from tests.core.run_cases import epoch, planted

STAGE = {"stage": 1, "stages": 2, "name": "stage 1", "epochs": 4}


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (None, "new"),
        (("stopped", {}), "stopped"),
        (("failed", {"error": "no room", "kind": "OSError"}), "failed"),
        (("finished", {"artifact": "artifact"}), "finished"),
        (("epoch", epoch(1, 1)), "interrupted"),
    ],
)
def test_status_without_a_process(tmp_path, last, status):
    events = [] if last is None else [(0, "start", {}), (5, *last)]
    progress = read_progress(planted(tmp_path / "run", events).folder)
    assert progress.status == status
    assert progress.phase == STATUS_WORDS[status]
    assert progress.message == ("no room" if status == "failed" else "")
    assert progress.fraction == (1.0 if status == "finished" else 0.25 * 4 / 6 if status == "interrupted" else 0.0)


def test_a_running_run_says_what_it_does_and_how_long_it_takes(tmp_path):
    step = {"stage": 1, "epoch": 2, "epochs": 4, "steps": 10, "loss": 1.0, "accuracy": 0.5}
    events = [
        (0, "start", {}), (1, "stage", STAGE), (10, "step", step | {"epoch": 1, "step": 5}),
        (20, "epoch", epoch(1, 1, 0.7)), (30, "step", step | {"step": 5}),
    ]  # fmt: skip
    run = planted(tmp_path / "run", events)
    with hold(run.folder):
        progress = read_progress(run.folder)
    assert progress.status == "running"
    assert progress.phase == "Training, stage 1 of 2: stage 1, epoch 2 of 4"
    assert (progress.done, progress.total) == (1, 6)
    assert progress.fraction == pytest.approx(1.5 / 6)
    assert progress.seconds_left == pytest.approx(25 * 20 / 10)  # 25 steps are left, 10 took 20 seconds
    assert progress.step["step"] == 5
    assert progress.stages == ("stage 1", "stage 2")
    assert progress.best.val_accuracy == 0.7


def test_activations_evaluation_and_preparation_have_words(tmp_path):
    begun = [(0, "start", {}), (1, "stage", STAGE)]
    stored = [*begun, (2, "extract", {"stage": 1, "done": 10, "total": 50}),
              (4, "extract", {"stage": 1, "done": 30, "total": 50})]  # fmt: skip
    for events, phase, left in (
        (begun[:1], "Preparing the photos", None),
        (stored, "Storing activations, stage 1 of 2: stage 1, 30 of 50", 2.0),
        ([*begun, (9, "evaluate", {"done": 16, "total": 64})], "Evaluating on test photos: 16 of 64", None),
    ):
        run = planted(tmp_path / "run", events)
        with hold(run.folder):
            progress = read_progress(run.folder)
        assert (progress.phase, progress.seconds_left) == (phase, left)


def test_an_epoch_trained_twice_counts_once_and_pauses_do_not_count(tmp_path):
    events = [
        (0, "start", {}), (1, "stage", STAGE), (10, "epoch", epoch(1, 1)),
        (500, "start", {}), (505, "epoch", epoch(1, 1, 0.4)), (515, "epoch", epoch(1, 2, 0.8)),
        (520, "epoch", epoch(2, 1, 0.6, epochs=2)), (521, "stopped", {}),
    ]  # fmt: skip
    progress = read_progress(planted(tmp_path / "run", events).folder)
    assert [(e.stage, e.epoch, e.val_accuracy) for e in progress.epochs] == [(1, 1, 0.4), (1, 2, 0.8), (2, 1, 0.6)]
    assert [e.seconds for e in progress.epochs] == [15.0, 25.0, 30.0]
    assert progress.done == 4 + 1  # the first stage is over, however soon it ended
    assert progress.best.val_accuracy == 0.8


def test_runs_are_listed_newest_first_and_damaged_ones_are_named(tmp_path):
    planted(tmp_path / "old", [(0, "start", {})])
    planted(tmp_path / "young", [(60, "start", {})])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / RUN_FILE).write_text("{")
    newer = planted(tmp_path / "newer", []).folder / RUN_FILE
    newer.write_text(json.dumps(json.loads(newer.read_text()) | {"schema": 2}))
    runs, problems = list_runs(tmp_path)
    assert [summary.run.folder.name for summary in runs] == ["young", "old"]
    assert any("Update the program" in problem for problem in problems)
    assert any("broken" in problem for problem in problems)
    assert list_runs(tmp_path / "nowhere") == ([], [])


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(RunError, match="Expected a run"):
        read_progress(tmp_path)
