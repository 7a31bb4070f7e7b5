"""The page in a real browser, on a server that was just started."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from dermnet_core.data.drawings import example_drawings
from dermnet_ui.frame import DISCLAIMER

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Return drawings saved as JPEG files."""
    paths = []
    for number, drawing in enumerate(example_drawings()[:2]):
        paths.append(tmp_path / f"arm-{number}.jpg")
        Image.fromarray(drawing.rgb).save(paths[-1])
    return paths


def upload(page: Page, address: str, paths: list[Path]) -> None:
    page.goto(address)
    page.locator("input[type=file]").set_input_files(paths)
    expect(page.locator("ol.dn-ranking")).to_have_count(2)


def test_upload_shows_two_heatmaps_and_two_ranked_lists(app_server: str, browser_page: Page, photos: list[Path]):
    upload(browser_page, app_server, photos[:1])
    for model in ("CNN", "MobileNetV2"):
        heatmap = browser_page.get_by_role("img", name=f"{model}, heatmap for")
        expect(heatmap).to_be_visible()
        expect(heatmap).to_have_js_property("complete", True)
        assert heatmap.evaluate("image => image.naturalWidth") > 300
        ranked = browser_page.get_by_role("list", name=f"{model}: the 5 classes")
        expect(ranked.get_by_role("listitem")).to_have_count(5)

    links = browser_page.get_by_test_id("stSidebarNavLink")
    links.filter(has_text="Models").click()
    expect(browser_page.get_by_role("heading", level=1, name="Models")).to_be_visible()
    links.filter(has_text="Classify").click()
    expect(browser_page.locator("ol.dn-ranking")).to_have_count(2)  # the photo is still on the table


def test_results_can_be_saved(app_server: str, browser_page: Page, photos: list[Path], tmp_path: Path):
    upload(browser_page, app_server, photos)
    for title, ending in (("Picture (PNG)", "png"), ("Report (HTML)", "html"), ("Data of all 2 photos (JSON)", "json")):
        with browser_page.expect_download() as waiting:
            browser_page.get_by_role("button", name=title).click()
        waiting.value.save_as(tmp_path / f"saved.{ending}")
    assert Image.open(io.BytesIO((tmp_path / "saved.png").read_bytes())).width > 1000
    assert len(json.loads((tmp_path / "saved.json").read_text())) == 4
    browser_page.set_content((tmp_path / "saved.html").read_text())
    expect(browser_page.locator("ol.dn-ranking")).to_have_count(2)
    expect(browser_page.get_by_text(DISCLAIMER)).to_be_visible()


@pytest.mark.parametrize(("path", "title"), [("/models", "Models"), ("/dataset", "Dataset"), ("/classify", "Classify")])
def test_a_deep_link_as_first_request_has_disclaimer_and_navigation(
    app_server: str, browser_page: Page, path: str, title: str
):
    browser_page.goto(app_server + path)
    expect(browser_page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(browser_page.get_by_role("note")).to_have_text(DISCLAIMER)
    links = browser_page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_text(["Classify", "Dataset", "Train", "Tune", "Evaluate", "Models"])
    expect(browser_page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    links.filter(has_text="Classify").click()
    expect(browser_page.get_by_text("Nothing to compare yet")).to_be_visible()


def test_a_phone_needs_no_scrolling_sideways_and_shows_the_heatmap_first(
    app_server: str, browser_page: Page, photos: list[Path]
):
    browser_page.set_viewport_size({"width": 390, "height": 844})
    upload(browser_page, app_server, photos)
    wider = "element => element.scrollWidth - element.clientWidth"
    assert browser_page.locator("html").evaluate(wider) == 0
    assert browser_page.get_by_test_id("stMain").evaluate(wider) == 0
    heatmaps, lists = browser_page.locator('img[alt*="heatmap for"]'), browser_page.locator("ol.dn-ranking")
    boxes = [element.bounding_box() for n in range(2) for element in (heatmaps.nth(n), lists.nth(n))]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == 4
    assert tops == sorted(tops)
