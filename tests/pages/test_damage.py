"""Something breaks while the server runs: the page says what, and the rest goes on."""

import json
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dermnet_core.artifacts import CARD, EVALUATION, HEAD, LITERT, NOVELTY, WEIGHTS
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.dataset import report_path
from dermnet_core.paths import ROOT, SHIPPED_MODELS
from dermnet_ui.dataset import scanning
from tests.core.run_cases import epoch, planted
from tests.core.test_tuning_table import planted_search
from tests.pages.test_dataset import text
from tests.ui.dataset_cases import small_report

PAGES = ("classify", "dataset", "train", "tune", "evaluate", "models")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with all that a server has: photos, models, runs, searches, a report of a scan."""
    write_photo_folder(tmp_path / "photos", per_class=60, size=32)
    for name in ("separable_cnn", "mobilenet_v2"):
        shutil.copytree(SHIPPED_MODELS / name, tmp_path / "shipped" / name)
    monkeypatch.setattr("dermnet_ui.resources.model_dirs", lambda: (tmp_path / "shipped",))
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path / "photos"))
    monkeypatch.setenv("DERMNET_TRAINING", "on")
    for name in ("cache", "runs", "searches"):
        monkeypatch.setenv(f"DERMNET_{name.upper()}_DIR", str(tmp_path / name))
    report = report_path(tmp_path / "photos")
    report.parent.mkdir(parents=True)
    report.write_text(json.dumps(small_report(tmp_path / "photos").to_json()))
    planted(tmp_path / "runs" / "first", [(0, "start", {}), (5, "epoch", epoch(1, 1)), (6, "stopped", {})])
    planted(tmp_path / "runs" / "second", [(0, "start", {}), (5, "epoch", epoch(1, 1)), (6, "stopped", {})])
    planted_search(tmp_path / "searches" / "mine")
    st.cache_resource.clear()
    st.cache_data.clear()
    return tmp_path


def page(name: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60).run()
    assert not app.exception, name
    return app


def said(app: AppTest) -> str:
    return "\n".join([text(app), *(warning.value for warning in app.sidebar.warning)])


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\xfe{" + path.read_bytes()[5 : path.stat().st_size // 2])


def answers(app: AppTest) -> int:
    """Return how many models answer a drawing."""
    app.button(key="try").click().run()
    assert not app.exception
    return text(app).count('<ol class="dn-ranking"')


def progress_texts(app: AppTest) -> str:
    return " ".join(str(element.proto.text) for element in app.get("progress"))


DAMAGE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "card": (lambda server: garble(server / "shipped" / "mobilenet_v2" / CARD), "models", "Expected JSON in"),
    "network": (lambda server: garble(server / "shipped" / "mobilenet_v2" / LITERT), "classify", "Expected SHA-256"),
    "weights": (lambda server: garble(server / "shipped" / "mobilenet_v2" / WEIGHTS), "classify", "Expected SHA-256"),
    "head": (lambda server: garble(server / "shipped" / "mobilenet_v2" / HEAD), "classify", "Expected SHA-256"),
    "novelty": (lambda server: (server / "shipped" / "mobilenet_v2" / NOVELTY).unlink(), "classify", "found none"),
    "evaluation": (lambda server: garble(server / "shipped" / "mobilenet_v2" / EVALUATION), "models", "Expected "),
    "run": (lambda server: garble(server / "runs" / "first" / "config.json"), "train", "Expected a run in"),
    "search": (lambda server: garble(server / "searches" / "mine" / "search.json"), "tune", "Expected "),
    "photos": (lambda server: shutil.rmtree(server / "photos"), "train", "Expected a photo folder"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_page_says_what_is_wrong_or_goes_on(server: Path, damage: str):
    do, where, message = DAMAGE[damage]
    beside = PAGES if damage in ("card", "photos", "evaluation") else ("models", "train")
    do(server)
    for name in dict.fromkeys((where, *beside)):
        app = page(name)
        if name == where:
            assert message in said(app)


def test_damage_to_a_model_does_not_stop_those_that_have_loaded_it(server: Path):
    assert answers(page("classify")) == 2
    garble(server / "shipped" / "mobilenet_v2" / LITERT)
    assert answers(page("classify")) == 2
    st.cache_resource.clear()  # as after a restart
    assert "Expected SHA-256" in text(page("classify"))
    shutil.copy(SHIPPED_MODELS / "mobilenet_v2" / LITERT, server / "shipped" / "mobilenet_v2" / LITERT)
    assert answers(page("classify")) == 2  # and no restart is needed once it is mended


def test_one_model_answers_where_the_other_cannot_be_read(server: Path):
    garble(server / "shipped" / "mobilenet_v2" / CARD)
    app = page("classify")
    assert "Expected JSON in" in said(app)
    assert answers(app) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\0garbage\n", b'{"event": "epoch"}\n', b"[1, 2]\n", b'{"time": "x"}\n']
)
def test_the_other_run_is_there_beside_one_with_damaged_events(server: Path, content: bytes):
    (server / "runs" / "first" / "events.jsonl").write_bytes(content)
    app = page("train")
    assert "second" in app.selectbox(key="train-run").options


def test_a_run_whose_process_was_killed_says_so_and_can_go_on(server: Path):
    planted(server / "runs" / "killed", [(0, "start", {}), (5, "epoch", epoch(1, 1))])
    app = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=60)
    app.session_state["train-run"] = "killed"
    app.run()
    assert not app.exception
    assert "Its process disappeared" in progress_texts(app)
    assert app.button(key="run-resume").label == "Resume"


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow, neither here nor in processes that are started."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_stops_only_what_writes(server: Path):
    with full_disk():
        assert answers(page("classify")) == 2
        train, tune, dataset = page("train"), page("tune"), page("dataset")
        train.button(key="train-start").click().run()
        next(button for button in tune.button if button.label == "Start the search").click().run()
        dataset.button(key="scan-start").click().run()
    for app in (train, tune):
        assert not app.exception
        assert "File too large" in text(app)
    assert not dataset.exception
    job = scanning.jobs().get(server / "photos")
    assert job is not None
    while job.state == "running":
        time.sleep(0.1)
    assert job.state == "failed"
    assert job.message
