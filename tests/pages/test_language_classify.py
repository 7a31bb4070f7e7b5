"""Classify leaves no word in English, and tells what it has kept in the language that is chosen later."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dermnet_core.data.drawings import example_drawings
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.labels import CLASSES
from dermnet_core.paths import ROOT
from dermnet_ui import comparison
from dermnet_ui.export import as_json
from tests.pages.visible import texts, untranslated

SAME_IN_ALL = ("Grad", "CAM", "Score", "SmoothGrad", *(entry.folder for entry in CLASSES))
"""Names of methods; class folders, which stand in the hover of a class."""
FILES = ("arm", "flat", "notes", "jpg", "png")


def page(language: str = "tr") -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "classify.py"), default_timeout=60)
    app.session_state["language"] = language
    app.run()
    assert not app.exception
    return app


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def drawings() -> list[tuple[str, bytes, str]]:
    return [(f"arm-{n}.png", png(drawing.rgb), "image/png") for n, drawing in enumerate(example_drawings())]


FLAT = ("flat.png", png(np.full((90, 90, 3), (150, 110, 100), np.uint8)), "image/png")
"""Small, blurred and without contrast."""


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("source", ["Your photos", "Camera", "Examples"])
def test_an_empty_table(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_photo_folder(tmp_path / "photos")
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path / "photos"))
    app = page()
    app.segmented_control(key="source").set_value(source).run()
    assert untranslated(app, {"class-a", "class-b", "class-c"}) == []


@pytest.mark.usefixtures("bracketed")
def test_a_folder_without_test_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path / "nowhere"))
    app = page()
    app.segmented_control(key="source").set_value("Examples").run()
    assert len(app.error) == 1
    assert untranslated(app, {str(tmp_path / "nowhere")}) == []


@pytest.mark.usefixtures("bracketed")
def test_one_drawing_with_all_that_is_folded_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(comparison, "explain_with", lambda *_: Heatmap(np.eye(7, dtype=np.float32)))
    app = page()
    app.button(key="try").click().run()
    app.toggle(key="difference").set_value(True).run()
    app.button(key="explain").click().run()
    assert len([picture for element in app.get("image") for picture in element.proto.imgs]) == 5
    assert untranslated(app, SAME_IN_ALL) == []


@pytest.mark.usefixtures("bracketed")
def test_several_photos_with_agreement_disagreement_notes_and_a_refusal():
    app = page()
    notes = ("notes.jpg", b"these are no pixels", "image/jpeg")
    app.file_uploader[0].set_value([*drawings(), FLAT, notes]).run()
    assert len(app.error) == 1
    wanted, seen = {"Both say", "They disagree", "The photo is blurred"}, set()
    for choose in [str(button.key) for button in app.button if str(button.key).startswith("choose-")]:
        app.button(key=choose).click().run()
        assert untranslated(app, (*SAME_IN_ALL, *FILES)) == []
        seen |= {words for words in wanted if words in "".join(texts(app))}
    assert seen == wanted


def test_what_is_kept_is_told_in_the_language_that_is_chosen_later():
    app = page("en")
    app.file_uploader[0].set_value([FLAT, ("notes.jpg", b"these are no pixels", "image/jpeg")]).run()
    assert "The photo is blurred." in "".join(texts(app))
    app.session_state["language"] = "tr"
    app.run()
    shown = "".join(texts(app))
    assert "Fotoğraf bulanık." in shown
    assert "bulunan: bir metin dosyası" in app.error[0].value
    table = app.session_state["table"]
    objects = json.loads(as_json(table.cases.values(), table.refused))
    assert objects[-1]["error"].startswith("Expected a JPEG, PNG, WebP or HEIC photo, found a text file.")
