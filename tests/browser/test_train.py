"""The Train page in a real browser: a quick run on a generated folder, from its recipe to a registered model."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dermnet_core.data.synthetic import write_photo_folder

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Start the application on a folder that is large enough for the quick recipe."""
    root = tmp_path / "photos"
    write_photo_folder(root, per_class=40, size=48)
    monkeypatch.setenv("DERMNET_DATA_DIR", str(root))
    monkeypatch.setenv("DERMNET_TRAINING", "on")
    for name in ("CACHE", "RUNS", "MODELS"):
        monkeypatch.setenv(f"DERMNET_{name}_DIR", str(tmp_path / name.lower()))
    address: str = request.getfixturevalue("app_server")
    return address


def test_a_quick_run_is_started_watched_and_registered(server: str, browser_page: Page):
    page = browser_page
    page.goto(f"{server}/train")
    expect(page.get_by_text("No run yet.", exact=False).first).to_be_visible()
    epochs = page.get_by_role("spinbutton", name="Epochs").first
    epochs.fill("2")
    epochs.press("Enter")
    page.get_by_role("textbox", name="Name of the run").fill("from the browser")
    page.get_by_role("button", name="Start", exact=True).click()
    # Streamlit has a Stop of its own while a page runs for long.
    expect(page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    page.reload()  # another visit finds the same run
    expect(page.get_by_text("2 of 2 epochs", exact=False)).to_be_visible(timeout=120_000)
    expect(page.locator("[data-testid=stPlotlyChart]").first).to_be_visible()

    page.get_by_role("textbox", name="Name of the model").first.fill("quick")
    page.get_by_role("button", name="Register as a model").click()
    expect(page.get_by_text("Registered quick.", exact=False)).to_be_visible()
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_test_id("stSidebar").get_by_text("which model")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/train")
    expect(page.get_by_text("2 of 2 epochs", exact=False)).to_be_visible()
    wider = "element => element.scrollWidth - element.clientWidth"
    assert page.get_by_test_id("stMain").evaluate(wider) == 0
