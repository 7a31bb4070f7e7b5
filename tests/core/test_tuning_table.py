import csv
import io
import json
from dataclasses import replace

import pytest
from keras_tuner.oracles import BayesianOptimizationOracle

from dermnet_core.__main__ import main
from dermnet_core.config_json import from_dict, to_dict
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.training.progress import EventLog
from dermnet_core.tuning.importance import importance
from dermnet_core.tuning.oracle import build_oracle
from dermnet_core.tuning.search import SEARCH_FILE, SearchSettings, create_search, open_search
from dermnet_core.tuning.space import SPACE, configuration
from dermnet_core.tuning.table import from_json, list_searches, read_asset, read_search, to_json, trials_csv
from tests.core.run_cases import epoch, planted
from tests.tuning_cases import VALUES, make_table

POINT = {"classes": 3, "image_size": 64, "epochs": 5, "max_photos": 100, "seed": 1}


def test_a_point_of_the_space_is_a_recipe():
    config = configuration(VALUES | {"blocks": 3, "filters_3": 96}, **POINT)
    network, fit = config.separable_cnn, config.stages[0].fit
    assert (network.block_filters, network.block_strides) == ((64, 128, 96), (2, 2, 1))
    assert (network.kernel_size, network.dense_units, network.dropout) == (5, 320, 0.2)
    assert (fit.optimizer, fit.batch_size, fit.learning_rate) == ("rmsprop", 16, 5e-4)
    assert (config.max_photos, config.seed, fit.early_stopping_patience) == (100, 1, 3)
    assert from_dict(to_dict(config)) == config


def test_a_point_without_a_value():
    with pytest.raises(ConfigError, match="found none for 'dense'"):
        configuration({name: value for name, value in VALUES.items() if name != "dense"}, **POINT)


def test_the_space_is_that_of_the_report():
    space = {parameter.name: parameter for parameter in SPACE}
    assert space["blocks"].choices == (2, 3, 4)
    assert all((space[f"filters_{n}"].low, space[f"filters_{n}"].high) == (32, 256) for n in (1, 2, 3, 4))
    assert space["kernel"].choices == (3, 5)
    assert (space["dropout"].low, space["dropout"].high) == (0.0, 0.6)
    assert (space["dense"].low, space["dense"].high) == (256, 512)
    assert set(space["learning_rate"].choices) == {1e-3, 5e-4, 1e-4}
    assert set(space["optimizer"].choices) == {"adam", "rmsprop", "sgd"}
    assert (space["batch"].choices, space["label_smoothing"].choices) == ((16, 32), (0.0, 0.05, 0.1))


def test_settings_survive_and_another_search_is_not_overwritten(tmp_path):
    settings = SearchSettings(tmp_path, 3, trials=5)
    search = create_search(tmp_path / "one", settings)
    assert open_search(tmp_path / "one") == search == create_search(tmp_path / "one", settings)
    with pytest.raises(RunError, match="other settings"):
        create_search(tmp_path / "one", replace(settings, trials=6))
    with pytest.raises(RunError, match="trials of at least 1, found 0"):
        SearchSettings(tmp_path, 3, trials=0)
    with pytest.raises(RunError, match="Expected a search"):
        open_search(tmp_path)
    path = tmp_path / "one" / SEARCH_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 9}))
    with pytest.raises(RunError, match="Update the program"):
        open_search(tmp_path / "one")


@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras_tuner")
def test_a_point_that_was_tried_is_not_tried_again(tmp_path, monkeypatch):
    oracle = build_oracle(SearchSettings(tmp_path, 3, trials=5))
    oracle._set_project_dir(str(tmp_path), "tuner")
    first = oracle.create_trial("tuner0")
    first.status = "COMPLETED"
    oracle.update_trial(first.trial_id, {"val_accuracy": 0.3})
    oracle.end_trial(first)
    again = {"status": "RUNNING", "values": dict(first.hyperparameters.values)}
    monkeypatch.setattr(BayesianOptimizationOracle, "populate_space", lambda self, trial_id: again)
    second = oracle.create_trial("tuner0")
    assert second.status == "RUNNING"
    assert second.hyperparameters.values != first.hyperparameters.values


