"""The README's screenshots, taken from the application itself: drawings only, no photo, the models that ship.

``make screenshots`` runs it.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.load import served
from dermnet_core.paths import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRAWING = "Ring-shaped patch"
OWN = ("MODELS", "EVALUATIONS", "RUNS", "SEARCHES", "CACHE")


def main() -> None:
    """Start the application without photos, open two pages in a browser and save what they look like."""
    os.environ.pop("DERMNET_DATA_DIR", None)
    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {f"DERMNET_{name}_DIR": str(Path(folder) / name.lower()) for name in OWN}
        with served() as (address, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(color_scheme="light")
            _classify(page, address)
            _save(page, "screenshot.png", 1100)
            _evaluate(page, address)
            _save(page, "screenshot-evaluate.png", 900)
            browser.close()


def _classify(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Try it with a drawing").click()
    expect(page.get_by_text(DRAWING)).to_be_visible()
    expect(page.locator("ol.dn-ranking")).to_have_count(2)


def _evaluate(page: Page, address: str) -> None:
    page.goto(f"{address}/evaluate")
    expect(page.get_by_text("First answers and scores")).to_be_visible()


def _save(page: Page, name: str, height: int) -> None:
    page.set_viewport_size({"width": 1440, "height": height})
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    page.mouse.move(1439, 0)  # nothing there lights up under it
    page.wait_for_timeout(2000)  # charts and pictures fade in
    page.screenshot(path=ROOT / "docs" / name)
    print(f"docs/{name}")


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM") or NAMES[0], *NAMES))), None)
    return found or sys.exit(f"Expected a Chromium, found none of {', '.join(NAMES)}. Install one or set CHROMIUM.")


if __name__ == "__main__":
    main()
