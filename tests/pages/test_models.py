"""The cards of the models that ship."""

from streamlit.testing.v1 import AppTest

from dermnet_core.paths import ROOT
from dermnet_ui import active, resources
from dermnet_ui.frame import DISCLAIMER


def run_page() -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "models.py"), default_timeout=60).run()
    assert not page.exception
    return page


def test_both_cards_stand_side_by_side():
    page = run_page()
    html = "\n".join(element.proto.body for element in page.get("html"))
    assert DISCLAIMER in html
    assert html.index("CNN</h2>") < html.index("MobileNetV2</h2>")
    text = "\n".join(element.value for element in page.markdown)
    for artifact in active.artifacts():
        assert f"{artifact.card.parameters:,} parameters" in text
        assert all(limit in text for limit in artifact.card.limits)
        assert artifact.card.intended_use in text


def test_figures_carry_intervals_and_n():
    page = run_page()
    html = "\n".join(element.proto.body for element in page.get("html"))
    scored = resources.evaluations(active.artifacts())
    for models in scored.values():
        for model in models:
            assert model.text("top1") in html
            assert f"n = {model.view.figures.n:,}" in html
    assert "–" in scored["clean"][0].text("top1")


def test_the_view_can_be_changed():
    page = run_page()
    assert page.segmented_control(key="view").value == "clean"
    page.segmented_control(key="view").set_value("official").run()
    n = resources.evaluations(active.artifacts())["official"][0].view.figures.n
    assert any(f"n = {n:,};" in caption.value for caption in page.caption)


def test_fingerprints_of_the_files_are_shown():
    page = run_page()
    shown = "\n".join(code.value for code in page.code)
    for artifact in active.artifacts():
        assert all(digest in shown for digest in artifact.card.sha256.values())
        assert artifact.card.command in shown
