import json

from dermnet_core.__main__ import main
from dermnet_core.training.lock import hold
from tests.core.run_cases import epoch, planted
from tests.factories import write_artifact


def call(capsys, *arguments) -> tuple[int, str, str]:
    status = main(["runs", *map(str, arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_runs_are_listed(tmp_path, capsys):
    planted(tmp_path / "one", [(0, "start", {}), (9, "epoch", epoch(1, 1, 0.42)), (10, "stopped", {})])
    status, out, _ = call(capsys, "list", tmp_path)
    assert status == 0
    assert "stopped  1 of 6 epochs  best validation accuracy 42.0 %" in out
    _, out, _ = call(capsys, "list", tmp_path, "--json")
    assert json.loads(out)["runs"][0]["best_val_accuracy"] == 0.42
    (tmp_path / "empty").mkdir()
    assert "No runs in" in call(capsys, "list", tmp_path / "empty")[1]


def test_a_run_is_shown_with_its_epochs(tmp_path, capsys):
    run = planted(
        tmp_path / "one", [(0, "start", {}), (9, "epoch", epoch(1, 1, 0.42)), (10, "failed", {"error": "Why"})]
    )
    _, out, _ = call(capsys, "show", run.folder)
    assert "Why" in out
    assert "42.0 %" in out.splitlines()[-1]


def test_what_cannot_be_done_is_said(tmp_path, capsys):
    run = planted(tmp_path / "one", [])
    assert call(capsys, "stop", run.folder)[0] == 1
    status, _, err = call(capsys, "stop")
    assert (status, "Name one" in err) == (1, True)
    assert "--name" in call(capsys, "register", run.folder)[2]
    assert "Expected a run" in call(capsys, "show", tmp_path)[2]
    with hold(run.folder):
        assert "Stop it first" in call(capsys, "delete", run.folder)[2]


def test_a_run_is_registered_and_deleted(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DERMNET_MODELS_DIR", str(tmp_path / "models"))
    run = planted(tmp_path / "one", [(0, "start", {}), (9, "finished", {"artifact": "artifact"})])
    write_artifact(run.folder / "artifact", "separable_cnn")
    status, out, err = call(capsys, "register", run.folder, "--name", "mine")
    assert (status, err) == (0, "")
    assert "Registered mine" in out
    assert main(["models", "--json"]) == 0
    assert "mine" in [card["name"] for card in json.loads(capsys.readouterr().out)]
    assert call(capsys, "delete", run.folder)[0] == 0
    assert not run.folder.exists()
