import json
import shutil

import pytest

from dermnet_core.artifacts import CARD, PREDICTIONS, WEIGHTS, ModelRegistry
from dermnet_core.config_json import to_dict
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ArtifactError, ConfigError, RunError
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.training.register import register
from tests.core.run_cases import epoch, planted, recipe
from tests.factories import write_artifact


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def test_a_model_folder_gets_a_name_of_its_own(tmp_path, models):
    source = write_artifact(tmp_path / "elsewhere", "separable_cnn")
    found = register(source.folder, "my-cnn", models_dir=models)
    assert (found.name, found.card.title) == ("my-cnn", "Separable CNN · my-cnn")
    found.verify()
    assert ModelRegistry([models]).get("my-cnn").card == found.card
    assert found.card.sha256[WEIGHTS] == source.card.sha256[WEIGHTS]
    again = register(found.folder, "other", models_dir=models)
    assert again.card.title == "Separable CNN · other"
    assert not list(models.glob(".*"))


@pytest.mark.parametrize("name", ["", "My CNN", "../up", ".hidden", "a" * 42])
def test_names_that_are_no_names(tiny_artifact, models, name):
    with pytest.raises(ConfigError, match="small letters"):
        register(tiny_artifact.folder, name, models_dir=models)


def test_names_that_are_taken(tiny_artifact, models):
    register(tiny_artifact.folder, "mine", models_dir=models)
    for name in ("mine", "mobilenet_v2"):
        with pytest.raises(ConfigError, match="already"):
            register(tiny_artifact.folder, name, models_dir=models)


def test_a_damaged_model_is_refused(tiny_artifact, models):
    tiny_artifact.path(WEIGHTS).write_bytes(b"damaged")
    with pytest.raises(ArtifactError, match="SHA-256"):
        register(tiny_artifact.folder, "mine", models_dir=models)
    assert not models.exists()


def test_a_finished_run(tiny_artifact, tmp_path, models):
    run = planted(tmp_path / "run", [(0, "start", {}), (9, "finished", {"artifact": "artifact"})])
    shutil.copytree(tiny_artifact.folder, run.folder / "artifact")
    assert register(run.folder, "mine", models_dir=models).folder == models / "mine"


def test_an_unfinished_run(tmp_path, models):
    run = planted(tmp_path / "run", [(0, "start", {}), (5, "epoch", epoch(1, 1)), (6, "stopped", {})])
    with pytest.raises(RunError, match=r"Expected a finished run .* You stopped it"):
        register(run.folder, "mine", models_dir=models)


def test_a_folder_with_nothing_of_use(tmp_path, models):
    with pytest.raises(RunError, match=r"model\.weights\.h5 beside config\.json"):
        register(tmp_path, "mine", data_dir=tmp_path, models_dir=models)


def test_weights_from_a_notebook_are_calibrated_and_become_a_model(tmp_path, models, monkeypatch):
    monkeypatch.setenv("DERMNET_RUNS_DIR", str(tmp_path / "runs"))
    photos, notebook = tmp_path / "photos", tmp_path / "notebook"
    write_photo_folder(photos, per_class=16, size=48)
    notebook.mkdir()
    made = write_artifact(tmp_path / "made", "separable_cnn", classes=3, size=48)
    shutil.copy(made.path(WEIGHTS), notebook)
    card = json.loads(made.path(CARD).read_text())
    (notebook / "config.json").write_text(
        json.dumps(to_dict(recipe(1)) | {"separable_cnn": card["recipe"]["separable_cnn"]})
    )
    with pytest.raises(RunError, match="photo folder to calibrate"):
        register(notebook, "from-notebook", models_dir=models)
    found = register(notebook, "from-notebook", data_dir=photos, models_dir=models)
    assert found.card.classes == ("class-a", "class-b", "class-c")
    assert found.card.figures["official"]["top1"]["n"] == 48
    assert found.card.temperature > 0
    kept = Evaluation.load(found.path(PREDICTIONS))
    assert (kept.about.model, len(kept.files), kept.views) == ("from-notebook", 48, ("official", "clean", "blocked"))
    renamed = Evaluation.load(register(found.folder, "other", models_dir=models).path(PREDICTIONS))
    assert "--model other" in renamed.about.command
    assert renamed.about.model == "other"
    assert (renamed.logits == kept.logits).all()
