"""The sections Confidence, Outside photos and Export of the Evaluate page, its pickers, and odd evaluations."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.reliability import abstain_at
from dermnet_core.evaluations import list_evaluations
from dermnet_core.labels import CLASSES
from dermnet_core.paths import ROOT, SHIPPED_MODELS
from tests.core.evaluations import evaluation

SECTIONS = ("Confidence", "Outside photos", "Export")


@pytest.fixture(autouse=True)
def own_evaluations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty folder of own evaluations, and no outside evaluations that ship."""
    monkeypatch.setenv("DERMNET_EVALUATIONS_DIR", str(tmp_path))
    monkeypatch.setattr("dermnet_core.evaluations.SHIPPED_EVALUATIONS", tmp_path / "none")
    return tmp_path


def page(section: str = "Overview", **state: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "evaluate.py"), default_timeout=60)
    app.session_state["evaluation-section"] = section
    for key, value in state.items():
        app.session_state[f"evaluation-{key}"] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    html = [element.proto.body for element in app.get("html")]
    kinds = (app.markdown, app.caption, app.subheader, app.info, app.warning, app.error)
    return "\n".join([*html, *(element.value for kind in kinds for element in kind)])


def shipped() -> list[Evaluation]:
    return [Evaluation.load(entry.file) for entry in list_evaluations()[0] if entry.folder.parent == SHIPPED_MODELS]


def write(folder: Path, found: Evaluation) -> str:
    folder.mkdir()
    found.save(folder / "predictions.npz")
    return str(folder)


def moved_away(found: Evaluation) -> Evaluation:
    """Return an evaluation of 120 photos of three classes as if they came from elsewhere."""
    places = np.concatenate([np.flatnonzero(found.labels == label)[:40] for label in (0, 5, 14)])
    types = tuple("2" if i % 2 else "6" for i in range(len(places)))
    return replace(
        found, about=replace(found.about, photos="Elsewhere", split="outside"), labels=found.labels[places],
        files=tuple(f"away-{i}.jpg" for i in places), logits=found.logits[places], masks={}, groups=None,
        attributes={"fitzpatrick": types},
    )  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("view", ["official", "clean", "blocked"])
def test_every_view_of_the_shipped_evaluations(section: str, view: str):
    app = page(section, view=view)
    assert not app.error
    assert app.segmented_control(key="evaluation-view").value == view


def test_the_slider_starts_at_the_card_and_changes_only_its_own_figures():
    app = page("Confidence", view="clean")
    for found, slider in zip(
        sorted(shipped(), key=lambda e: e.about.model != "separable_cnn"), app.slider, strict=True
    ):
        assert slider.value == pytest.approx(100 * found.about.abstain_below, abs=0.05)
        kept = abstain_at(found.predictions("clean"), found.about.abstain_below)
        assert f"<td>{kept.n:,}</td>" in words(app)
    assert "yours" not in words(app)
    app.slider[0].set_value(60.0).run()
    kept = abstain_at(
        next(found for found in shipped() if found.about.model == "separable_cnn").predictions("clean"), 0.6
    )
    assert "CNN, yours" in words(app)
    assert f"<td>{kept.n:,}</td>" in words(app)
    assert "MobileNetV2, yours" not in words(app)
    assert "The Classify page uses the card's value" in words(app)


def test_without_outside_photos_the_section_says_how_to_make_them():
    app = page("Outside photos")
    assert "No evaluation of photos from another source" in words(app)
    assert any("--mapping" in code.value for code in app.code)


def test_outside_photos_stand_beside_the_same_classes_at_home(own_evaluations: Path):
    for number, found in enumerate(shipped()):
        write(own_evaluations / str(number), moved_away(found))
    app = page("Outside photos")
    assert not app.error
    text = words(app)
    assert "Elsewhere: 120 photos, of 3 of the 23 classes." in text
    assert "Free to name any of the 23 classes, CNN is right on" in text
    assert "Asked to choose among these 3 alone" in text
    assert "CNN, Elsewhere" in text
    assert "MobileNetV2, Elsewhere" in text
    alts = [element.proto.alt for element in app.get("plotly_chart")]
    assert len(alts) == 3  # the fall, classes, Fitzpatrick types: there are no labels of the source
    assert all(alts)


