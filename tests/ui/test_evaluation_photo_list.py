"""The list of photos below a cell or a filter, and the dialog of one of them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_ui.evaluation.answers import PhotoList
from dermnet_ui.evaluation.drilldown import PAGE
from tests.ui.evaluated_photos import evaluated, write_photo, write_photos


def page(found):
    from dermnet_ui.evaluation import drilldown

    drilldown.photo_list(found, "list")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    monkeypatch.setenv("DERMNET_DATA_DIR", str(folder))
    return folder


def listed(root: Path, n: int, **changes: str) -> PhotoList:
    sides = evaluated(root, write_photos(root, n), **changes).sides
    return PhotoList("Patches", "Patches", sides, tuple(range(n)))


def show(found: PhotoList) -> AppTest:
    return checked(AppTest.from_function(page, default_timeout=60, args=(found,)).run())


def checked(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def test_with_the_folder_each_photo_has_its_heatmaps(root: Path):
    at = show(listed(root, 2))
    assert html(at).count("data:image/jpeg") == 6  # photo and two heatmaps, twice
    assert 'alt="CNN, heatmap for ' in html(at)
    assert "patch-1.jpg" in html(at)
    assert "dn-notes" not in html(at)


def test_without_the_folder_there_are_names_scores_and_one_line_that_helps(root: Path, monkeypatch: pytest.MonkeyPatch):
    found = listed(root, 2)
    monkeypatch.delenv("DERMNET_DATA_DIR")
    at = show(found)
    assert "data:image" not in html(at)
    assert "patch-0.jpg" in html(at)
    assert "its class: " in html(at)
    assert [caption.value for caption in at.caption if "DERMNET_DATA_DIR" in caption.value]
    at.button(key="list-0").click().run()
    assert "the 5 classes with the highest model scores" in html(checked(at))


def test_another_folder_says_which_photos_were_evaluated(root: Path):
    found = listed(root, 2)
    for file in found.sides[0].predictions.files:
        (root / file).unlink()
    assert "None of these photos is in the folder photos. The evaluation was made on: made up, test." in html(
        show(found)
    )


def test_a_photo_that_was_changed_is_marked_on_its_card_and_in_the_dialog(root: Path):
    found = listed(root, 2)
    write_photo(root / found.sides[0].predictions.files[1], seed=77)
    at = show(found)
    assert "1 of the 2 photos here are not the ones that were evaluated" in html(at)
    assert html(at).count("Not the photo that was evaluated.") == 1
    at.button(key="list-1").click().run()
    assert "the heatmaps are of the photo here" in html(checked(at))


def test_the_dialog_shows_both_models_and_walks_to_the_next(root: Path):
    at = show(listed(root, 2))
    at.button(key="list-0").click().run()
    assert html(checked(at)).count("the 5 classes with the highest model scores") == 2
    assert '<h2 class="dn-model dn-path">patch-0.jpg</h2>' in html(at)
    assert len(at.image) == 2
    assert at.button(key="evaluation-walk-1").disabled
    at.radio(key="evaluation-heat-class").set_value("The photo's own class").run()
    assert html(checked(at)).count("Heatmap for <b>Eczema</b>") == 2
    at.button(key="evaluation-walk1").click().run()
    assert '<h2 class="dn-model dn-path">patch-1.jpg</h2>' in html(checked(at))
    assert at.button(key="evaluation-walk1").disabled


def test_without_the_model_the_dialog_has_the_photo_alone(root: Path):
    at = show(listed(root, 1, model_sha256="f" * 64))
    assert "heatmaps of CNN cannot be drawn" in html(at)
    at.button(key="list-0").click().run()
    assert len(checked(at).image) == 1


def test_long_lists_have_pages(root: Path):
    at = show(listed(root, PAGE + 2))
    assert sum(button.label == "Open" for button in at.button) == PAGE
    assert f"patch-{PAGE}.jpg" not in html(at)
    assert at.get("pagination")
    assert [button for button in at.get("download_button") if f"This list of {PAGE + 2}" in button.proto.label]
