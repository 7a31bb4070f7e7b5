"""The dialog of one photo, and the preview of augmentation in it."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dermnet_core import preview
from dermnet_core.config import AugmentationConfig
from dermnet_core.data.summary import Distribution
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import RunError
from dermnet_ui.dataset import photo
from dermnet_ui.dataset.augmentation import in_words
from dermnet_ui.dataset.catalogue import Catalogue
from tests.ui.dataset_cases import make_summary, plant_defects, small_report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    write_photo_folder(root, classes=3, per_class=8)
    plant_defects(root)
    return root


@pytest.fixture
def report(folder: Path):
    return small_report(folder)


def page(report, root):
    from dermnet_ui.dataset import photo

    photo.dialog(report, root)


def show(report, root: Path, file: str) -> AppTest:
    at = AppTest.from_function(page, default_timeout=20, args=(report, root))
    at.session_state["open_photo"] = file
    return at.run()


def html(at: AppTest) -> str:
    assert not at.exception
    return " ".join(element.proto.body for element in at.get("html"))


def words(at: AppTest) -> str:
    return " ".join(element.value for element in at.markdown)


def copied(root: Path) -> str:
    """Return the train photo whose copy is planted in test, under another class."""
    second = sorted((root / "train" / "class-a").iterdir())[1]
    return second.relative_to(root).as_posix()


def test_nothing_is_open_at_first(report, folder: Path):
    at = AppTest.from_function(page, args=(report, folder)).run()
    assert not at.exception
    assert not at.get("html")


def test_it_says_what_the_photo_is(report, folder: Path):
    text = html(show(report, folder, "train/class-b/class-b-train-a-1.jpg"))
    facts = Catalogue(report).by_file["train/class-b/class-b-train-a-1.jpg"].facts
    assert "class-b-train-a, number 1" in text
    assert "64 × 64 pixels, JPEG" in text
    assert facts.sha256[:16] in text
    assert "<dt>Split</dt><dd>train</dd>" in text


def test_copies_are_named_with_their_classes_and_can_be_walked_to(report, folder: Path):
    at = show(report, folder, copied(folder))
    assert "The same file again** · 1 time, under 2 classes" in words(at)
    catalogue = Catalogue(report)
    notes = catalogue.notes(catalogue.by_file[copied(folder)])
    assert notes
    assert all(f"<strong>{finding.title}</strong>" in html(at) for finding, _ in notes)
    at.button(key="copies-0").click().run()
    assert at.session_state["open_photo"] == "test/class-b/leaked-2.jpg"
    assert "leaked-2.jpg</h2>" in html(at)


def test_the_neighbours_of_its_series_are_beside_it(report, folder: Path):
    at = show(report, folder, "train/class-b/class-b-train-b-1.jpg")
    around = [button for button in at.button if button.key.startswith("around-")]
    assert [(button.label, button.disabled) for button in around] == [("Shown", True), ("Next →", False)]
    around[1].click().run()
    assert "class-b-train-b-2.jpg</h2>" in html(at)


def test_a_rescaled_photo_is_shown_as_a_near_duplicate(folder: Path):
    # Stripes are too regular to tell one photo from another by; a picture that nothing else resembles is planted.
    pixels = np.random.default_rng(5).integers(0, 255, (8, 8, 3), np.uint8)
    picture = Image.fromarray(pixels).resize((200, 200), Image.Resampling.BICUBIC)
    picture.save(folder / "train" / "class-c" / "unique-1.jpg")
    picture.resize((120, 120)).save(folder / "test" / "class-a" / "smaller-1.png")
    at = show(small_report(folder), folder, "train/class-c/unique-1.jpg")
    assert "**Near duplicates** · 1" in words(at)
    assert "smaller-1.png" in html(at)
    assert "the same view, rescaled or saved again" in html(at)


def test_a_copy_has_the_near_duplicates_of_its_original(folder: Path):
    pixels = np.random.default_rng(5).integers(0, 255, (8, 8, 3), np.uint8)
    picture = Image.fromarray(pixels).resize((200, 200), Image.Resampling.BICUBIC)
    picture.save(folder / "train" / "class-c" / "unique-1.jpg")
    shutil.copy(folder / "train" / "class-c" / "unique-1.jpg", folder / "train" / "class-c" / "unique-7.jpg")
    picture.resize((120, 120)).save(folder / "test" / "class-a" / "smaller-1.png")
    catalogue = Catalogue(small_report(folder))
    for name in ("unique-1.jpg", "unique-7.jpg"):
        near = catalogue.near(catalogue.by_file[f"train/class-c/{name}"])
        assert [other.name for other, _ in near] == ["smaller-1.png"]


def test_a_file_that_cannot_be_read_says_why(report, folder: Path):
    at = show(report, folder, "train/class-b/broken-1.jpg")
    assert "Expected a JPEG, PNG, WebP or HEIC photo" in html(at)
    assert "augment" not in [button.key for button in at.button]


def test_a_photo_that_vanished_since_the_scan_says_so(report, folder: Path):
    (folder / "train" / "class-b" / "class-b-train-a-1.jpg").unlink()
    assert "it vanished after the scan" in html(show(report, folder, "train/class-b/class-b-train-a-1.jpg"))


def test_a_name_outside_the_folder_is_refused(report, folder: Path):
    outside = folder.parent / "secret.jpg"
    Image.new("RGB", (32, 32)).save(outside)
    forged = dataclasses.replace(report.photos[0], file="../secret.jpg")
    text = html(show(dataclasses.replace(report, photos=(forged,), near=(), digest="forged"), folder, "../secret.jpg"))
    assert "Expected the name of a photo inside photos" in text


def test_a_photo_of_another_scan_is_explained(report, folder: Path):
    at = show(report, folder, "train/class-a/unknown.jpg")
    assert not at.exception
    assert "Expected a photo of the last scan" in at.error[0].value


def test_measures_are_put_into_words(report):
    facts = dataclasses.replace(report.photos[0], brightness=12.0, sharpness=500.0, contrast=50.0, bytes=3 * 2**20)
    spread = Distribution((0.0, 255.0), {"train": (1,)}, (0, 40, 60, 100, 140, 200, 255))
    properties = {name: spread for name in ("brightness", "sharpness", "contrast")}
    found = dict(photo.measures(facts, make_summary({}, properties=properties)))
    assert found["Brightness"] == "12 of 255, darker than 95 % of the photos here"
    assert found["Sharpness"] == "500, sharper than 95 % of the photos here"
    assert found["Contrast"] == "50, like most photos here"
    assert found["Size"].endswith("3.0 MB")


def test_augmented_versions_appear_when_asked_for(report, folder: Path, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def versions(photo, architecture, copies):
        asked.append((photo.rgb.shape, architecture, copies))
        return [np.full((32, 32, 3), 20 * number, np.uint8) for number in range(copies)]

    monkeypatch.setattr(preview, "augmented", versions)
    at = show(report, folder, "train/class-b/class-b-train-a-1.jpg")
    assert not asked  # opening a photo starts no TensorFlow
    before = len(at.image)
    at.button(key="augment").click().run()
    assert not at.exception
    assert asked == [((64, 64, 3), "separable_cnn", 8)]
    assert len(at.image) == before + 8
    at.run()
    assert len(asked) == 1  # kept
    at.segmented_control(key="augment-model").set_value("MobileNetV2").run()
    assert len(at.image) == before  # those of the other model were not asked for


def test_a_preview_that_fails_says_why(report, folder: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_):
        raise RunError("Expected a preview, found no memory. Free some.")

    monkeypatch.setattr(preview, "augmented", fail)
    at = show(report, folder, "train/class-c/class-c-train-a-1.jpg")
    at.button(key="augment").click().run()
    assert not at.exception
    assert at.error[0].value == "Expected a preview, found no memory. Free some."


def test_the_settings_are_told_in_words():
    settings = AugmentationConfig(True, rotation=0.1, zoom=0.2, shift=0.05, contrast=0.3, sharpness=0.4, mixup=0.2)
    told = list(in_words(settings))
    assert told == [
        "mirrored half of the time", "turned by up to 36°", "brought closer by up to 20 % or moved away by up to 10 %",
        "shifted by up to 5 %", "contrast changed by up to 30 %", "fine detail changed by up to 40 %",
        "blended with another photo (not shown)",
    ]  # fmt: skip
    assert list(in_words(AugmentationConfig(flip=False, rotation=0, zoom=0, contrast=0))) == []
