"""The sections of Evaluate and the page Models leave no word in English."""

import json
import re
import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core import i18n
from dermnet_core.data.mapping import read_mapping
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation import malignancy
from dermnet_core.evaluation.compare import compare
from dermnet_core.evaluations import evaluations_dir
from dermnet_core.labels import CLASSES, display_name
from dermnet_core.paths import MAPPINGS, SHIPPED_EVALUATIONS, SHIPPED_MODELS
from dermnet_core.scoring import check_labels
from dermnet_ui import charts_confusion, language
from dermnet_ui.evaluation import export, outside, outside_figures, recompute
from dermnet_ui.evaluation.answers import PhotoList
from dermnet_ui.evaluation.collected import tables
from dermnet_ui.evaluation.one_vs_rest import MALIGNANT
from dermnet_ui.evaluation.selection import Selection
from tests.pages.visible import Brackets, in_figure, in_html, texts, turkish, untranslated, words_left
from tests.ui.evaluated_photos import evaluated, write_photo, write_photos
from tests.ui.evaluation_cases import make_selection

SECTIONS = (
    "Overview", "Per class", "Confusion", "Photos", "Confidence", "Outside photos", "Export", "Evaluate a folder",
)  # fmt: skip
ECZEMA, PSORIASIS = "Eczema Photos", "Psoriasis pictures Lichen Planus and related diseases"
FOLDERS = [entry.folder for entry in CLASSES]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the session for its language, and start without a visitor's own evaluations."""
    monkeypatch.setattr(i18n, "_asked", language.visitor)
    monkeypatch.setenv("DERMNET_EVALUATIONS_DIR", str(tmp_path / "evaluations"))
    monkeypatch.delenv("DERMNET_DATA_DIR", raising=False)
    recompute.jobs.clear()


