"""Evaluations are found where models and commands leave them, and the ones that ship say what their files hold."""

import json
from pathlib import Path

import numpy as np
import pytest

from dermnet_core.artifacts import EVALUATION, PREDICTIONS
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.metrics import HEADLINE
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.report import EvaluationReport, evaluate
from dermnet_core.evaluations import list_evaluations, save_evaluation
from dermnet_core.paths import SHIPPED_MODELS
from tests.core.evaluations import evaluation

SHIPPED = sorted(file.parent.name for file in SHIPPED_MODELS.glob(f"*/{PREDICTIONS}"))


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("DERMNET_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("DERMNET_EVALUATIONS_DIR", str(tmp_path / "evaluations"))
    return tmp_path


def write(folder, **changes) -> None:
    folder.mkdir(parents=True)
    evaluation(**changes).save(folder / PREDICTIONS)


def test_the_evaluations_that_ship_are_found_without_any_of_ones_own(own) -> None:
    found, problems = list_evaluations()
    assert problems == []
    assert [entry.about.model for entry in found][: len(SHIPPED)] == SHIPPED
    assert {"separable_cnn", "mobilenet_v2"} <= set(SHIPPED)


def test_own_models_and_evaluations_come_after_those_that_ship(own) -> None:
    shipped = list_evaluations()[0]
    write(own / "evaluations" / "elsewhere", photos="elsewhere")
    write(own / "models" / "mine", model="mine")
    (own / "models" / "without-answers").mkdir()
    found = list_evaluations()[0]
    new = [entry for entry in found if entry not in shipped]
    assert [(entry.name, entry.about.model, entry.about.photos) for entry in new] == [
        ("mine", "mine", "made up, test"),
        ("elsewhere", "tiny", "elsewhere"),
    ]
    assert Evaluation.load(new[0].file).key == evaluation(model="mine").key


def test_one_that_cannot_be_read_is_named_and_hides_no_other(own) -> None:
    write(own / "evaluations" / "good")
    (own / "evaluations" / "bad").mkdir()
    (own / "evaluations" / "bad" / PREDICTIONS).write_bytes(b"no archive")
    found, problems = list_evaluations()
    assert [entry.name for entry in found][-1] == "good"
    assert len(problems) == 1
    assert "in bad/predictions.npz" in problems[0]
    assert str(own) not in problems[0]  # a visitor may read it


def test_where_the_new_one_cannot_take_its_place_the_old_one_stays(own, monkeypatch) -> None:
    save_evaluation(evaluation(photos="before"), own / "evaluations" / "mine")
    rename = Path.rename

    def full(path: Path, target: Path) -> Path:
        if ".new-" in path.name:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(ArtifactError, match="No space left"):
        save_evaluation(evaluation(photos="after"), own / "evaluations" / "mine")
    assert Evaluation.load(own / "evaluations" / "mine" / PREDICTIONS).about.photos == "before"
    assert [folder.name for folder in (own / "evaluations").iterdir()] == ["mine"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_figures_that_ship_are_those_of_the_answers_that_ship(name: str) -> None:
    values = json.loads((SHIPPED_MODELS / name / EVALUATION).read_text())
    stated, made = EvaluationReport.from_json(values), evaluate(Evaluation.load(SHIPPED_MODELS / name / PREDICTIONS))
    assert stated.classes == made.classes
    assert set(stated.views) == set(made.views) == {"official", "clean", "blocked"}
    for view, entry in made.views.items():
        assert stated.views[view].confusion == entry.confusion
        for figure in HEADLINE:
            assert getattr(stated.views[view].figures, figure) == pytest.approx(
                getattr(entry.figures, figure), abs=1e-6
            )
            ends = [
                (around.low, around.high) for around in (stated.views[view].intervals[figure], entry.intervals[figure])
            ]
            np.testing.assert_allclose(*ends, atol=0.005)  # draws may differ between versions of NumPy
