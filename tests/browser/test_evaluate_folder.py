"""A visitor evaluates a tiny folder with a tiny model and looks at the result."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dermnet_core.data.synthetic import write_photo_folder
from tests.factories import write_artifact

pytestmark = pytest.mark.browser


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_photo_folder(tmp_path / "skin")
    for name in ("separable_cnn", "mobilenet_v2"):
        write_artifact(tmp_path / "models" / name, name, classes=3)
    for name in ("MODELS", "EVALUATIONS", "CACHE"):
        monkeypatch.setenv(f"DERMNET_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("DERMNET_DATA_DIR", str(tmp_path / "skin"))
    monkeypatch.setenv("DERMNET_LOCAL", "on")


def test_a_folder_is_evaluated_and_shown(prepared: None, app_server: str, browser_page: Page):
    page = browser_page
    page.goto(f"{app_server}/evaluate")
    page.locator("[data-testid=stButtonGroup] >> text=Evaluate a folder").click()
    page.get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.get_by_text("skin-mobilenet_v2 is evaluated.")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text("All photos").or_(page.get_by_text("Official (24)")).first).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
