"""The sections Confusion and Photos of the Evaluate page, on shipped evaluations and on made-up ones."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.evaluation.record import Evaluation
from dermnet_core.paths import ROOT, SHIPPED_MODELS
from tests.core.evaluations import evaluation
from tests.pages.evaluate_page import checked, compare, words

ECZEMA, PSORIASIS = "Eczema Photos", "Psoriasis pictures Lichen Planus and related diseases"
URTICARIA = "Urticaria Hives"


@pytest.fixture(autouse=True)
def own_evaluations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMNET_EVALUATIONS_DIR", str(tmp_path))
    return tmp_path


def page(section: str, **state: object) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "evaluate.py"), default_timeout=60)
    app.session_state["evaluation-section"] = section
    for key, value in state.items():
        app.session_state[key.replace("_", "-")] = value
    return checked(app.run())


def pick(app: AppTest, key: str, value: str) -> AppTest:
    return checked(app.segmented_control(key=f"{key}-widget").set_value(value).run())


def stored(folder: Path, found: Evaluation) -> Path:
    folder.mkdir()
    found.save(folder / "predictions.npz")
    return folder


def shipped(name: str) -> Evaluation:
    return Evaluation.load(SHIPPED_MODELS / name / "predictions.npz")


def test_the_matrix_is_there_at_once_and_says_what_to_do():
    app = page("Confusion")
    chart = app.get("plotly_chart")[0]
    assert "CNN most often errs so" in chart.proto.alt
    assert "Click a cell" in words(app)
    assert not [button for button in app.button if button.label == "Open"]


def test_two_boxes_do_what_a_click_does():
    app = page("Confusion")
    checked(app.selectbox(key="confusion-true").set_value(ECZEMA).run())
    checked(app.selectbox(key="confusion-called").set_value(PSORIASIS).run())
    found = shipped("separable_cnn").predictions("clean")
    true, called = found.classes.index(ECZEMA), found.classes.index(PSORIASIS)
    taken = (found.labels == true) & (found.top == called)
    n = int(taken.sum())
    support = int((found.labels == true).sum())
    assert f"CNN: {n} of {support} photos of Eczema, {100 * n / support:.1f} % (95 % interval" in words(app)
    names = {Path(file).name for file, chosen in zip(found.files, taken, strict=True) if chosen}
    assert any(name in words(app) for name in names)


def test_each_matrix_and_each_kind_of_number():
    app = page("Confusion", confusion_cell=(ECZEMA, PSORIASIS))
    for whose in ("1", "difference"):
        pick(app, "confusion-whose", whose)
        for kind in ("class", "answers", "counts"):
            pick(app, "confusion-kind", kind)
    assert "CNN: " in words(app)
    assert "MobileNetV2: " in words(app)
    pick(app, "confusion-form", "pairs")
    assert len(app.get("plotly_chart")) == 2


def test_a_choice_survives_another_section_and_another_view():
    app = page("Confusion", confusion_cell=(ECZEMA, PSORIASIS))
    pick(app, "confusion-whose", "1")
    checked(app.segmented_control(key="evaluation-section").set_value("Overview").run())
    checked(app.segmented_control(key="evaluation-view").set_value("official").run())
    checked(app.segmented_control(key="evaluation-section").set_value("Confusion").run())
    assert app.segmented_control(key="confusion-whose-widget").value == "1"
    assert "Eczema, called Psoriasis, Lichen Planus" in words(app)


def test_an_empty_cell_says_so():
    app = page("Confusion", confusion_cell=(ECZEMA, URTICARIA))
    assert "No photo of Eczema was called Urticaria, Hives" in words(app)


def test_one_evaluation_has_no_difference_and_no_disagreements():
    app = page("Confusion", confusion_cell=(ECZEMA, PSORIASIS))
    compare(app, SHIPPED_MODELS / "mobilenet_v2", "")
    assert "confusion-whose-widget" not in [control.key for control in app.segmented_control]
    assert "MobileNetV2: " in words(app)
    checked(app.segmented_control(key="evaluation-section").set_value("Photos").run())
    assert len(app.segmented_control(key="photos-list-widget").options) == 1


def test_different_photos_have_no_difference_and_compare_what_is_common(tmp_path: Path):
    found = shipped("mobilenet_v2")
    n = len(found.files) // 2
    part = dataclasses.replace(
        found, about=dataclasses.replace(found.about, photos="one half"), files=found.files[:n],
        labels=found.labels[:n], logits=found.logits[:n], masks={}, groups=None,
    )  # fmt: skip
    half = stored(tmp_path / "half", part)
    app = page("Confusion", confusion_cell=(ECZEMA, PSORIASIS), confusion_whose="difference")
    compare(app, SHIPPED_MODELS / "separable_cnn", half)
    assert len(app.segmented_control(key="confusion-whose-widget").options) == 2
    assert "Only the answers of this model" in words(app)
    checked(app.segmented_control(key="evaluation-section").set_value("Photos").run())
    pick(app, "photos-list", "first")
    assert f"n = {n:,} photos evaluated" in words(app)


def test_a_model_without_errors(tmp_path: Path):
    found = evaluation()
    perfect = dataclasses.replace(found, logits=(9.0 * np.eye(3)[found.labels]).astype(np.float32))
    folder = stored(tmp_path / "perfect", perfect)
    app = compare(page("Confusion", confusion_form="pairs"), folder, "")
    assert "confuses no classes: all 30 answers are right" in words(app)
    checked(app.segmented_control(key="evaluation-section").set_value("Photos").run())
    assert "none of the" in words(app)


def test_lists_of_photos_and_their_filters():
    app = page("Photos")
    found = shipped("separable_cnn").predictions("clean")
    total = int((found.top != found.labels).sum())
    assert f"**{total:,} photos** · Errors of CNN" in words(app)
    checked(app.selectbox(key="photos-class-widget").set_value(ECZEMA).run())
    of_eczema = int(((found.top != found.labels) & (found.labels == found.classes.index(ECZEMA))).sum())
    assert f"**{of_eczema:,} of {total:,} photos**" in words(app)
    checked(app.selectbox(key="photos-called-widget").set_value(PSORIASIS).run())
    assert f"**{of_eczema:,} of" not in words(app)
    for kind in ("errors1", "first", "second", "neither"):
        pick(app, "photos-list", kind)
    pick(app, "photos-order", "gap")
    assert "Disagreements: Neither is right" in words(app)


def test_a_filter_that_fits_nothing_any_more_can_be_undone():
    app = page("Photos", photos_class=URTICARIA, photos_list="first")
    assert "No photo of the list has this class" in words(app)
    checked(app.selectbox(key="photos-class-widget").set_value(None).run())
    assert [button for button in app.button if button.label == "Open"]
