"""The Tune page in every state of a search."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.paths import ROOT
from dermnet_core.training.lock import hold
from dermnet_core.tuning.search import open_search
from dermnet_core.tuning.table import to_json
from tests.core.test_tuning_table import planted_search
from tests.pages.test_dataset import labels, text
from tests.tuning_cases import make_table


@pytest.fixture
def searches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "searches"
    folder.mkdir()
    monkeypatch.setenv("DERMNET_SEARCHES_DIR", str(folder))
    monkeypatch.setattr("dermnet_core.tuning.table.ASSET", tmp_path / "tuning.json")
    monkeypatch.setattr("dermnet_core.tuning.table.read_asset.__defaults__", (tmp_path / "tuning.json",))
    return folder


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "photos"
    write_photo_folder(root, size=32)
    monkeypatch.setenv("DERMNET_DATA_DIR", str(root))
    monkeypatch.setenv("DERMNET_TRAINING", "on")
    return root


def ship(tmp_path: Path, trials: int, failed: int = 0) -> None:
    (tmp_path / "tuning.json").write_text(json.dumps(to_json(make_table(trials, failed))))


def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "tune.py"), default_timeout=60).run()
    assert not app.exception
    return app


def test_nothing_to_show_and_nowhere_to_search(searches: Path):
    app = page()
    assert "No search yet" in text(app)
    assert "no photo folder is set" in text(app)
    assert any("dermnet_core tune" in code.value for code in app.code)


def test_the_search_that_ships_is_there_at_once(searches: Path, tmp_path: Path):
    ship(tmp_path, 12, failed=2)
    app = page()
    assert app.selectbox(key="tune-search").value == "The search that ships"
    assert "Best validation accuracy 40.0 %" in text(app)
    assert "2 failed" in text(app)
    assert "at most 8 epochs" in text(app)
    assert any("no memory" in warning.value for warning in app.warning)
    assert len(app.dataframe[0].value) == 12
    assert "Train this configuration" not in labels(app)  # training is off here


def test_one_trial_is_enough_for_a_curve_but_not_for_importance(searches: Path, tmp_path: Path):
    ship(tmp_path, 1)
    app = page()
    assert "After 8 completed trials" in text(app)
    assert len(app.dataframe[0].value) == 1


def test_a_damaged_asset_is_said(searches: Path, tmp_path: Path):
    (tmp_path / "tuning.json").write_text("{")
    assert "Restore the file" in page().error[0].value


def test_own_searches_show_their_trials_and_curves(searches: Path, photos: Path):
    planted_search(searches / "mine")
    app = page()
    assert "1 completed of 3 planned, 1 failed" in text(app)
    assert {"Resume", "Delete for good", "Train this configuration"} <= set(labels(app))
    app.selectbox(key="tune-trial").set_value(1).run()
    assert not app.exception
    app.button(key="search-delete").click().run()
    assert not (searches / "mine").exists()


def test_a_running_search_can_only_be_stopped(searches: Path, photos: Path):
    search = planted_search(searches / "mine")
    with hold(search.folder):
        app = page()
        assert "Stop" in labels(app)
        assert not {"Resume", "Delete for good"} & set(labels(app))


def test_a_new_search_is_written_and_started(searches: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    started = []
    monkeypatch.setattr("dermnet_ui.tuning.setup.control.start", started.append)
    app = page()
    next(box for box in app.number_input if box.label == "Trials").set_value(5)
    next(box for box in app.text_input if box.label == "Name of the search").set_value("five trials")
    next(button for button in app.button if button.label == "Start the search").click().run()
    assert not app.exception
    assert started == [searches / "five-trials"]
    assert open_search(searches / "five-trials").settings.trials == 5


def test_one_click_takes_the_best_configuration_to_the_train_page(
    searches: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ship(tmp_path, 9)
    opened = []
    monkeypatch.setattr("dermnet_ui.tuning.results.st.switch_page", opened.append)
    app = page()
    app.button(key="tune-train").click().run()
    assert not app.exception
    assert opened == ["pages/train.py"]
    recipe = app.session_state["train-recipe"]
    assert recipe.stages[0].fit.learning_rate == 1e-3  # the rate that make_table lets win
    assert recipe.max_photos is None
    train = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=60)
    for key in ("train-recipe", "train-model", "train-recipe-version"):
        train.session_state[key] = app.session_state[key]
    train.run()
    assert not train.exception
    assert train.number_input(key="few-separable_cnn-quick-1-0-epochs").value == 30
