"""No page leaves a word in English: each is run with a catalogue that puts what it translates into brackets."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.extract import extract

from dermnet_core import i18n
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.dataset import report_path
from dermnet_core.labels import CLASSES
from dermnet_core.paths import ROOT
from dermnet_ui import language
from dermnet_ui.dataset import overview, scanning
from dermnet_ui.jobs import SCAN
from tests.pages.test_classify import drawing
from tests.pages.visible import Brackets, in_figure, in_html, texts, untranslated, words_left
from tests.pages.visible import turkish as page
from tests.ui.dataset_cases import plant_defects, small_report

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
SECTIONS = ("Classes", "Findings", "Photos", "Properties", "Series", "Splits", "Export")
FINDINGS = ("leaked", "conflicting", "near-across", "copies", "unreadable", "small")


@pytest.fixture(autouse=True)
def visitors_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the session for its language, whatever other tests have set."""
    monkeypatch.setattr(i18n, "_asked", language.visitor)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scanned photo folder with something wrong of most kinds, beside its cache."""
    top = tmp_path_factory.mktemp("scanned")
    root = top / "own-atlas"
    write_photo_folder(root)
    plant_defects(root)
    (root / "5.jpg").write_bytes(b"loose")
    (root / "notes.txt").write_text("no photo")
    for split in ("train", "test"):
        (root / split / "class-d").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERMNET_CACHE_DIR", str(top / "cache"))
        path = report_path(root)
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(small_report(root).to_json()))
    return root


@pytest.fixture
def scanned(atlas: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Offer that folder to the pages."""
    monkeypatch.setenv("DERMNET_DATA_DIR", str(atlas))
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(atlas.parent / "cache"))
    return atlas


def names_in(root: Path) -> set[str]:
    """Return what a folder's files are called: visitors chose these names."""
    files = [path.relative_to(root) for path in root.rglob("*")]
    series = {file.stem.rpartition("-")[0] for file in files if file.suffix}
    families = {f"{name[:place]} …" for name in series for place, letter in enumerate(name) if letter == "-"}
    return {root.name, *map(str, files), *(file.name for file in files), *series, *families, ".txt"} - {"train", "test"}


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("section", SECTIONS)
def test_sections_of_a_scanned_folder(scanned: Path, section: str):
    app = page("dataset", section=section)
    assert untranslated(app, names_in(scanned)) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("key", FINDINGS)
def test_findings_with_their_photos(scanned: Path, key: str):
    app = page("dataset", section="Findings", finding=key)
    assert untranslated(app, names_in(scanned)) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("file", ["train/class-a/class-a-train-a-1.jpg", "train/class-b/broken-1.jpg"])
def test_a_photo_in_full(scanned: Path, file: str):
    app = page("dataset", section="Photos", open_photo=file)
    assert untranslated(app, names_in(scanned)) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("known", [overview.PUBLISHED_SET, overview.TRAINED_ON])
def test_a_dataset_without_photos(monkeypatch: pytest.MonkeyPatch, known: str):
    monkeypatch.delenv("DERMNET_DATA_DIR", raising=False)
    assert untranslated(page("dataset", known=known)) == []


@pytest.mark.usefixtures("bracketed")
def test_a_folder_that_was_never_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = tmp_path / "own-atlas"
    write_photo_folder(root)
    monkeypatch.setenv("DERMNET_DATA_DIR", str(root))
    assert untranslated(page("dataset"), names_in(root)) == []


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize(
    "message",
    [
        SCAN.stopped,
        SCAN.killed.format(signal="SIGKILL"),
        "Expected a photo folder, found nothing at /own-atlas. Check the path.",
    ],
)
@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_a_scan_that_ended(scanned: Path, monkeypatch: pytest.MonkeyPatch, message: str, state: str):
    ended = SimpleNamespace(state=state, message=message)  # as a thread, which speaks English, leaves it
    monkeypatch.setattr(scanning, "jobs", lambda: SimpleNamespace(get=lambda _root: ended))
    app = page("dataset")
    assert [message.value for message in (*app.warning, *app.error)]
    assert untranslated(app, {*names_in(scanned), "SIGKILL"}) == []


@pytest.mark.usefixtures("bracketed")
def test_photos_on_the_table(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DERMNET_DATA_DIR", raising=False)
    app = page("classify")
    assert untranslated(app) == []
    app.file_uploader[0].set_value([drawing(0, "own.jpg"), ("broken.jpg", b"no photo", "image/jpeg")]).run()
    assert not app.exception
    folders = [entry.folder for entry in CLASSES]  # shown when the mouse rests on a class
    assert untranslated(app, ["own.jpg", "broken.jpg", *folders]) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_the_dataset_page_in_turkish(scanned: Path, section: str):
    app = page("dataset", section=section)
    assert [title.value for title in app.title] == ["Veri kümesi"]
    assert not app.error
    shown = "\n".join(texts(app))
    assert "fotoğraf" in shown
    assert "photo" not in shown


def marked(path: Path) -> Iterator[str]:
    """Yield the sentences that a module marks, also where babel does not look: inside of an f-string."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS and node.args:
            if isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                yield ast.unparse(node)
            elif isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


@pytest.mark.parametrize("top", ["dermnet_core", "dermnet_ui", "pages"])
def test_no_sentence_hides_from_the_catalogues(top: str):
    for path in sorted((ROOT / top).rglob("*.py")):
        with path.open("rb") as source:
            found = [message for _line, message, *_rest in extract("python", source, keywords=KEYWORDS)]
        known = {form for message in found for form in ([message] if isinstance(message, str) else message)}
        assert set(marked(path)) <= known, path


def test_words_outside_of_brackets_are_found():
    marked_text = Brackets().gettext("{n} of {total} photos").format(n=3, total="many")
    assert marked_text == "3⟦ of ⟧many⟦ photos⟧"
    assert words_left(marked_text) == {"many"}
    assert words_left("no word", ["", "word"]) == set()
    assert words_left("⟦a ⟦nested⟧ one⟧ · class-a · %{x:,} 12 kB CSV", ["class-a"]) == set()
    assert list(in_html('<p title="one">two <b>three</b></p><style>four</style>')) == [" two  three    ", "one"]
    figure = {"layout": {"title": {"text": "one"}, "showlegend": False}, "data": [{"name": "two", "y": ["three"]}]}
    assert list(in_figure(figure)) == ["one", "three"]
