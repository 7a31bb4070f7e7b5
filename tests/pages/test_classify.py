"""The page with the models that ship."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dermnet_core.artifacts import Artifact
from dermnet_core.data.drawings import example_drawings
from dermnet_core.data.images import Photo
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import RunError
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.paths import ROOT
from dermnet_ui import comparison
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.resources import MAX_BYTES
from dermnet_ui.table import MAX_PHOTOS

Upload = tuple[str, bytes, str]


@pytest.fixture
def page() -> Iterator[AppTest]:
    page = AppTest.from_file(str(ROOT / "pages" / "classify.py"), default_timeout=60)
    page.run()
    assert not page.exception
    yield page
    assert not page.exception


def drawing(number: int, name: str = "") -> Upload:
    stream = io.BytesIO()
    Image.fromarray(example_drawings()[number].rgb).save(stream, "JPEG")
    return name or f"drawing-{number}.jpg", stream.getvalue(), "image/jpeg"


def upload(page: AppTest, *files: Upload) -> None:
    page.file_uploader[0].set_value(list(files)).run()


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def picture_texts(page: AppTest) -> list[str]:
    return [picture.alt for element in page.get("image") for picture in element.proto.imgs]


def button(page: AppTest, start: str) -> list[str]:
    return [found.label for found in page.button if found.label.startswith(start)]


def test_empty_page_says_what_would_be_here_and_what_to_do(page: AppTest):
    assert any("Nothing to compare yet" in text.value for text in page.markdown)
    assert page.button(key="try").label == "Try it with a drawing"
    assert DISCLAIMER in html(page)
    assert not picture_texts(page)


def test_one_photo_gets_two_heatmaps_and_two_ranked_lists(page: AppTest):
    upload(page, drawing(0))
    assert html(page).count('<ol class="dn-ranking"') == 2
    texts = picture_texts(page)
    assert [text.split(",")[0] for text in texts] == ["CNN", "MobileNetV2"]
    assert all(", strongest: " in text for text in texts)
    assert "Both say" in html(page) or "They disagree" in html(page)


def test_a_drawing_is_called_a_drawing(page: AppTest):
    page.button(key="try").click().run()
    assert html(page).count('<ol class="dn-ranking"') == 2
    assert any("Drawing, not a photo" in caption.value for caption in page.caption)


def test_several_photos_get_a_strip_and_one_is_compared(page: AppTest):
    upload(page, drawing(0), drawing(1), drawing(2))
    assert html(page).count('<ul class="dn-verdicts"') == 3
    assert html(page).count('<ol class="dn-ranking"') == 2
    assert button(page, "✓") == ["✓ Photo 1"]
    next(found for found in page.button if found.label == "Photo 3").click().run()
    assert button(page, "✓") == ["✓ Photo 3"]
    assert any("drawing" in caption.value and "2" in caption.value for caption in page.caption)


def test_a_bad_file_is_refused_and_the_others_are_answered(page: AppTest):
    upload(page, ("notes.jpg", b"these are no pixels", "image/jpeg"), drawing(0))
    (error,) = page.error
    assert "notes" in error.value
    assert "Expected a JPEG, PNG, WebP or HEIC photo, found a text file." in error.value
    assert html(page).count('<ol class="dn-ranking"') == 2


def test_a_file_beyond_the_limit_is_refused_on_the_server(page: AppTest):
    name, data, kind = drawing(0)
    upload(page, (name, data + bytes(MAX_BYTES), kind))
    assert "at most 10 MB, found 10." in page.error[0].value
    assert not picture_texts(page)


def test_more_photos_than_the_table_holds_are_refused(page: AppTest):
    folder = [(f"{n}.png", tiny_png(n), "image/png") for n in range(MAX_PHOTOS + 2)]
    upload(page, *folder)
    assert html(page).count('<ul class="dn-verdicts"') == MAX_PHOTOS
    assert len(page.error) == 2


def tiny_png(number: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (10 * number, 90, 120)).save(stream, "PNG")
    return stream.getvalue()


def test_the_same_photo_twice_is_one(page: AppTest):
    upload(page, drawing(0, "one.jpg"), drawing(0, "two.jpg"))
    assert html(page).count('<ol class="dn-ranking"') == 2
    assert '<ul class="dn-verdicts"' not in html(page)


def test_controls_choose_the_class_and_show_the_difference(page: AppTest):
    upload(page, drawing(0))
    picker = page.selectbox[0]
    assert picker.options[0] == "Each model's first"
    assert len(picker.options) == 24
    page.selectbox[0].select_index(5).run()
    page.toggle(key="difference").set_value(True).run()
    page.slider(key="opacity").set_value(0).run()
    texts = picture_texts(page)
    chosen = picker.options[5].rsplit(" (", 1)[0]
    assert len(texts) == 3
    assert all(chosen in text for text in texts)


def test_photos_can_be_removed(page: AppTest):
    upload(page, drawing(0), drawing(1))
    page.button(key="remove").click().run()
    assert html(page).count('<ol class="dn-ranking"') == 2
    assert '<ul class="dn-verdicts"' not in html(page)
    page.button(key="remove").click().run()
    assert any("Nothing to compare yet" in text.value for text in page.markdown)


def test_a_blurred_photo_gets_a_quiet_warning(page: AppTest):
    stream = io.BytesIO()
    Image.new("RGB", (300, 200), (150, 110, 100)).save(stream, "PNG")
    upload(page, ("flat.png", stream.getvalue(), "image/png"))
    assert "The photo is blurred." in html(page)


def test_test_photos_of_the_own_folder_are_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_photo_folder(tmp_path, classes=3, per_class=4)
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path))
    page = AppTest.from_file(str(ROOT / "pages" / "classify.py"), default_timeout=60).run()
    page.segmented_control(key="source").set_value("Examples").run()
    captions = [caption.value for caption in page.caption]
    assert captions.count("Drawing, not a photo") == 5
    assert "Test photo, atlas class: class-b" in captions
    next(found for found in page.button if found.label == "Try: Photo 2").click().run()
    assert html(page).count('<ol class="dn-ranking"') == 2
    assert not page.exception


def test_test_photos_may_share_a_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for number, label in enumerate(("class-a", "class-b")):
        (tmp_path / "test" / label).mkdir(parents=True)
        (tmp_path / "test" / label / "1.png").write_bytes(tiny_png(number))
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path))
    page = AppTest.from_file(str(ROOT / "pages" / "classify.py"), default_timeout=60).run()
    page.segmented_control(key="source").set_value("Examples").run()
    assert not page.exception
    assert button(page, "Try: Photo") == ["Try: Photo 1", "Try: Photo 2"]


def test_a_folder_without_test_photos_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path / "nowhere"))
    page = AppTest.from_file(str(ROOT / "pages" / "classify.py"), default_timeout=60).run()
    page.segmented_control(key="source").set_value("Examples").run()
    assert "Expected a photo folder, found nothing" in page.error[0].value
    assert not page.exception


def test_another_method_that_fails_says_why(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> Heatmap:
        raise RunError("Expected a heatmap within 120 s, found none. Close other programs and try again.")

    monkeypatch.setattr(comparison, "explain_with", fail)
    upload(page, drawing(0))
    page.button(key="explain").click().run()
    assert page.error[0].value.startswith("Expected a heatmap within 120 s")
    assert len(picture_texts(page)) == 2


def test_another_method_is_drawn_for_both_models_and_kept(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def explain(artifact: Artifact, photo: Photo, class_index: int, method: str) -> Heatmap:
        asked.append((artifact.name, artifact.card.classes[class_index], method))
        return Heatmap(np.eye(7, dtype=np.float32))

    monkeypatch.setattr(comparison, "explain_with", explain)
    upload(page, drawing(0))
    page.selectbox(key="method").select("scorecam").run()
    page.button(key="explain").click().run()
    assert [(model, method) for model, _, method in asked] == [
        ("separable_cnn", "scorecam"),
        ("mobilenet_v2", "scorecam"),
    ]
    assert len({label for _, label, _ in asked}) == 1
    page.slider(key="opacity").set_value(80).run()
    assert len(picture_texts(page)) == 4
    assert len(asked) == 2