@pytest.fixture
def bracketed(bracketed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave names whole too: cutting them would cut brackets."""
    monkeypatch.setattr(charts_confusion, "brief_name", display_name)


@pytest.fixture(scope="module")
def names() -> list[str]:
    """Return what evaluations call their photos, and where these are from."""
    stored = [json.loads(path.read_text()) for path in SHIPPED_EVALUATIONS.glob("*/evaluation.json")]
    cards = [json.loads(path.read_text()) for path in SHIPPED_MODELS.glob("*/card.json")]
    optimizers = [stage["fit"]["optimizer"] for card in cards for stage in card["recipe"]["stages"]]
    of_cards = [text for card in cards for text in (card["command"], *card["sha256"])]
    sources = [read_mapping(path).source for path in MAPPINGS.glob("*.json")]
    sets = [*(entry["photos"] for entry in stored), *sources, *malignancy.DIAGNOSES, *outside_figures.CODES]
    return ["AUC", "photos-of-the-cell", outside.MAPPING, *FOLDERS, *sets, *of_cards, *optimizers]


def page(name: str = "evaluate", **state: object) -> AppTest:
    """Run a page as a visitor who reads Turkish."""
    return turkish(name, **{key.replace("_", "-"): value for key, value in state.items()})


def left(app: AppTest, names: list[str]) -> list[str]:
    """Return the texts in English, without the names of the photos that were evaluated."""
    own = sorted([*names, *(f"test/{name}/" for name in names)], key=len, reverse=True)
    return [text for text in untranslated(app, own) if words_left(re.sub(r"[^/\s⟧]+\.jpg", " ", text), own)]


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("section", SECTIONS)
def test_sections(section: str, names: list[str]):
    assert left(page(evaluation_section=section), names) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("option", [MALIGNANT, malignancy.MELANOMA_CLASS])
@pytest.mark.parametrize("view", ["clean", "blocked"])
def test_one_class(view: str, option: str, names: list[str]):
    shown = page(evaluation_section="One class", evaluation_class=option, evaluation_view=view)
    assert left(shown, [*names, *malignancy.MALIGNANT, *malignancy.NOT_MALIGNANT]) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("form", ["matrix", "pairs"])
@pytest.mark.parametrize("whose", ["0", "difference"])
def test_a_cell_and_its_photos(form: str, whose: str, names: list[str]):
    cell = {"confusion_cell": (ECZEMA, PSORIASIS), "confusion_form": form, "confusion_whose": whose}
    assert left(page(evaluation_section="Confusion", **cell), names) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("kind", ["first", "neither"])
def test_disagreements(kind: str, names: list[str]):
    assert left(page(evaluation_section="Photos", photos_list=kind), names) == []


@pytest.mark.usefixtures("bracketed")
def test_models(names: list[str]):
    app = page("models")
    assert left(app, names) == []
    app.button(key="read-separable_cnn").click().run()
    assert not app.exception
    assert left(app, names) == []


def _list(found):
    from dermnet_ui.evaluation import drilldown

    drilldown.photo_list(found, "list")


@pytest.mark.usefixtures("bracketed")
def test_photos_with_heatmaps_and_one_of_them_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path))
    files = write_photos(tmp_path, 3)
    sides = evaluated(tmp_path, files).sides
    write_photo(tmp_path / files[1], seed=77)
    (tmp_path / files[2]).unlink()
    app = AppTest.from_function(_list, default_timeout=120, args=(PhotoList("", "patches", sides, (0, 1, 2)),))
    app.session_state["language"] = "tr"
    for number in range(3):
        app.run()
        app.button(key=f"list-{number}").click().run()
        assert not app.exception
        assert left(app, [*FOLDERS, tmp_path.name]) == []


@pytest.mark.usefixtures("bracketed")
def test_a_folder_to_evaluate(skin: Path, names: list[str]):
    assert left(page(evaluation_section="Evaluate a folder"), [*names, "skin"]) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("ending", ["time.sleep(60)", "sys.exit(0)"])
def test_an_evaluation_under_way_and_its_end(skin: Path, ending: str, names: list[str]):
    step = """print('{"phase": "answers", "done": 8, "total": 24, "rate": 4.0}', file=sys.stderr, flush=True)"""
    target = evaluations_dir() / "own"
    job = recompute.jobs().start(target, [sys.executable, "-c", f"import sys, time\n{step}\n{ending}"])
    deadline = time.monotonic() + 20
    while not job.step.done and time.monotonic() < deadline:
        time.sleep(0.05)
    if ending == "sys.exit(0)":
        job.wait(20)
    app = page(evaluation_section="Evaluate a folder", **{"recompute-watched": str(target.resolve())})
    assert left(app, [*names, "skin", "own"]) == []
    job.stop()


@pytest.mark.usefixtures("bracketed")
def test_why_an_evaluation_failed(skin: Path, names: list[str]):
    with pytest.raises(ArtifactError) as found:
        check_labels(["class-a"], FOLDERS)
    target, told = evaluations_dir() / "own", json.dumps({"error": str(found.value)})
    job = recompute.jobs().start(
        target, [sys.executable, "-c", f"import sys\nprint({told!r}, file=sys.stderr)\nsys.exit(1)"]
    )
    job.wait(20)
    app = page(evaluation_section="Evaluate a folder", **{"recompute-watched": str(target.resolve())})
    assert "class-a" in app.error[0].value
    assert left(app, [*names, "skin", "own", "class-a"]) == []


@pytest.fixture(scope="module")
def selection() -> Selection:
    return make_selection(n=120)


def _report(selection: Selection) -> str:
    compared = compare(*(side.predictions for side in selection.sides))
    page = export.as_html(selection, compared, None)
    return re.sub(r'<script id="plotly">.*?</script>\n', "", page, flags=re.DOTALL)


def test_the_report_leaves_no_word_in_english(selection: Selection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(i18n, "_catalogue", lambda _code: Brackets())
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    report = _report(selection)
    charts = json.loads(re.findall(r'<script type="application/json" id="charts">(.*?)</script>', report, re.DOTALL)[0])
    own = [*selection.classes, *(side.about.photos for side in selection.sides), selection.sides[0].about.command]
    shown = [*in_html(report), *(text for chart in charts for text in in_figure(chart))]
    assert [text for text in shown if words_left(text, own)] == []


def test_the_report_is_turkish_and_the_data_is_not(selection: Selection, monkeypatch: pytest.MonkeyPatch):
    english = [table.csv() for table in tables(selection, None, None)]
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    report = _report(selection)
    assert '<html lang="tr">' in report
    assert "Karışıklık matrisi" in report
    assert "evaluations" in json.loads(export.as_json(selection, None))
    assert english == [table.csv() for table in _as_streamlit_writes_them(selection, monkeypatch)]


def _as_streamlit_writes_them(selection: Selection, monkeypatch: pytest.MonkeyPatch) -> list:
    """Files are written outside of the session, whose language nobody asks for there."""
    monkeypatch.setattr(i18n, "_asked", language.visitor)
    return tables(selection, None, None)


def test_the_sections_in_turkish():
    for section, word in (("Confusion", "karışıyor"), ("Confidence", "sıcaklık"), ("Export", "komut satırından")):
        shown = "\n".join(texts(page(evaluation_section=section)))
        assert word in shown
        assert not re.search(r"\bphotos\b", shown)