def test_an_outside_evaluation_can_be_chosen_for_every_section(own_evaluations: Path):
    first, second = (write(own_evaluations / str(number), moved_away(found)) for number, found in enumerate(shipped()))
    app = page("Confidence")
    app.selectbox(key="evaluation-first").set_value(first)
    app.selectbox(key="evaluation-second").set_value(second).run()
    for section in ("Overview", "Per class", "One class", "Confusion", "Photos", *SECTIONS):
        app.segmented_control(key="evaluation-section").set_value(section).run()
        assert not app.exception, section
        assert not app.error, section
    assert app.segmented_control(key="evaluation-view").options == ["All photos (120)"]
    assert "Which photos are clean or blocked is not known here" in words(app)


def test_different_photos_are_said_and_compared_where_both_hold_them(own_evaluations: Path):
    found = shipped()[0]
    part = replace(found, files=found.files[:100], labels=found.labels[:100], logits=found.logits[:100],
                   masks={}, groups=None, attributes={})  # fmt: skip
    folder = write(own_evaluations / "part", part)
    app = page("Overview")
    app.selectbox(key="evaluation-second").set_value(folder).run()
    assert not app.error
    assert "100 of them in both" in words(app)


def test_other_classes_leave_the_first_and_say_why(own_evaluations: Path):
    folder = write(own_evaluations / "other", evaluation())
    app = page("Overview")
    app.selectbox(key="evaluation-second").set_value(folder).run()
    assert not app.exception
    assert "Compare models of the same classes" in words(app)
    for section in SECTIONS:
        app.segmented_control(key="evaluation-section").set_value(section).run()
        assert not app.exception


def test_a_damaged_and_an_old_evaluation_are_named_and_the_rest_works(own_evaluations: Path):
    for name, content in (("cut", b"PK\x03\x04"), ("empty", b"")):
        (own_evaluations / name).mkdir()
        (own_evaluations / name / "predictions.npz").write_bytes(content)
    app = page("Confidence")
    assert len(app.error) == 2
    assert all("Evaluate the model again" in error.value for error in app.error)
    assert app.slider


def test_answers_that_are_no_numbers_are_left_out_when_chosen(own_evaluations: Path):
    found = shipped()[0]
    logits = found.logits.copy()
    logits[3, 2] = np.nan
    folder = write(own_evaluations / "nan", replace(found, logits=logits))
    app = page("Overview")
    app.selectbox(key="evaluation-second").set_value(folder).run()
    assert not app.exception
    (error,) = app.error
    assert error.value.startswith("The evaluation nan is left out.")
    assert app.get("plotly_chart")


def test_one_evaluation_alone_can_be_shown():
    app = page("Overview")
    app.selectbox(key="evaluation-second").set_value("").run()
    for section in SECTIONS:
        app.segmented_control(key="evaluation-section").set_value(section).run()
        assert not app.exception
        assert not app.error


def test_photos_of_one_class_break_no_section(own_evaluations: Path):
    labels = tuple(entry.folder for entry in CLASSES)
    lone = evaluation(12, labels, labelled=1)
    lone.masks.clear()
    away = evaluation(12, labels, labelled=1, split="outside", photos="Elsewhere")
    write(own_evaluations / "away", away)
    folder = write(own_evaluations / "lone", lone)
    app = page("Overview")
    app.selectbox(key="evaluation-first").set_value(folder).run()
    for section in SECTIONS:
        app.segmented_control(key="evaluation-section").set_value(section).run()
        assert not app.exception, section
        assert not app.error, section
        assert ("two classes or more" in words(app)) == (section != "Confidence")


def test_the_export_offers_files_and_every_chart():
    app = page("Export")
    assert [button.label for button in app.get("download_button")] == [
        "Report (HTML)", "All tables (CSV, zipped)", "Everything (JSON)",
    ]  # fmt: skip
    (chart,) = app.get("plotly_chart")
    assert chart.proto.alt
    picker = app.selectbox(key="evaluation-export-chart")
    assert len(picker.options) >= 15
    picker.set_value(len(picker.options) - 1).run()
    assert not app.exception
