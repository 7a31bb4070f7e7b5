"""From the classes side by side to one class, by a click in the chart and by a row of the table."""

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)


def test_a_dumbbell_and_a_row_open_their_class(app_server: str, browser_page: Page):
    browser_page.goto(f"{app_server}/evaluate")
    section(browser_page, "Per class").click()
    point = browser_page.locator(".st-key-class-dumbbells .scatterlayer .trace").nth(2).locator(".point").nth(1)
    point.scroll_into_view_if_needed()
    point.hover(force=True)
    hover = browser_page.locator(".hoverlayer .hovertext").first
    expect(hover).to_contain_text("MobileNetV2, ")
    name = (hover.text_content() or "").removeprefix("MobileNetV2, ").split(":")[0]
    browser_page.mouse.down()
    browser_page.mouse.up()
    expect(section(browser_page, "One class")).to_be_checked()
    picker = browser_page.get_by_role("combobox", name="Class")
    expect(picker).to_have_value(name)
    expect(browser_page.get_by_text("What a threshold would do")).to_be_visible()

    section(browser_page, "Per class").click()
    table = browser_page.locator(".st-key-class-table .dvn-scroller")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 16, "y": 35 * 4 + 17})  # the tick box of the fourth row
    expect(section(browser_page, "One class")).to_be_checked()
    expect(picker).not_to_have_value(name)
