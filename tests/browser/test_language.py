"""A visitor whose browser speaks Turkish, in a real one."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)


def test_the_browsers_language_is_spoken_until_another_is_chosen(app_server: str, browser_page: Page):
    browser = browser_page.context.browser
    assert browser is not None
    page = browser.new_context(locale="tr-TR").new_page()
    page.goto(app_server)
    expect(page.get_by_role("heading", level=1, name="Sınıflandır")).to_be_visible()
    expect(page.get_by_text("Henüz karşılaştırılacak bir şey yok.")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "tr")  # for screen readers
    expect(page.get_by_role("button", name="Yükle")).to_be_visible()

    page.get_by_role("button", name="Bir çizimle deneyin").click()
    expect(page.get_by_role("combobox", name="Isı haritasının sınıfı")).to_have_value("Her modelin ilki")
    page.get_by_role("combobox", name="Language · Dil").click()
    page.get_by_role("option", name="English").click()
    expect(page.get_by_role("heading", level=1, name="Classify")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("combobox", name="Class for the heatmap")).to_have_value("Each model's first")
    expect(page.get_by_text("Drawing, not a photo").first).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Models").click()
    expect(page.get_by_role("heading", level=1, name="Models")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
