"""Every page in both themes and on a phone, checked with axe-core against WCAG 2.1 A and AA."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

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
SECTIONS = (
    "Per class",
    "One class",
    "Confusion",
    "Photos",
    "Confidence",
    "Outside photos",
    "Export",
    "Evaluate a folder",
)
DESKTOP, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
GRAVE = {"serious", "critical"}
ALL = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
"""What another theme can spoil."""


def settled(page: Page) -> None:
    """Wait until a page is complete: Streamlit fades elements in, and faded text has less contrast."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.locator('[data-stale="true"]')).to_have_count(0)
    page.wait_for_timeout(150)


def views(page: Page, address: str) -> Iterator[str]:
    """Show every page and every section of Evaluate in turn, and yield what is shown."""
    for path, title in PAGES.items():
        page.goto(f"{address}/{path}")
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        settled(page)
        yield title
        if title == "Classify":
            page.get_by_role("button", name="Try it with a drawing").click()
            expect(page.locator("ol.dn-ranking")).to_have_count(2)
            for words in ("Scores of all 23 classes", "Other ways to explain"):
                page.get_by_text(words).click()
            settled(page)
            yield "Classify, answered"
        if title == "Models":
            for words in ("Recipe", "Training photos per class", "Fingerprint and provenance"):
                page.get_by_text(words, exact=True).first.click()
            settled(page)
            yield "Models, opened"
        for section in SECTIONS if title == "Evaluate" else ():
            page.get_by_role("radio", name=section, exact=True).click()
            expect(page.get_by_role("radio", name=section, exact=True)).to_be_checked()
            settled(page)
            yield f"Evaluate, {section}"


def grave(page: Page, rules: dict[str, object]) -> list[str]:
    return [
        f"{entry['id']} ({entry['impact']}): {node['html'][:160]} {' '.join(node['target'])[:120]}"
        for entry in Axe().run(page, options=rules).response["violations"]
        if entry["impact"] in GRAVE
        for node in entry["nodes"]
    ]


def faults(page: Page, rules: dict[str, object]) -> list[str]:
    """Return the grave faults of what is shown; looked for twice, in case something was still fading in."""
    found = grave(page, rules)
    if found:
        page.wait_for_timeout(1500)
        found = grave(page, rules)
    return found


def in_dark(page: Page) -> list[str]:
    """Return what the dark theme spoils of what is shown."""
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", "dark")
    settled(page)
    found = faults(page, COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def on_a_phone(page: Page) -> list[str]:
    """Return what is wrong with what is shown once the window is as narrow as a phone."""
    page.set_viewport_size(PHONE)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
    settled(page)
    found = faults(page, ALL)
    page.set_viewport_size(DESKTOP)
    return found


def test_no_page_has_a_grave_fault_in_either_theme_or_on_a_phone(app_server: str, browser_page: Page):
    browser_page.set_viewport_size(DESKTOP)
    found = {}
    for view in views(browser_page, app_server):
        found[view, "light"] = faults(browser_page, ALL)
        found[view, "dark"] = in_dark(browser_page)
        found[view, "phone"] = on_a_phone(browser_page)
    assert len(found) == 3 * (len(PAGES) + len(SECTIONS) + 2)
    assert {place: broken for place, broken in found.items() if broken} == {}


def test_the_rules_find_a_fault(browser_page: Page):
    browser_page.set_content('<p style="color: #bbb; background: #fff">pale</p><img src="data:,">')
    assert {line.split()[0] for line in grave(browser_page, ALL)} >= {"color-contrast", "image-alt"}
    assert {line.split()[0] for line in grave(browser_page, COLOURS)} == {"color-contrast"}
