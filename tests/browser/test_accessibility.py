"""Every page in both themes and on a phone, checked with axe-core; and what a keyboard alone can do."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

PAGES = {
    "": "Classify",
    "dataset": "Dataset",
    "train": "Train",
    "tune": "Tune",
    "evaluate": "Evaluate",
    "models": "Models",
}
GRAVE = {"serious", "critical"}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


def settled(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.locator('[data-stale="true"]')).to_have_count(0)
    page.wait_for_timeout(500)  # Streamlit fades elements in: faded text has less contrast


def grave(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{entry['id']} ({entry['impact']}): {node['html'][:160]} {' '.join(node['target'])[:120]}"
        for entry in found
        if entry["impact"] in GRAVE
        for node in entry["nodes"]
    ]


def test_no_page_has_a_grave_fault(app_server: str, browser_page: Page):
    faults = {}
    for scheme in ("light", "dark"):
        browser_page.emulate_media(color_scheme=scheme)
        for width in (1440, 390) if scheme == "light" else (1440,):
            browser_page.set_viewport_size({"width": width, "height": 900})
            for path, title in PAGES.items():
                browser_page.goto(f"{app_server}/{path}")
                settled(browser_page, title)
                if found := grave(browser_page):
                    faults[f"{title}, {scheme}, {width} px"] = found
    assert faults == {}
