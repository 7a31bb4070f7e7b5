"""The section "Evaluate a folder": who may, what is missing, a run from start to end, stop, failure, delete."""

import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.evaluations import list_evaluations
from dermnet_core.paths import ROOT, evaluations_dir
from dermnet_ui.evaluation import recompute
from dermnet_ui.permission import decide_evaluating
from tests.factories import write_artifact


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODELS", "EVALUATIONS", "CACHE"):
        monkeypatch.setenv(f"DERMNET_{name}_DIR", str(tmp_path / name.lower()))
    recompute.jobs.clear()


def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "evaluate.py"), default_timeout=60)
    app.session_state["evaluation-section"] = "Evaluate a folder"
    app.run()
    assert not app.exception
    return app


def commands(app: AppTest) -> list[str]:
    return [element.value for element in app.code]


def started(app: AppTest) -> AppTest:
    app.selectbox(key="recompute-model").set_value("separable_cnn").run()
    app.button(key="recompute-start").click().run()
    assert not app.exception
    return app


def ended(app: AppTest, name: str = "skin-separable_cnn") -> AppTest:
    job = recompute.jobs().get(evaluations_dir() / name)
    assert job is not None
    assert job.wait(90) != "running"
    return app.run()


def test_visitors_from_elsewhere_get_the_command_only():
    assert decide_evaluating({}, local=False)[0] is False
    assert decide_evaluating({}, local=True) == (True, "")
    assert decide_evaluating({"DERMNET_TRAINING": "on"}, local=False) == (True, "")
    app = page()
    assert "off for visitors from other computers" in app.info[-1].value
    assert commands(app)[-1].startswith("python -m dermnet_core evaluate DIR")
    assert not [button for button in app.button if button.key == "recompute-start"]


def test_without_a_folder_it_says_what_would_be_here(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_TRAINING", "on")
    app = page()
    assert any("No photo folder is set" in element.value for element in app.markdown)
    assert commands(app)[0].startswith("python -m dermnet_core evaluate DIR")


def test_the_command_follows_the_choices_and_hides_the_path(skin: Path):
    app = page()
    app.selectbox(key="recompute-model").set_value("separable_cnn").run()
    usual = "python -m dermnet_core evaluate DIR --model separable_cnn --keep skin-separable_cnn"
    assert usual in commands(app)
    app.selectbox(key="recompute-split").set_value("train").run()
    assert f"{usual} --split train" in commands(app)
    mapping = str(ROOT / "assets" / "mappings" / "pad_ufes_20.json")
    app.selectbox(key="recompute-labels").set_value(mapping).run()
    assert "--mapping assets/mappings/pad_ufes_20.json" in commands(app)[0]
    assert "own" not in app.selectbox(key="recompute-labels").options
    name = next(box for box in app.text_input if box.key.startswith("recompute-name"))
    name.set_value("../up").run()
    assert "Expected a name of letters" in app.warning[-1].value


def test_an_evaluation_from_start_to_end_and_its_deletion(skin: Path, tmp_path: Path):
    write_artifact(tmp_path / "models" / "separable_cnn", "separable_cnn", classes=3)
    app = ended(started(page()))
    assert r"skin\-separable\_cnn is evaluated" in app.success[0].value
    (own,) = [entry for entry in list_evaluations()[0] if entry.own]
    assert own.about.photos == "skin test photos"
    app.button(key="recompute-open").click().run()
    assert not app.exception
    assert app.session_state["evaluation-section"] == "Overview"
    assert app.session_state["evaluation-first"] == str(own.folder)
    app = page()
    app.button(key=f"recompute-delete-{own.name}").click().run()
    assert not [entry for entry in list_evaluations()[0] if entry.own]
    assert not app.exception


def test_a_failure_is_said_in_words_and_can_be_tried_again(skin: Path):
    app = ended(started(page()))  # the model that ships does not know these classes
    assert "found folders class-a, class-b, class-c" in app.error[0].value
    assert app.button(key="recompute-start").label == "Go on"


def test_a_running_one_shows_how_far_it_is_and_can_be_stopped(skin: Path):
    step = """print('{"phase": "answers", "done": 8, "total": 24, "rate": 4.0}', file=sys.stderr, flush=True)"""
    job = recompute.jobs().start(
        evaluations_dir() / "slow", [sys.executable, "-c", f"import sys, time\n{step}\ntime.sleep(60)"]
    )
    deadline = time.monotonic() + 20
    while not job.step.done and time.monotonic() < deadline:
        time.sleep(0.05)
    app = page()
    told = [element.proto.text for element in app.get("progress")]
    assert told == ["The model answers · 8 of 24 · 4 photos a second · about 4 s left"]
    app.button(key="recompute-stop").click().run()
    assert "You stopped the evaluation. Finished photos are kept" in app.warning[0].value
