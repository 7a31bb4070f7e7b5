"""The command ``evaluate`` on the photos of a folder; for photos of another source see test_outside.py."""

import csv
import json
import shlex

import numpy as np
import pytest

from dermnet_core.__main__ import main
from dermnet_core.artifacts import LITERT, PREDICTIONS, ModelRegistry, load_artifact
from dermnet_core.data.scan import photo_files
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluations import list_evaluations
from dermnet_core.inference import InferenceEngine
from dermnet_core.litert import LiteRTModel
from dermnet_core.paths import evaluations_dir
from tests.core.evaluate_cases import evaluate, models

__all__ = ["models"]  # a fixture


@pytest.fixture
def photos(tmp_path):
    write_photo_folder(tmp_path / "skin")
    return tmp_path / "skin"


def table(path):
    return list(csv.reader(path.read_text().splitlines()))


def test_it_reports_every_view_and_writes_the_file(models, photo_folder, tmp_path, capsys):
    out = tmp_path / "evaluation.json"
    status, found, errors = evaluate(capsys, photo_folder, "--out", out, "--progress", "json")
    keys = {"n", "top1", "top3", "top5", "macro_f1", "balanced_accuracy", "ece", "per_class"}
    assert status == 0
    assert keys <= set(found)
    assert keys <= set(found["clean"])
    assert keys <= set(found["blocked"])
    assert (found["n"], found["left_out"]) == (24, 0)
    assert json.loads(out.read_text()) == found
    told = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert {"photos", "near duplicates", "answers", "figures"} == {entry["phase"] for entry in told}
    assert [entry["done"] for entry in told if entry["phase"] == "answers"][-1] == 24


def test_it_agrees_with_predictions_one_by_one(models, photo_folder, capsys):
    _, found, _ = evaluate(capsys, photo_folder, model="mobilenet_v2")
    engine = InferenceEngine(ModelRegistry([models]).get("mobilenet_v2"))
    hits = [
        engine.predict_bytes(photo.read_bytes()).ranked(1)[0].label == photo.parent.name
        for photo in photo_files(photo_folder / "test")
    ]
    assert found["top1"] == pytest.approx(sum(hits) / len(hits))


def test_a_folder_without_splits_is_taken_whole_and_has_no_clean_view(models, photo_folder, capsys):
    assert main(["evaluate", str(photo_folder / "test"), "--model", "separable_cnn"]) == 0
    shown = capsys.readouterr().out
    assert "separable_cnn on test photos:" in shown
    assert "n = 24" in shown
    assert "clean" not in shown


def test_the_scores_of_each_photo_as_csv(models, photos, tmp_path, capsys):
    odd = photos / "test" / "class-a" / "=HYPERLINK(1)-1.jpg"
    odd.write_bytes(photo_files(photos)[0].read_bytes())
    _, found, _ = evaluate(
        capsys, photos, "--predictions", tmp_path / "scores.csv", "--out", tmp_path / "whole", "--split", "train"
    )
    rows = table(tmp_path / "scores.csv")
    whole = Evaluation.load(tmp_path / "whole" / PREDICTIONS).predictions()
    assert rows[0] == ["file", "label", *found["classes"]]
    assert [row[0] for row in rows[1:]] == list(whole.files)
    scores = np.array([[float(score) for score in row[2:]] for row in rows[1:]], dtype=np.float32)
    np.testing.assert_array_equal(scores, whole.scores)
    hits = [row[1] == found["classes"][int(np.argmax([float(score) for score in row[2:]]))] for row in rows[1:]]
    assert found["top1"] == pytest.approx(np.mean(hits))


def test_no_file_name_is_taken_for_a_formula(models, tmp_path, capsys):
    write_photo_folder(tmp_path / "set", splits=("",))
    (tmp_path / "set" / "class-a").rename(tmp_path / "set" / "=cmd")
    mapping = {"name": "Odd", "labels": {"=cmd": "class-a", "class-b": "class-b", "class-c": None}}
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    out = tmp_path / "scores.csv"
    evaluate(capsys, tmp_path / "set", "--mapping", tmp_path / "mapping.json", "--predictions", out)
    assert {row[0][:5] for row in table(out)} == {"file", "'=cmd", "class"}


def test_an_evaluation_that_is_kept_is_listed(models, photo_folder, capsys):
    evaluate(capsys, photo_folder, "--keep", "mine")
    own = [entry for entry in list_evaluations()[0] if entry.own]
    assert [entry.folder for entry in own] == [evaluations_dir() / "mine"]
    assert own[0].about.photos == f"{photo_folder.name} test photos"
    assert own[0].about.command == "python -m dermnet_core evaluate DIR --model separable_cnn --split test"
    assert evaluate(capsys, photo_folder, "--keep", "mine")[0] == 0
    assert not [path for path in evaluations_dir().iterdir() if path.name.startswith(".")]


