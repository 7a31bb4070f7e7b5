"""Train and Tune leave no word in English: run with a catalogue that puts what it translates into brackets."""

from pathlib import Path

import pytest

from dermnet_core import i18n
from dermnet_core.training.lock import hold
from dermnet_ui import language
from dermnet_ui.training import live
from tests.core.run_cases import epoch, planted
from tests.core.test_tuning_table import planted_search
from tests.pages.visible import texts, untranslated
from tests.pages.visible import turkish as page

# What a recipe's file calls things, and what visitors of these tests called theirs.
NAMES = [
    *("imagenet", "model.weights.h5", "config.json", "batch_size", "last_30", "block_13_expand", "block_6_expand"),
    *("adamw", "adam", "rmsprop", "sgd", "head", "all", "own-search", "done", "broken", "stage 1", "stage 2"),
]
SHIPPED = "The search that ships"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the session for its language, and start without runs, searches and photos."""
    monkeypatch.setattr(i18n, "_asked", language.visitor)
    for name in ("runs", "searches", "models"):
        monkeypatch.setenv(f"DERMNET_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.delenv("DERMNET_DATA_DIR", raising=False)
    monkeypatch.delenv("DERMNET_TRAINING", raising=False)


def write_runs(folder: Path) -> None:
    """Write a finished run of two stages and one that failed."""
    finished = [(0, "start", {}), (5, "epoch", epoch(1, 1, 0.3)), (9, "epoch", epoch(1, 2, 0.42))]
    finished += [(12, "epoch", epoch(2, 1, 0.4)), (20, "finished", {"artifact": "artifact"})]
    planted(folder / "done", finished, 2, 1)
    reason = "Expected a process at work in 12, found none. There is nothing to stop."
    planted(folder / "broken", [(-9, "start", {}), (0, "failed", {"error": reason, "kind": "RunError"})], 7)


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("name", ["train", "tune"])
def test_pages_without_a_folder(name: str):
    assert untranslated(page(name), NAMES) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("model", ["separable_cnn", "mobilenet_v2"])
@pytest.mark.parametrize("recipe", ["original", "best", "quick"])
def test_every_recipe(photos: Path, model: str, recipe: str):
    app = page("train", **{"train-model": model, "train-preset": recipe})
    assert app.button(key="train-start")
    assert untranslated(app, [*NAMES, "photos"]) == []


@pytest.mark.usefixtures("bracketed", "photos")
def test_finished_runs_side_by_side(tmp_path: Path):
    write_runs(tmp_path / "runs")
    app = page("train", **{live.CHOSEN: "done", live.COMPARED: ["done", "broken"]})
    fields = [str(name) for name in app.dataframe[1].value.iloc[:, 0]]
    parts = [part for name in fields for part in name.removeprefix("⟦stage ⟧").split(".")]  # as the file has them
    assert untranslated(app, [*NAMES, "photos", "True", "False", "None", *parts]) == []


@pytest.mark.usefixtures("bracketed", "photos")
@pytest.mark.parametrize(
    "event",
    [
        (21, "step", {"stage": 1, "epoch": 1, "step": 3, "steps": 9}),
        (21, "extract", {"stage": 2, "done": 3, "total": 9}),
        (21, "calibrate", {"done": 3, "total": 9}),
    ],
)
def test_a_run_that_trains(tmp_path: Path, event: tuple[float, str, dict[str, object]]):
    run = planted(tmp_path / "runs" / "done", [(0, "start", {}), event], 2, 1)
    with hold(run.folder):
        app = page("train")
    assert untranslated(app, [*NAMES, "photos"]) == []


@pytest.mark.usefixtures("bracketed")
def test_the_search_that_ships():
    app = page("tune")
    assert app.selectbox(key="tune-search").value == SHIPPED
    assert len(app.dataframe[0].value) > 8
    assert untranslated(app, NAMES) == []


@pytest.mark.usefixtures("bracketed", "photos")
@pytest.mark.parametrize("running", [False, True])
def test_a_search_of_ones_own(tmp_path: Path, running: bool):
    search = planted_search(tmp_path / "searches" / "own-search")
    if running:
        with hold(search.folder):
            app = page("tune")
    else:
        app = page("tune", **{"tune-trial": 1})
    # The reason of a failed trial is a message of Python's own.
    assert untranslated(app, [*NAMES, "photos", "no memory"]) == []


def test_the_pages_in_turkish(tmp_path: Path, photos: Path):
    write_runs(tmp_path / "runs")
    train = page("train", **{live.CHOSEN: "done"})
    assert [title.value for title in train.title] == ["Eğit"]
    assert not train.error
    shown = "\n".join(texts(train))
    assert "En iyi doğrulama doğruluğu: %42,0." in shown
    tune = page("tune")
    assert [title.value for title in tune.title] == ["Ayarla"]
    assert "3.000 eğitim fotoğrafını" in "\n".join(texts(tune))
