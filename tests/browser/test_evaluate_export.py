"""What the Evaluate page saves in a real browser: report, tables, and pictures of charts in both formats and themes."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def section(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()


def saved(page: Page, button: Locator, folder: Path) -> Path:
    with page.expect_download() as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def camera(page: Page, chart: Locator) -> Locator:
    chart.scroll_into_view_if_needed()
    chart.hover()
    return chart.locator(".modebar-btn")


def test_files_and_pictures(app_server: str, browser_page: Page, tmp_path: Path):
    page = browser_page
    page.emulate_media(color_scheme="dark")
    page.goto(f"{app_server}/evaluate")
    section(page, "Confidence")
    chart = page.locator(".st-key-risk-coverage")
    expect(chart.locator(".gtitle")).to_have_text("Error against photos answered")
    picture = saved(page, camera(page, chart), tmp_path)
    assert picture.name == "error-against-photos-answered.png"
    with Image.open(picture) as image:
        shown = chart.locator(".main-svg").first.bounding_box()
        assert shown is not None
        assert image.width == pytest.approx(2 * shown["width"], abs=4)
        assert image.convert("RGB").getpixel((2, 2)) == (20, 24, 27)  # the dark theme's background

    section(page, "Export")
    page.get_by_text("SVG, for print").click()
    expect(page.get_by_role("radio", name="SVG, for print")).to_be_checked()
    section(page, "Confidence")
    drawing = saved(page, camera(page, page.locator(".st-key-risk-coverage")), tmp_path).read_text(encoding="utf-8")
    assert drawing.startswith("<svg")
    title = re.findall(r'<text class="gtitle"[^>]*>', drawing)[0]
    assert "rgb(230, 234, 236)" in title  # the dark theme's text

    section(page, "Export")
    report = saved(page, page.get_by_role("button", name="Report (HTML)"), tmp_path)
    assert "Where these figures come from" in report.read_text(encoding="utf-8")
    tables = saved(page, page.get_by_role("button", name="All tables"), tmp_path)
    with zipfile.ZipFile(io.BytesIO(tables.read_bytes())) as archive:
        assert "figures-by-class.csv" in archive.namelist()
        assert archive.testzip() is None


def test_the_slider_redraws_its_own_part(app_server: str, browser_page: Page):
    page = browser_page
    page.goto(f"{app_server}/evaluate")
    section(page, "Confidence")
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    expect(page.get_by_text("CNN, yours")).to_be_visible()
    expect(page.get_by_text("MobileNetV2, yours")).to_have_count(0)


def test_a_model_card_is_read_and_saved(app_server: str, browser_page: Page, tmp_path: Path):
    page = browser_page
    page.goto(f"{app_server}/models")
    text = saved(page, page.get_by_role("button", name="Save the card (Markdown)").first, tmp_path)
    assert "## Intended use" in text.read_text(encoding="utf-8")
    page.get_by_role("button", name="Read the whole card").first.click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Training recipe")).to_be_attached()