def test_the_command_in_the_record_makes_the_same_answers(models, photo_folder, tmp_path, capsys):
    evaluate(capsys, photo_folder, "--photos", "My photos", "--split", "train", "--out", tmp_path / "one")
    first = Evaluation.load(tmp_path / "one" / PREDICTIONS)
    words = shlex.split(first.about.command.replace("DIR", str(photo_folder)))
    assert words[:3] == ["python", "-m", "dermnet_core"]
    assert main([*words[3:], "--out", str(tmp_path / "two")]) == 0
    second = Evaluation.load(tmp_path / "two" / PREDICTIONS)
    assert (second.files, second.about.photos, second.about.command) == (first.files, "My photos", first.about.command)
    np.testing.assert_array_equal(second.logits, first.logits)


def test_unreadable_photos_are_named_and_left_out(models, photos, tmp_path, capsys):
    bad = photo_files(photos / "test")[3]
    bad.write_bytes(bad.read_bytes()[:200])
    status, found, errors = evaluate(capsys, photos, "--out", tmp_path / "out")
    assert (status, found["n"], found["left_out"]) == (0, 23, 1)
    assert f"Left out, {bad.relative_to(photos).as_posix()}: Expected a complete JPEG file" in errors
    assert Evaluation.load(tmp_path / "out" / PREDICTIONS).about.left_out == 1
    assert main(["evaluate", str(photos), "--model", "separable_cnn"]) == 0
    assert "left out, missing or unreadable: 1" in capsys.readouterr().out


def test_photos_that_vanish_on_the_way_are_left_out(models, photos, monkeypatch, capsys):
    gone = photo_files(photos / "test")[-1]
    run = LiteRTModel.run
    monkeypatch.setattr("dermnet_core.outputs._AHEAD", 0)

    def run_and_remove(self, batch):
        gone.unlink(missing_ok=True)
        return run(self, batch)

    monkeypatch.setattr(LiteRTModel, "run", run_and_remove)
    status, found, errors = evaluate(capsys, photos)
    assert (status, found["n"], found["left_out"]) == (0, 23, 1)
    assert "cannot be read (No such file or directory)" in errors


def test_too_many_unreadable_photos_are_an_error(models, photos, capsys):
    for photo in photo_files(photos / "test")[:6]:
        photo.write_bytes(b"")
    status, _, errors = evaluate(capsys, photos)
    assert status == 1
    assert "Expected at least 80 % of 24 photos to be readable, found 6 that are not, first test/class-a/" in errors
    for photo in photo_files(photos):
        photo.write_bytes(b"")
    assert "found none. Look at the files." in evaluate(capsys, photos)[2]


def test_classes_that_the_model_does_not_know(models, photos, capsys):
    (photos / "test" / "class-a").rename(photos / "test" / "other")
    status, _, errors = evaluate(capsys, photos)
    assert status == 1
    assert "found folders other" in errors
    assert "--mapping" in errors


def test_a_folder_without_labels(models, tmp_path, photos, capsys):
    loose = tmp_path / "loose"
    loose.mkdir()
    photo_files(photos)[0].rename(loose / "a.jpg")
    assert "found 1 photo but no class folders" in evaluate(capsys, loose)[2]
    assert "found nothing at" in evaluate(capsys, tmp_path / "missing")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--predictions", "scores.txt"], "to end in .csv"),
        (["--keep", "../up"], "Expected a name of letters"),
        (["--keep", "taken"], "found something else"),
        (["--renew", "--split", "train"], "Expected --renew with the test photos"),
        (["--split", "all"], "found only: test, train"),
    ],
)
def test_wrong_options_are_refused_at_once(models, photo_folder, capsys, arguments, message):
    (evaluations_dir() / "taken").mkdir(parents=True)
    (evaluations_dir() / "taken" / "thesis.txt").write_text("dear")
    status, _, errors = evaluate(capsys, photo_folder, *arguments)
    assert status == 1
    assert message in errors
    assert (evaluations_dir() / "taken" / "thesis.txt").read_text() == "dear"


def test_renew_gives_the_model_itself_a_new_evaluation(models, photo_folder, capsys):
    status, found, _ = evaluate(capsys, photo_folder, "--renew", model="mobilenet_v2")
    artifact = load_artifact(models / "mobilenet_v2")
    artifact.verify()
    assert status == 0
    assert artifact.evaluation() == found
    assert artifact.card.figures["official"]["top1"] == {
        "value": found["top1"], "interval": found["intervals"]["top1"], "n": 24,
    }  # fmt: skip
    assert Evaluation.load(artifact.path(PREDICTIONS)).about.model_sha256 == artifact.card.sha256[LITERT]
    assert sorted(path.name for path in models.iterdir()) == ["mobilenet_v2", "separable_cnn"]
    artifact.path(PREDICTIONS).write_bytes(b"changed")
    with pytest.raises(ArtifactError, match=r"Expected SHA-256 .* for predictions.npz"):
        artifact.verify()
