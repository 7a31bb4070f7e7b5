import json
import subprocess
import sys
from pathlib import Path

import pytest

from dermnet_core.__main__ import main
from dermnet_core.config_json import to_dict
from dermnet_core.data.scan import photo_files
from tests.core.run_cases import recipe as tiny_training
from tests.factories import write_artifact


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name in ("separable_cnn", "mobilenet_v2"):
        write_artifact(folder / name, name, classes=3)
    return folder


@pytest.fixture(autouse=True)
def installed(models, monkeypatch):
    monkeypatch.setattr("dermnet_core.commands.model_dirs", lambda: (models,))


def answer(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return status, json.loads(output.out), output.err


def test_predict_answers_photo_by_photo_and_model_by_model(photo_folder, tmp_path, capsys):
    photos = photo_files(photo_folder / "test" / "class-a")[:2]
    status, found, _ = answer(capsys, "predict", *photos, "--all", "--top", 2, "--heatmaps", tmp_path, "--json")
    assert status == 0
    assert [(entry["file"], entry["model"]) for entry in found] == [
        (str(photo), model) for photo in photos for model in ("mobilenet_v2", "separable_cnn")
    ]
    first = found[0]
    assert set(first) == {"file", "model", "predictions", "abstained", "reasons", "milliseconds", "heatmap"}
    assert [set(entry) for entry in first["predictions"]] == [{"class", "score"}] * 2
    assert first["predictions"][0]["score"] >= first["predictions"][1]["score"] > 0
    assert first["milliseconds"] > 0
    heatmaps = {entry["heatmap"] for entry in found}
    assert len(heatmaps) == 4
    assert all(Path(path).read_bytes().startswith(b"\x89PNG\r\n\x1a\n") for path in heatmaps)


def test_predict_without_heatmaps_writes_none(photo_folder, capsys):
    photo = photo_files(photo_folder)[0]
    _, found, _ = answer(capsys, "predict", photo, "--model", "separable_cnn", "--json")
    assert [entry["heatmap"] for entry in found] == [None]


def test_unreadable_photo_does_not_stop_the_others(photo_folder, tmp_path, capsys):
    bad = tmp_path / "bad.jpg"
    bad.write_text("no photo")
    good = photo_files(photo_folder)[0]
    status, found, _ = answer(
        capsys, "predict", bad, tmp_path / "missing.jpg", good, "--model", "separable_cnn", "--json"
    )
    assert status == 1
    assert [set(entry) for entry in found[:2]] == [{"file", "error"}] * 2
    assert found[2]["predictions"]


def test_folders_are_read_recursively(photo_folder, capsys):
    _, found, _ = answer(capsys, "predict", photo_folder, "--model", "separable_cnn", "--json")
    assert len(found) == 48


def test_empty_folder_and_unknown_model_are_errors(tmp_path, capsys):
    assert main(["predict", str(tmp_path), "--json"]) == 1
    assert "found none" in capsys.readouterr().err
    assert main(["predict", "photo.jpg", "--model", "resnet"]) == 1
    assert "Installed: mobilenet_v2, separable_cnn" in capsys.readouterr().err


def test_text_output_names_classes(photo_folder, capsys):
    assert main(["predict", str(photo_files(photo_folder)[0]), "--model", "separable_cnn"]) == 0
    assert "class-a" in capsys.readouterr().out


def test_models_lists_cards(capsys):
    status, found, _ = answer(capsys, "models", "--json")
    assert status == 0
    assert [card["name"] for card in found] == ["mobilenet_v2", "separable_cnn"]
    assert found[0]["classes"] == ["class-a", "class-b", "class-c"]


def test_wrong_calls_end_with_status_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["predict", "x.jpg", "--top", "0"])
    assert stop.value.code == 2
    with pytest.raises(SystemExit):
        main(["train", "--model", "resnet"])
    capsys.readouterr()


def test_train_from_the_command_line(photo_folder, tmp_path):
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(to_dict(tiny_training(2))))
    command = [sys.executable, "-m", "dermnet_core", "train", "--model", "separable_cnn", "--data", str(photo_folder)]
    command += ["--out", str(tmp_path / "run"), "--config", str(recipe), "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["artifact"].endswith("artifact")
    assert "epoch 2: loss" in result.stderr


def test_a_preset_that_does_not_fit_the_folder_fails_at_once(photo_folder, tmp_path, capsys):
    arguments = ["train", "--model", "separable_cnn", "--data", photo_folder, "--out", tmp_path / "run"]
    assert main([str(a) for a in [*arguments, "--preset", "quick"]]) == 1
    assert "at most the 21 training photos, found 64" in capsys.readouterr().err


def test_offline_pretrained_weights_are_asked_for(photo_folder, tmp_path, capsys):
    weights = tmp_path / "nowhere.h5"
    arguments = ["train", "--model", "mobilenet_v2", "--data", photo_folder, "--out", tmp_path / "run"]
    assert main([str(a) for a in [*arguments, "--preset", "quick", "--weights", weights]]) == 1
    assert "--weights" in capsys.readouterr().err