def planted_search(folder):
    search = create_search(folder, SearchSettings(folder.parent, 3, trials=3))
    EventLog(folder).write("start")
    for number, (status, message) in enumerate(
        [("COMPLETED", None), ("FAILED", "Traceback\nX: no memory"), ("RUNNING", None)]
    ):
        trial = folder / "tuner" / f"trial_{number}" / "trial.json"
        trial.parent.mkdir(parents=True)
        values = {
            "trial_id": str(number),
            "hyperparameters": {"values": dict(VALUES)},
            "status": status,
            "message": message,
        }
        trial.write_text(json.dumps(values))
    stage = {"stage": 1, "stages": 1, "name": "train", "epochs": 4, "parameters": 1234}
    planted(
        search.trial_folder("0"), [(0, "start", {}), (1, "stage", stage), (9, "epoch", epoch(1, 1, 0.4)),
        (12, "epoch", epoch(1, 2, 0.3)), (13, "finished", {"val_accuracy": 0.4, "epoch": 1})], 4,
    )  # fmt: skip
    return search


def test_a_search_is_read_from_the_files_of_keras_tuner_and_the_runs(tmp_path):
    planted_search(tmp_path / "search")
    table = read_search(tmp_path / "search")
    assert table.status == "interrupted"
    assert [trial.status for trial in table.trials] == ["completed", "failed", "waiting"]
    first, second, _ = table.trials
    assert (first.val_accuracy, first.best_epoch, first.epochs, first.seconds, first.parameters) == (
        0.4,
        1,
        2,
        13.0 - 1.0,
        1234,
    )
    assert second.message == "no memory"
    assert table.best == first
    assert [found.name for found in list_searches(tmp_path)[0]] == ["search"]


def test_damaged_trials_are_said(tmp_path):
    planted_search(tmp_path / "search")
    (tmp_path / "search" / "tuner" / "trial_1" / "trial.json").write_text("{")
    with pytest.raises(RunError, match="trials of Keras Tuner"):
        read_search(tmp_path / "search")
    assert "trials of Keras Tuner" in list_searches(tmp_path)[1][0]


def test_a_table_survives_json_without_paths(tmp_path):
    table = make_table(4, failed=1)
    again = from_json(json.loads(json.dumps(to_json(table))))
    assert again.trials == tuple(replace(trial, folder=None) for trial in table.trials)
    assert to_json(table)["settings"]["data_dir"] == "DIR"


def test_rows_for_other_tools():
    rows = list(csv.DictReader(io.StringIO(trials_csv(make_table(3, failed=1)))))
    assert [row["status"] for row in rows] == ["completed", "completed", "failed"]
    assert rows[0]["optimizer"] == "rmsprop"
    assert rows[0]["filters_4"] == ""


def test_what_decides_the_accuracy_is_found_important():
    table = make_table(24)
    shares = importance(table)
    assert shares[0][0] == "learning_rate"  # the only setting that make_table lets matter
    assert sum(share for _, share in shares) == pytest.approx(1.0)
    assert importance(make_table(7)) == []


def test_the_asset(tmp_path):
    assert read_asset(tmp_path / "none.json") is None
    (tmp_path / "broken.json").write_text("[]")
    with pytest.raises(RunError, match="Restore the file"):
        read_asset(tmp_path / "broken.json")
    shipped = read_asset()
    assert shipped is not None
    assert len(shipped.completed) >= 20


def test_the_command_exports_and_explains(tmp_path, capsys):
    planted_search(tmp_path / "search")
    for name in ("t.json", "t.csv"):
        assert main(["tune", str(tmp_path / "search"), "--export", str(tmp_path / name)]) == 0
    assert len(json.loads((tmp_path / "t.json").read_text())["trials"]) == 3
    assert main(["tune", str(tmp_path / "search"), "--export", str(tmp_path / "t.xls")]) == 1
    assert main(["tune", str(tmp_path / "new")]) == 1
    errors = capsys.readouterr().err
    assert "to end in .json or .csv" in errors
    assert "Expected --data" in errors
