"""The Dataset page in every state that a folder can be in."""

import json
import os
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.dataset import report_path
from dermnet_core.paths import ROOT
from dermnet_ui.dataset import overview, scanning
from tests.ui.dataset_cases import plant_defects, small_report

SECTIONS = ("Classes", "Findings", "Photos", "Properties", "Series", "Splits", "Export")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "photos"
    write_photo_folder(root)
    plant_defects(root)
    monkeypatch.setenv("DERMNET_DATA_DIR", str(root))
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path / "cache"))
    return root


@pytest.fixture
def scanned(folder: Path) -> Path:
    path = report_path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(small_report(folder).to_json()))
    return folder


def page(**state: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "dataset.py"), default_timeout=60)
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    html = [element.proto.body for element in app.get("html")]
    words = [element.value for kind in (app.markdown, app.caption, app.subheader) for element in kind]
    boxes = [element.value for kind in (app.error, app.warning, app.info) for element in kind]
    return "\n".join([*html, *words, *boxes])


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_without_a_folder_the_published_counts_and_what_the_models_saw(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DERMNET_DATA_DIR", raising=False)
    app = page()
    assert "19,559" in text(app)
    assert "DERMNET_DATA_DIR" in text(app)
    assert not app.text_input  # no path box: the visitor is not known to sit at this computer
    app.segmented_control(key="known").set_value(overview.TRAINED_ON).run()
    assert "11,435" in text(app)
    for part in ("Properties", "Series", "Classes"):
        app.segmented_control(key="known-section").set_value(part).run()
        assert not app.exception


def test_the_published_figures_survive_a_lost_or_damaged_summary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("DERMNET_DATA_DIR", raising=False)
    monkeypatch.setattr(overview, "SHIPPED", tmp_path / "dataset_summary.json")
    app = page(known=overview.TRAINED_ON)
    assert "is missing" in text(app)
    (tmp_path / "dataset_summary.json").write_text('{"schema": 99}')
    app = page(known=overview.TRAINED_ON)
    assert any("version 1, found 99" in error.value for error in app.error)


def test_a_folder_that_was_never_scanned_offers_a_scan(folder: Path):
    app = page()
    assert "has not been scanned yet" in text(app)
    assert "Scan the folder" in labels(app)


def test_a_scan_started_here_finishes_and_is_shown(folder: Path):
    app = page()
    app.button(key="scan-start").click().run()
    job = scanning.jobs().get(folder)
    assert job is not None
    assert job.wait(60) == "finished", job.message
    app.run()
    assert not app.exception
    assert "Scanned" in text(app)
    assert "51" in text(app)  # 48 photos, two copies, one broken file


def test_a_folder_that_is_none_says_why_the_scan_failed(folder: Path, monkeypatch: pytest.MonkeyPatch):
    empty = folder.parent / "empty"
    empty.mkdir()
    monkeypatch.setenv("DERMNET_DATA_DIR", str(empty))
    app = page()
    app.button(key="scan-start").click().run()
    job = scanning.jobs().get(empty)
    assert job is not None
    assert job.wait(60) == "failed"
    app.run()
    assert any("The scan did not finish" in error.value and "Expected photos" in error.value for error in app.error)
    assert "Scan again" in labels(app)


def test_a_folder_that_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path / "nowhere"))
    app = page()
    assert "Scan the folder" in labels(app)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_a_scanned_folder(scanned: Path, section: str):
    app = page(section=section)
    assert not app.error
    assert app.segmented_control(key="section").value == section
    assert len(text(app)) > 200


def test_first_screen_counts_photos_classes_imbalance_and_defects(scanned: Path):
    words = text(page())
    for figure in ("51", "1.0 : 1", "2 test copies of train"):
        assert figure in words


def test_findings_open_with_their_photos_and_close_again(scanned: Path):
    app = page(section="Findings")
    assert "Test photos that also stand in train" in text(app)
    app.button(key="open-leaked").click().run()
    assert not app.exception
    assert "leaked-1.jpg" in text(app)
    app.button(key="findings-back").click().run()
    assert "Findings, worst first" in text(app)


def test_a_photo_opens_in_full(scanned: Path):
    app = page(section="Photos")
    next(button for button in app.button if button.label == "Open").click().run()
    assert not app.exception
    assert "class-a" in text(app)


def test_a_changed_folder_says_so(scanned: Path):
    photo = next((scanned / "train" / "class-a").iterdir())
    os.utime(photo, (time.time() + 60, time.time() + 60))
    assert any("The folder has changed" in warning.value for warning in page().warning)


def test_a_photo_that_vanished_since_the_scan_leaves_the_rest(scanned: Path):
    for photo in (scanned / "train" / "class-a").iterdir():
        photo.unlink()
    app = page(section="Photos")
    assert not app.error
    assert "Open" in labels(app)


def test_a_damaged_report_asks_for_another_scan(scanned: Path):
    report_path(scanned).write_text('{"schema": 1, "photos": ')
    app = page()
    assert "has not been scanned yet" in text(app)
