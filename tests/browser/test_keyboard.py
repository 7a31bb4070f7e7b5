"""What a keyboard alone can do on Classify, and that the eye can follow it in both themes."""

import io
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FloatRect, Page, expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

MOST_STOPS = 40
AROUND = 6
"""Pixels around an element in which its ring may lie."""
FEWEST_PIXELS = 100
"""That change by 3 : 1 or more: a ring of two pixels has more around the smallest control."""
BOX = """element => {
  const shown = element.closest('label, [data-testid="stSelectbox"], [data-testid="stFileUploader"]') || element;
  const box = shown.getBoundingClientRect();
  return {x: box.x, y: box.y, width: box.width, height: box.height};
}"""
NAME = "element => element.getAttribute('aria-label') || element.innerText || element.tagName"


def luminance(page: Page, box: FloatRect) -> NDArray[np.float64]:
    picture = page.screenshot(clip=box, animations="disabled", caret="hide")
    with Image.open(io.BytesIO(picture)) as image:
        values = np.asarray(image.convert("RGB"), dtype=np.float64) / 255
    linear = np.where(values <= 0.03928, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def changed(page: Page) -> int:
    """Return how many pixels around the element in focus differ by 3 : 1 or more from what it looks like without."""
    page.evaluate("document.activeElement.scrollIntoView({block: 'nearest'})")
    focused = page.evaluate_handle("document.activeElement").as_element()
    assert focused is not None
    box = focused.evaluate(BOX)
    left, top = max(0, box["x"] - AROUND), max(0, box["y"] - AROUND)
    clip: FloatRect = {
        "x": left,
        "y": top,
        "width": box["x"] + box["width"] + AROUND - left,
        "height": box["y"] + box["height"] + AROUND - top,
    }
    shown = luminance(page, clip)
    focused.evaluate("element => element.blur()")
    plain = luminance(page, clip)
    focused.evaluate("element => element.focus()")
    contrast = (np.maximum(shown, plain) + 0.05) / (np.minimum(shown, plain) + 0.05)
    return int((contrast >= 3).sum())


def tab_to(page: Page, name: str) -> None:
    """Press the tabulator until the control of a name has the focus; each stop before it has to be visible."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(f"() => ({NAME})(document.activeElement)")
        assert changed(page) >= FEWEST_PIXELS, f"the focus on {here!r} cannot be seen"
        if here == name:
            return
    pytest.fail(f"{MOST_STOPS} stops, and none of them is {name!r}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_classify_needs_no_mouse(app_server: str, browser_page: Page, scheme: Literal["light", "dark"]):
    page = browser_page
    page.emulate_media(color_scheme=scheme)
    page.goto(app_server)
    expect(page.get_by_text("Nothing to compare yet")).to_be_visible()
    tab_to(page, "Try it with a drawing")
    page.keyboard.press("Enter")
    expect(page.locator("ol.dn-ranking")).to_have_count(2)

    tab_to(page, "Opacity of the heatmap")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "51 %")
    tab_to(page, "Class for the heatmap")
    page.keyboard.type("Vasculitis")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Heatmap for Vasculitis")).to_have_count(2)
    with page.expect_download() as waiting:
        tab_to(page, "Picture (PNG)")
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename.endswith(".png")
