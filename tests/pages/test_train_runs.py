"""What the Train page makes of runs that are there, and of models from elsewhere."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.config_json import to_dict
from dermnet_core.paths import ROOT
from dermnet_core.training.lock import hold
from dermnet_ui.training import live
from tests.core.run_cases import planted, recipe
from tests.factories import write_artifact
from tests.pages.test_dataset import labels, text
from tests.pages.train_page import page, two_runs


def test_a_failed_run_says_why_and_can_go_on(runs: Path, photos: Path):
    two_runs(runs)
    app = page()
    assert app.selectbox(key=live.CHOSEN).value == "second"  # the newest
    assert any("No room." in error.value for error in app.error)
    assert "Resume" in labels(app)


def test_a_stopped_run_can_become_a_model_or_be_deleted(runs: Path, photos: Path):
    two_runs(runs)
    app = page()
    app.selectbox(key=live.CHOSEN).set_value("first").run()
    assert {"Resume", "Make a model of the best weights so far", "Delete for good"} <= set(labels(app))
    app.button(key="run-delete").click().run()
    assert not (runs / "first").exists()
    assert "Deleted first." in [element.value for element in app.success]


def test_a_running_run_can_only_be_stopped(runs: Path, photos: Path):
    two_runs(runs)
    with hold(runs / "first"):
        app = page()
        assert app.selectbox(key=live.CHOSEN).value == "first"  # it is the one that moves
        assert "Stop" in labels(app)
        assert not {"Resume", "Delete for good"} & set(labels(app))


def test_runs_are_searched_and_compared(runs: Path, photos: Path):
    two_runs(runs)
    app = page()
    assert len(app.dataframe[0].value) == 2
    app.text_input(key="runs-search").set_value("stopped").run()
    assert list(app.dataframe[0].value["Run"]) == ["first"]
    app.text_input(key="runs-search").set_value("").run()
    app.multiselect(key=live.COMPARED).set_value(["first", "second"]).run()
    settings = app.dataframe[1].value
    assert "stage 1.fit.epochs" in list(settings["Setting"])
    assert "seed" not in list(settings["Setting"])


def test_a_finished_run_is_registered_and_chosen_in_the_sidebar(runs: Path, photos: Path, tmp_path: Path):
    run = planted(runs / "done", [(0, "start", {}), (9, "finished", {"artifact": "artifact"})])
    write_artifact(run.folder / "artifact", "separable_cnn")
    app = page()
    app.text_input(key="register-name").set_value("mine")
    next(button for button in app.button if button.label == "Register as a model").click().run()
    assert not app.exception
    assert "Registered mine" in app.success[0].value
    assert app.session_state["active-models"] == {"separable_cnn": "mine"}
    models = AppTest.from_file(str(ROOT / "pages" / "models.py"), default_timeout=60).run()
    box = next(box for box in models.sidebar.selectbox if "which model" in box.label)
    assert box.options == ["separable_cnn", "mine"]
    box.set_value("mine").run()
    assert not models.exception
    assert "mine" in "\n".join(code.value for code in models.code) or "· mine" in text(models)


def load_form(monkeypatch: pytest.MonkeyPatch, source: Path, name: str) -> AppTest:
    """Fill in and send the form of whoever sits at this computer."""
    monkeypatch.setattr("dermnet_ui.training.load.may_choose_folder", lambda: True)
    app = page()
    app.text_input(key="load-source").set_value(str(source))
    app.text_input(key="load-name").set_value(name)
    next(button for button in app.button if button.label == "Load").click().run()
    assert not app.exception
    return app


def test_a_visitor_from_elsewhere_gets_the_command_instead_of_a_path_box(runs: Path, photos: Path):
    app = page()
    assert any("runs register FOLDER" in code.value for code in app.code)
    assert "Load" not in labels(app)


def test_a_model_folder_is_loaded_and_answers_at_once(
    runs: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_artifact(tmp_path / "colab", "separable_cnn")
    app = load_form(monkeypatch, tmp_path / "colab", "from-colab")
    assert "Registered from-colab" in app.success[0].value
    assert app.session_state["active-models"] == {"separable_cnn": "from-colab"}
    assert (tmp_path / "models" / "from-colab" / "card.json").is_file()


def test_weights_of_a_notebook_become_a_run_that_calibrates_them(
    runs: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    started = []
    monkeypatch.setattr(
        "dermnet_ui.training.load.control.start", lambda folder, finish: started.append((folder, finish))
    )
    notebook = tmp_path / "notebook"
    notebook.mkdir()
    (notebook / "model.weights.h5").write_bytes(b"weights")
    (notebook / "config.json").write_text(json.dumps(to_dict(recipe(1))))
    app = load_form(monkeypatch, notebook, "kaggle")
    assert "calibrated in the run kaggle" in app.success[0].value
    assert started == [(runs / "kaggle", True)]
    assert (runs / "kaggle" / "checkpoints" / "stage1.weights.h5").read_bytes() == b"weights"


def test_a_folder_without_a_model_is_refused(runs: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    app = load_form(monkeypatch, tmp_path, "mine")
    assert "model.weights.h5 beside config.json" in app.error[0].value
    assert not (runs / "mine").exists()
