"""The sections Overview, Per class and One class of the Evaluate page, on shipped evaluations and on made-up ones."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.evaluation.malignancy import MALIGNANT_CLASS
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluations import list_evaluations
from dermnet_core.paths import ROOT, SHIPPED_MODELS
from dermnet_ui.evaluation.one_vs_rest import MALIGNANT_TITLE
from tests.core.evaluations import evaluation
from tests.pages.evaluate_page import checked, compare, words

SECTIONS = ("Overview", "Per class", "One class")
HAIR = "Hair Loss Photos Alopecia and other Hair Diseases"


@pytest.fixture(autouse=True)
def own_evaluations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMNET_EVALUATIONS_DIR", str(tmp_path))
    return tmp_path


def page(section: str = "Overview", **state: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "evaluate.py"), default_timeout=60)
    app.session_state["evaluation-section"] = section
    for key, value in state.items():
        app.session_state[f"evaluation-{key}"] = value
    return checked(app.run())


def charts(app: AppTest) -> dict[str, str]:
    """Return each chart's text for those who do not see it, by a part of its key."""
    return {element.proto.id: element.proto.alt for element in app.get("plotly_chart")}


def alt(app: AppTest, key: str) -> str:
    return next(text for name, text in charts(app).items() if key in name)


def write(folder: Path, found: Evaluation) -> Path:
    folder.mkdir()
    found.save(folder / "predictions.npz")
    return folder


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("view", ["official", "clean", "blocked"])
def test_every_view_of_the_shipped_evaluations(section: str, view: str):
    app = page(section, view=view)
    assert app.segmented_control(key="evaluation-view").value == view
    assert charts(app)
    assert all(charts(app).values())


def test_the_first_screen_says_who_is_better_and_what_leakage_is_worth():
    text = words(page(view="official"))
    for stored in list_evaluations()[0]:
        if stored.folder.parent == SHIPPED_MODELS:
            found = Evaluation.load(stored.file)
            answers = found.predictions("official")
            assert f"{100 * (answers.top == answers.labels).mean():.1f} (" in text
            copies = ~found.mask("clean")
            right = found.logits.argmax(axis=1) == found.labels
            assert f"{100 * right[copies].mean():.1f} % of the copies" in text
    assert "95 % interval" in text
    assert "McNemar" in text
    assert "docs/ORIGINAL.md" in text
    assert "n = 2,141" in text


def test_the_command_and_the_fingerprint_of_the_photos_are_shown():
    shown = "\n".join(code.value for code in page().code)
    for stored in list_evaluations()[0]:
        if stored.folder.parent == SHIPPED_MODELS:
            assert stored.about.command in shown
            assert stored.about.fingerprint in shown


@pytest.mark.parametrize(("figure", "order"), [("recall", "Test photos"), ("precision", "CNN"), ("f1", "Name")])
def test_classes_by_each_figure_in_another_order(figure: str, order: str):
    app = page("Per class")
    before = alt(app, "class-dumbbells")
    app.segmented_control(key="class-figure").set_value(figure)
    app.selectbox(key="class-order-6").select(order)
    after = alt(checked(app.run()), "class-dumbbells")
    assert after != before
    assert before.count(" test photos") == after.count(" test photos") == 23
    assert len(app.dataframe[0].value) == 23


def test_a_class_without_photos_in_the_blocked_view_says_so():
    app = page("One class", view="blocked", **{"class": HAIR})
    assert "holds no photo of Hair Loss, Alopecia" in words(app)
    assert "What a threshold would do" not in words(app)
    assert "No photos in this view: Hair Loss, Alopecia" in words(page("Per class", view="blocked"))


def test_the_threshold_and_the_prevalence_change_the_rates():
    app = page("One class", **{"class": MALIGNANT_CLASS})
    before = words(app)
    app.slider(key="class-threshold").set_value(10).run()
    lower = words(checked(app))
    assert lower != before
    app.number_input[0].set_value(0.5).run()
    assert words(checked(app)) != lower


def test_the_group_is_defined_and_stands_first_in_the_picker():
    app = page("One class")
    assert app.selectbox(key="evaluation-class-picker").options[0] == MALIGNANT_TITLE
    text = words(app)
    for part in ("count as malignant or pre-malignant", "lentigo-maligna", "cannot tell a nevus from a melanoma"):
        assert part in text
    assert "Sensitivity" in text


def test_the_chosen_class_is_kept_while_another_section_is_shown():
    app = page("One class", **{"class": HAIR})
    checked(app.segmented_control(key="evaluation-section").set_value("Overview").run())
    checked(app.segmented_control(key="evaluation-section").set_value("One class").run())
    assert app.selectbox(key="evaluation-class-picker").value == HAIR


@pytest.mark.parametrize("section", SECTIONS)
def test_one_evaluation_alone(section: str):
    app = compare(page(section), SHIPPED_MODELS / "separable_cnn", "")
    assert "McNemar" not in words(app)
    assert charts(app)


@pytest.mark.parametrize("section", SECTIONS)
def test_two_evaluations_of_one_model(section: str, own_evaluations: Path):
    first = write(own_evaluations / "a", evaluation(60, seed=1, model="mine"))
    second = write(own_evaluations / "b", evaluation(60, seed=2, model="other"))
    app = compare(page(section), first, second)
    assert "CNN mine" in str(charts(app))
    assert "CNN other" in str(charts(app))


@pytest.mark.parametrize("section", SECTIONS)
def test_an_evaluation_with_one_class_and_without_views(section: str, own_evaluations: Path):
    found = evaluation(12, labelled=1)
    found.masks.clear()
    folder = write(own_evaluations / "a", found)
    app = compare(page(section), folder, "")
    assert app.segmented_control(key="evaluation-view").value == "official"


def test_a_class_that_one_of_two_evaluations_lacks_keeps_the_curves_of_the_other(own_evaluations: Path):
    first = write(own_evaluations / "a", evaluation(60, photos="here"))
    second = write(own_evaluations / "b", evaluation(60, photos="there", labelled=2))
    app = compare(page("One class"), first, second)
    checked(app.selectbox(key="evaluation-class-picker").select("Warts").run())
    text = words(app)
    assert "view of CNN, there holds no photo of Warts" in text
    assert "CNN, here: AUC" in alt(app, "class-roc")
    assert "CNN, there" not in alt(app, "class-roc")
