"""What a public deployment offers: no path to name, nothing to train, nothing to delete, no file but photos."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.dataset import report_path
from dermnet_core.evaluations import save_evaluation
from dermnet_core.paths import PHOTO_SUFFIXES, ROOT
from tests.core.evaluations import evaluation
from tests.core.run_cases import epoch, planted
from tests.core.test_tuning_table import planted_search
from tests.pages.test_dataset import SECTIONS
from tests.ui.dataset_cases import plant_defects, small_report

EVALUATION_SECTIONS = (
    "Overview", "Per class", "One class", "Confusion", "Photos", "Confidence", "Outside photos", "Export",
    "Evaluate a folder",
)  # fmt: skip
HARMLESS_BOXES = {"Search", "File name"}
"""Texts that a visitor may type; none is a path."""
CHANGES = {
    "Start", "Stop", "Resume", "Delete for good", "Delete it", "Load", "Register as a model", "Start the search",
    "Open this folder", "Evaluate", "Go on", "Make a model of the best weights so far", "Measure the time",
    "Train this configuration",
}  # fmt: skip
"""Buttons that cost the server hours, or that change what lies on it."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with everything there is: photos that were scanned, runs in every state, a search, an evaluation."""
    photos = tmp_path / "photos"
    write_photo_folder(photos, per_class=60, size=32)
    plant_defects(photos)
    monkeypatch.setenv("DERMNET_DATA_DIR", str(photos))
    for name in ("cache", "runs", "searches", "evaluations"):
        monkeypatch.setenv(f"DERMNET_{name.upper()}_DIR", str(tmp_path / name))
    report = report_path(photos)
    report.parent.mkdir(parents=True)
    report.write_text(json.dumps(small_report(photos).to_json()))
    planted(tmp_path / "runs" / "stopped", [(0, "start", {}), (5, "epoch", epoch(1, 1)), (6, "stopped", {})])
    planted(tmp_path / "runs" / "failed", [(0, "start", {}), (1, "failed", {"error": "No room.", "kind": "RunError"})])
    planted(tmp_path / "runs" / "finished", [(0, "start", {}), (5, "epoch", epoch(1, 1)), (9, "finished", {})])
    planted_search(tmp_path / "searches" / "mine")
    save_evaluation(evaluation(), tmp_path / "evaluations" / "mine")


def screens(everything: bool) -> Iterator[tuple[str, AppTest]]:
    """Yield every page in every section, with every run chosen, or only those with something to forbid."""
    states = [("train", {"train-run": run}) for run in ("stopped", "failed", "finished")]
    states += [("tune", {}), ("dataset", {}), ("evaluate", {"evaluation-section": EVALUATION_SECTIONS[-1]})]
    if everything:
        states += [("classify", {}), ("models", {})]
        states += [("dataset", {"section": section}) for section in SECTIONS[1:]]
        states += [("evaluate", {"evaluation-section": section}) for section in EVALUATION_SECTIONS[:-1]]
    for name, state in states:
        app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
        for key, value in state.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, (name, state)
        yield f"{name} {state}", app


def offered(everything: bool) -> tuple[set[str], set[str], set[str]]:
    """Return the boxes for text, the buttons and the endings of files on all screens."""
    boxes: set[str] = set()
    buttons: set[str] = set()
    endings: set[str] = set()
    for _, app in screens(everything):
        boxes |= {box.label for box in (*app.text_input, *app.text_area)}
        buttons |= {button.label for button in app.button}
        endings |= {ending for uploader in app.file_uploader for ending in uploader.proto.type}
    return boxes, buttons, endings


@pytest.mark.parametrize(("setting", "everything"), [("", True), ("off", False)])
def test_a_visitor_of_a_public_server_can_look_and_ask_and_nothing_else(
    server: None, monkeypatch: pytest.MonkeyPatch, setting: str, everything: bool
):
    monkeypatch.setenv("DERMNET_TRAINING", setting)
    boxes, buttons, endings = offered(everything)
    assert boxes <= HARMLESS_BOXES
    assert buttons & CHANGES == set()
    assert endings == (PHOTO_SUFFIXES if everything else set())


def test_the_same_walk_finds_all_of_it_on_ones_own_computer(server: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_TRAINING", "on")
    for module in ("dataset.folder", "training.load", "permission", "evaluation.request"):
        monkeypatch.setattr(f"dermnet_ui.{module}.may_choose_folder", lambda: True)
    boxes, buttons, endings = offered(everything=False)
    assert "Folder" in boxes
    assert {"Start", "Resume", "Delete for good", "Load", "Open this folder", "Start the search"} <= buttons
    assert {"Evaluate", "Delete it"} <= buttons
    assert ".json" in endings
