"""The Train page in every state: nowhere to train, nothing trained, runs of every status."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from dermnet_core.config import DistillationConfig, HintConfig, TrainingConfig
from dermnet_core.config_json import to_dict
from dermnet_core.errors import RunError
from dermnet_core.training.cost import Cost, estimate
from dermnet_core.training.jobs import open_run
from dermnet_ui.training import live, setup
from tests.factories import write_artifact
from tests.pages.test_dataset import labels, text
from tests.pages.train_page import page, two_runs


def test_without_a_folder_the_reason_and_the_command(runs: Path):
    app = page()
    assert "no photo folder is set" in text(app)
    assert any("dermnet_core train" in code.value for code in app.code)
    assert "Start" not in labels(app)
    assert "No run yet" in text(app)


def test_switched_off_runs_can_still_be_read(runs: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_TRAINING", "off")
    two_runs(runs)
    app = page()
    assert "DERMNET_TRAINING=off" in text(app)
    assert not {"Start", "Stop", "Resume", "Delete for good"} & set(labels(app))
    app.selectbox(key=live.CHOSEN).set_value("first").run()
    assert "42.0 %" in text(app)


def test_costs_are_said_before_the_start(runs: Path, photos: Path):
    app = page()
    assert "<strong>162</strong>" in text(app)  # of 180 a tenth is held back
    assert "not measured yet" in text(app)
    assert "Start" in labels(app)
    assert "Measure the time" in labels(app)


def test_the_time_is_measured_while_the_page_goes_on(runs: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    go = threading.Event()

    def slow(config: TrainingConfig, root: Path) -> Cost:
        assert go.wait(60)
        return replace(estimate(config, root), seconds=240.0, memory_bytes=10**9)

    monkeypatch.setattr("dermnet_ui.training.setup.probe", slow)
    app = page()
    app.button(key="train-probe").click().run()
    assert "Measure the time" not in labels(app)
    app.text_input(key="train-name").set_value("meanwhile").run()  # nothing is lost by going on
    assert "Measure the time" not in labels(app)
    go.set()
    setup._prober().submit(int).result()  # one at a time: this one comes after it
    app.run()
    assert not app.exception
    assert "<strong>4 min</strong>" in text(app)


def test_a_measurement_that_fails_says_why(runs: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(config: TrainingConfig, root: Path) -> Cost:
        raise RunError("Expected to measure a few steps, found no memory.")

    monkeypatch.setattr("dermnet_ui.training.setup.probe", broken)
    app = page()
    app.button(key="train-probe").click().run()
    setup._prober().submit(int).result()
    app.run()
    assert "found no memory" in app.error[0].value
    assert "Measure the time" in labels(app)


def test_the_original_recipe_shows_both_stages(runs: Path, photos: Path):
    app = page()
    app.segmented_control(key="train-model").set_value("mobilenet_v2")
    app.radio(key="train-preset").set_value("original").run()
    assert not app.exception
    assert {"**Stage 1: frozen base**", "**Stage 2: last 30 layers**"} <= {element.value for element in app.markdown}


def test_what_cannot_work_is_said_instead_of_a_start(runs: Path, photos: Path):
    shutil.rmtree(photos / "test")
    app = page()
    assert "Expected test photos" in app.error[0].value
    assert "Start" not in labels(app)


def test_no_epochs_at_all_need_a_model_to_start_from(runs: Path, photos: Path):
    app = page()
    app.number_input(key="few-separable_cnn-quick-0-0-epochs").set_value(0).run()
    assert "at least 1 in a run that starts from no model" in app.error[0].value
    assert "Start" not in labels(app)


def test_a_start_creates_the_run_as_shown(runs: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    started = []
    monkeypatch.setattr("dermnet_ui.training.setup.control.start", started.append)
    app = page()
    app.number_input(key="few-separable_cnn-quick-0-0-epochs").set_value(2)
    app.text_input(key="train-name").set_value("My first run!")
    app.button(key="train-start").click().run()  # the settings and the click may reach the page together
    assert not app.exception
    assert started == [runs / "My-first-run"]
    assert to_dict(open_run(runs / "My-first-run").config)["stages"][0]["fit"]["epochs"] == 2
    assert app.selectbox(key=live.CHOSEN).value == "My-first-run"


def test_a_double_click_starts_one_run(runs: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    started = []
    monkeypatch.setattr("dermnet_ui.training.setup.control.start", started.append)
    app = page()
    app.text_input(key="train-name").set_value("once")
    app.button(key="train-start").click().run()
    app.button(key="train-start").click().run()
    assert started == [runs / "once"]
    monkeypatch.setattr("dermnet_ui.training.setup._DOUBLE_CLICK", 0.0)
    app.button(key="train-start").click().run()
    assert started == [runs / "once", runs / "once-2"]


def test_a_teacher_is_chosen_among_the_installed_models(
    runs: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dermnet_ui.training.setup.control.start", lambda folder: None)
    write_artifact(tmp_path / "models" / "mobilenet_v2", "mobilenet_v2", classes=3)
    app = page()
    teacher = app.multiselect(key="separable_cnn-quick-0-teacher")
    assert teacher.value == []
    assert teacher.options == ["MobileNetV2", "Separable CNN"]
    teacher.set_value(["mobilenet_v2"]).run()
    app.number_input(key="separable_cnn-quick-0-teacher-share").set_value(0.7).run()
    app.text_input(key="train-name").set_value("taught")
    app.button(key="train-start").click().run()
    assert not app.exception
    assert not app.error
    assert open_run(runs / "taught").config.distillation == DistillationConfig(("mobilenet_v2",), share=0.7)


def test_hints_are_set_for_each_stage_and_need_stored_copies(
    runs: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dermnet_ui.training.setup.control.start", lambda folder: None)
    monkeypatch.setattr("dermnet_ui.training.recipe.may_choose_folder", lambda: True)
    weights = tmp_path / "imagenet.weights.h5"
    weights.write_bytes(b"weights")
    app, key = page(), "separable_cnn-quick-0-0"
    app.number_input(key=f"{key}-hints-weight").set_value(2.0).run()
    assert "0 in a stage that stores no copies for hints.weight" in app.error[0].value
    app.number_input(key=f"{key}-transfer-activation_copies").set_value(2).run()
    app.number_input(key=f"{key}-hints-image_size").set_value(384).run()
    app.text_input(key=f"{key}-hints-weights").set_value(str(weights)).run()
    app.text_input(key="train-name").set_value("hinted")
    app.button(key="train-start").click().run()
    assert not app.error
    assert open_run(runs / "hinted").config.stages[0].hints == HintConfig(2.0, str(weights), 384)


def test_training_goes_on_from_a_model_with_validation_photos_given_back(
    runs: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dermnet_ui.training.setup.control.start", lambda folder: None)
    monkeypatch.setenv("DERMNET_MODELS_DIR", str(tmp_path / "models"))
    earlier = write_artifact(tmp_path / "models" / "separable_cnn", "separable_cnn", classes=3)
    app = page()
    app.multiselect(key="separable_cnn-quick-0-start").set_value([earlier.name]).run()
    assert "Expected a model of the same network" in app.error[0].value
    app.multiselect(key="separable_cnn-quick-0-start").set_value([]).run()
    assert not app.error
    app.multiselect(key="separable_cnn-quick-0-start").set_value([earlier.name]).run()
    network = earlier.card.recipe["separable_cnn"]
    for name in ("stem_filters", "block_filters", "block_strides"):
        app.text_input(key=f"separable_cnn-quick-0-model-{name}").set_value(", ".join(map(str, network[name])))
    for name in ("kernel_size", "dense_units"):
        app.number_input(key=f"separable_cnn-quick-0-model-{name}").set_value(network[name])
    app.number_input(key="separable_cnn-quick-0-run-validation_returned").set_value(0.5).run()
    app.text_input(key="train-name").set_value("on").run()
    app.button(key="train-start").click().run()
    assert not app.error
    config = open_run(runs / "on").config
    assert (config.start_from, config.validation_returned) == (("separable_cnn",), 0.5)


def test_a_teacher_of_other_classes_is_refused(runs: Path, photos: Path):
    app = page()
    app.multiselect(key="separable_cnn-quick-0-teacher").set_value(["mobilenet_v2"]).run()  # the one that ships
    assert "Expected a model of the 3 classes" in app.error[0].value
    assert "Start" not in labels(app)


def test_a_start_that_cannot_be_is_not_made_up_for_later(runs: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    started = []
    monkeypatch.setattr("dermnet_ui.training.setup.control.start", started.append)
    app = page()
    aside = (photos / "test").rename(photos.parent / "aside")
    app.button(key="train-start").click().run()
    assert "Expected test photos" in app.error[0].value
    aside.rename(photos / "test")
    app.run()
    assert "Start" in labels(app)
    assert not started
