"""The Dataset page in a real browser on a fresh server, from the first scan to the saved report."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dermnet_core.data.synthetic import write_photo_folder
from tests.ui.dataset_cases import plant_defects

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Start the application on a folder that was never scanned."""
    root = tmp_path / "photos"
    write_photo_folder(root)
    plant_defects(root)
    monkeypatch.setenv("DERMNET_DATA_DIR", str(root))
    monkeypatch.setenv("DERMNET_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("DERMNET_LOCAL", raising=False)
    address: str = request.getfixturevalue("app_server")
    return address


def scan(page: Page, server: str) -> None:
    page.goto(f"{server}/dataset")
    page.get_by_role("button", name="Scan the folder").click()
    expect(page.get_by_text("Scanned ")).to_be_visible(timeout=90_000)


def section(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()


def saved(page: Page, button: str, path: Path) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    waiting.value.save_as(path)
    return path.read_text(encoding="utf-8")


def test_from_the_scan_to_the_findings_a_photo_and_the_report(server: str, browser_page: Page, tmp_path: Path):
    page = browser_page
    page.goto(f"{server}/dataset")
    expect(page.get_by_text("has not been scanned yet")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)  # no box for a path where nobody said that this is local
    page.get_by_role("button", name="Scan the folder").click()
    expect(page.get_by_role("progressbar").or_(page.get_by_text("Scanned "))).to_be_visible()
    expect(page.get_by_text("Scanned ")).to_be_visible(timeout=90_000)

    section(page, "Findings")
    leaked = page.locator(".st-key-finding-leaked")
    expect(leaked).to_contain_text("4 photos")
    leaked.get_by_role("button").click()
    expect(page.get_by_role("img").nth(1)).to_be_visible()
    expect(page.get_by_text("leaked-2.jpg").first).to_be_visible()
    rows = list(csv.DictReader(io.StringIO(saved(page, "This finding (CSV)", tmp_path / "finding.csv"))))
    assert {row["file"] for row in rows} >= {"test/class-a/leaked-1.jpg", "test/class-b/leaked-2.jpg"}

    section(page, "Photos")
    page.get_by_role("textbox", name="File name").fill("leaked")
    page.get_by_role("textbox", name="File name").press("Enter")
    expect(page.get_by_text("2 photos", exact=True)).to_be_visible()
    page.get_by_test_id("stBaseButton-secondary").filter(has_text="Open").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("leaked-1.jpg")
    expect(dialog.get_by_role("img").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    section(page, "Export")
    report = saved(page, "Report (HTML)", tmp_path / "report.html")
    page.set_content(report)
    expect(page.get_by_role("heading", level=1)).to_contain_text("photos")
    expect(page.get_by_text("Test photos that also stand in train").first).to_be_visible()


def test_the_scan_is_there_for_the_next_visitor_and_fits_a_phone(server: str, browser_page: Page):
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    scan(page, server)
    page.goto(f"{server}/dataset")
    expect(page.get_by_text("Scanned ")).to_be_visible()
    wider = "element => element.scrollWidth - element.clientWidth"
    for name in ("Findings", "Photos", "Properties", "Series", "Splits", "Export", "Classes"):
        section(page, name)
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
        assert page.get_by_test_id("stMain").evaluate(wider) == 0, name
