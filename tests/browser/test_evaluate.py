"""From the confusion matrix to the photos of a cell, on the evaluations that ship."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

CLASSES = 23
ECZEMA, PSORIASIS, SEBORRHEIC = 5, 14, 16
"""Rows and columns of the matrix: places of the classes in the order of the models' answers."""


def radio(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)


def matrix(page: Page) -> Locator:
    """Return the chart; for a moment Streamlit keeps the one before it, hidden."""
    return page.locator(".st-key-confusion-matrix:visible")


def click_cell(page: Page, true: int, predicted: int) -> None:
    """Click where a cell is drawn, as a person does: what lies on top takes the click."""
    points = matrix(page).locator(".scatterlayer .trace").last.locator("path.point")
    expect(points).to_have_count(CLASSES**2)
    points.nth(CLASSES * true + predicted).scroll_into_view_if_needed()
    box = points.nth(CLASSES * true + predicted).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def file_names(page: Page) -> list[str]:
    return page.locator('[class*="st-key-dn-cards-"] .dn-file').all_text_contents()


def test_a_view_a_cell_its_photos_and_one_of_them(app_server: str, browser_page: Page):
    page = browser_page
    page.goto(f"{app_server}/evaluate")
    radio(page, "Confusion").click()
    radio(page, "Official (2,141)").click()
    expect(matrix(page)).to_contain_text("Official photos, n = 2,141")

    click_cell(page, ECZEMA, PSORIASIS)
    expect(page.get_by_role("heading", name="Eczema, called Psoriasis, Lichen Planus")).to_be_visible()
    expect(page.get_by_text(re.compile(r"CNN: \d+ of \d+ photos of Eczema"))).to_be_visible()
    cards = page.locator('[class*="st-key-dn-cards-"] .dn-file')
    expect(cards).to_have_count(12)
    of_psoriasis = file_names(page)
    assert all(name.endswith(".jpg") for name in of_psoriasis)
    expect(page.get_by_role("combobox", name="called")).to_have_value(re.compile("Psoriasis, Lichen Planus"))

    click_cell(page, ECZEMA, SEBORRHEIC)
    expect(page.get_by_role("heading", name="Eczema, called Seborrheic Keratoses")).to_be_visible()
    for name in of_psoriasis:  # the cards are drawn some time after the heading
        expect(cards.filter(has_text=re.compile(f"^{re.escape(name)}$"))).to_have_count(0)
    expect(cards).not_to_have_count(0)

    radio(page, "Difference").click()
    expect(matrix(page)).to_contain_text("MobileNetV2 minus CNN")
    page.locator('[class*="st-key-dn-cards-"] button').first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(file_names(page)[0])
    expect(dialog.get_by_role("list", name="MobileNetV2: the 5 classes")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    radio(page, "Photos").click()
    expect(page.get_by_text("Errors of CNN")).to_be_visible()
    saved = page.get_by_role("button", name="(CSV)")
    expect(saved).to_have_count(1)  # the cell's own list goes some time after the new one has come
    with page.expect_download() as waiting:
        saved.click()
    assert waiting.value.path().read_text(encoding="utf-8").startswith("file,class,CNN first,")

    page.set_viewport_size({"width": 390, "height": 844})
    radio(page, "Confusion").click()
    expect(matrix(page).locator(".scatterlayer")).to_be_visible()
    wider = "element => element.scrollWidth - element.clientWidth"
    assert page.get_by_test_id("stMain").evaluate(wider) == 0  # the page does not scroll sideways …
    assert page.locator(".st-key-dn-matrix").evaluate(wider) > 200  # … but the box of the matrix does
    radio(page, "Photos").click()
    expect(radio(page, "Neither is right")).to_be_visible()
    # The choices wrap: the last one lies within the width, however far down the page was scrolled before.
    sides = radio(page, "Neither is right").evaluate(
        "element => [element.getBoundingClientRect().left, element.getBoundingClientRect().right]"
    )
    assert 0 <= sides[0] < sides[1] <= 390
    assert page.get_by_test_id("stMain").evaluate(wider) == 0
