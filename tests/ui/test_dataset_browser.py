"""The photo browser: what matches, what can be chosen next, and what stands on the page."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.data.synthetic import write_photo_folder
from dermnet_ui.dataset import filters
from dermnet_ui.dataset.catalogue import Catalogue, Entry
from dermnet_ui.dataset.filters import SORTS, Filters, arranged, look
from tests.ui.dataset_cases import plant_defects, small_report


def entry(file: str, split: str, label: str, series: str, *defects: str) -> Entry:
    return Entry(file, split, label, series, None, file.casefold(), defects, None)


ENTRIES = (
    entry("acne-cystic-1.jpg", "train", "acne", "acne-cystic", "copies"),
    entry("acne-cystic-2.jpg", "test", "acne", "acne-cystic"),
    entry("rosacea-1.jpg", "train", "acne", "rosacea"),
    entry("eczema-hand-1.jpg", "train", "eczema", "eczema-hand", "copies", "conflicts"),
    entry("Straße-2.jpg", "test", "eczema", "straße"),
)


def names(found: filters.Found) -> list[str]:
    return [found_entry.file for found_entry in found.entries]


def test_without_filters_everything_matches_in_its_order():
    assert names(look(ENTRIES, Filters())) == [entry.file for entry in ENTRIES]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Filters(label="acne"), [0, 1, 2]),
        (Filters(split="test"), [1, 4]),
        (Filters(label="acne", split="train"), [0, 2]),
        (Filters(label="acne", series="acne-cystic"), [0, 1]),
        (Filters(defect="copies"), [0, 3]),
        (Filters(defect="copies", label="eczema"), [3]),
        (Filters(text="CYSTIC"), [0, 1]),
        (Filters(text="  2  acne "), [1]),
        (Filters(text="STRASSE"), [4]),
        (Filters(text="nothing"), []),
        (Filters(label="warts"), []),
    ],
)
def test_filters_narrow(asked: Filters, expected: list[int]):
    assert names(look(ENTRIES, asked)) == [ENTRIES[place].file for place in expected]


def test_each_filter_offers_what_is_left_by_the_others():
    choices = look(ENTRIES, Filters(label="acne", split="train")).choices
    assert choices["label"] == {"acne": 2, "eczema": 1}  # of the split train
    assert choices["split"] == {"train": 2, "test": 1}  # of the class acne
    assert choices["series"] == {"acne-cystic": 1, "rosacea": 1}
    assert choices["defect"] == {"copies": 1}


def test_another_class_can_be_chosen_after_a_series_was():
    choices = look(ENTRIES, Filters(label="acne", series="rosacea")).choices
    assert choices["label"] == {"acne": 3, "eczema": 2}
    assert choices["series"] == {"acne-cystic": 2, "rosacea": 1}


def test_composed_and_decomposed_letters_are_the_same(tmp_path: Path):
    write_photo_folder(tmp_path, classes=1, per_class=2)
    first = next((tmp_path / "train").rglob("*.jpg"))
    shutil.copy(first, first.with_name("e\u0301rythème-1.jpg"))
    entries = Catalogue(small_report(tmp_path)).entries
    assert len(look(entries, Filters(text="\u00e9ryth\u00e8me")).entries) == 1
    assert len(look(entries, Filters(text="e\u0301rythe\u0300me")).entries) == 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("browse")
    write_photo_folder(root, classes=3, per_class=10)
    plant_defects(root)
    return root


@pytest.fixture(scope="module")
def report(folder: Path) -> Any:
    return small_report(folder)


def test_the_orders_sort_and_put_what_cannot_be_read_last(report: Any):
    entries = Catalogue(report).entries
    assert arranged(entries, "Name") == entries
    for order in set(SORTS) - {"Name"}:
        found = arranged(entries, order)
        assert sorted(entry.file for entry in found) == sorted(entry.file for entry in entries)
        assert [entry.facts is None for entry in found] == sorted(entry.facts is None for entry in found)
    dark = [entry.facts.brightness for entry in arranged(entries, "Dark first") if entry.facts]
    assert dark == sorted(dark)
    sharp = [entry.facts.sharpness for entry in arranged(entries, "Sharp first") if entry.facts]
    assert sharp == sorted(sharp, reverse=True)


def browse(report, root):
    import streamlit as st

    from dermnet_ui.dataset import browser

    browser.show(report, root)
    st.button("go", key="go", on_click=browser.go, kwargs={"label": "class-b", "split": "test"})


@pytest.fixture
def app(report: Any, folder: Path) -> AppTest:
    at = AppTest.from_function(browse, default_timeout=20, args=(report, folder)).run()
    assert not at.exception
    return at


def opened(at: AppTest) -> list[str]:
    """Return the names of the photos on the page, as the hints of their buttons."""
    assert not at.exception
    return [button.help for button in at.button if button.label == "Open"]


def texts(at: AppTest) -> str:
    return " ".join(element.value for element in at.markdown)


def test_the_first_page_has_24_of_all_photos(app: AppTest):
    assert len(opened(app)) == 24
    assert "63 photos" in texts(app)  # 3 classes x 2 splits x 10, two copies and a broken file


def test_the_pages_hold_every_photo_once(app: AppTest):
    seen = list(opened(app))
    for page in (2, 3):
        app.pagination[0].set_value(page).run()
        seen += opened(app)
    assert len(seen) == len(set(seen)) == 63


def test_a_filter_starts_on_the_first_page_again(app: AppTest):
    app.pagination[0].set_value(3).run()
    app.selectbox(key="filter-label").set_value("class-a").run()
    assert "**21 photos** match" in texts(app)
    assert len(opened(app)) == 21
    assert not app.pagination


def test_series_are_offered_for_the_chosen_class_only(app: AppTest):
    assert app.selectbox(key="filter-series").disabled
    app.selectbox(key="filter-label").set_value("class-b").run()
    series = app.selectbox(key="filter-series")
    assert not series.disabled
    assert len(series.options) == 12  # five of two photos in each split, the copy and the broken file
    assert all(option.startswith(("class-b-", "leaked ·", "broken ·")) for option in series.options)
    app.selectbox(key="filter-series").set_value("class-b-test-a").run()
    assert opened(app) == ["class-b-test-a-1.jpg", "class-b-test-a-2.jpg"]
    app.selectbox(key="filter-label").set_value("class-c").run()
    assert app.selectbox(key="filter-series").value is None
    assert len(opened(app)) == 20


def test_a_photo_that_cannot_be_read_says_why(app: AppTest, report: Any):
    app.text_input(key="filter-text").set_value("broken").run()
    assert opened(app) == ["broken-1.jpg"]
    reason = report.unreadable[0].reason
    assert any(reason.split(",")[0] in element.proto.body for element in app.get("html"))


def test_nothing_found_offers_to_clear_the_filters(app: AppTest):
    app.text_input(key="filter-text").set_value("no such name").run()
    assert "No photo matches" in texts(app)
    assert not opened(app)
    app.button(key="filters-clear").click().run()
    assert app.text_input(key="filter-text").value == ""
    assert len(opened(app)) == 24


def test_other_parts_open_the_browser_on_their_photos(app: AppTest):
    app.button(key="go").click().run()
    assert app.session_state["section"] == "Photos"
    assert app.selectbox(key="filter-label").value == "class-b"
    assert app.selectbox(key="filter-split").value == "test"
    assert len(opened(app)) == 11


def test_open_opens_the_photo(app: AppTest):
    first = next(button for button in app.button if button.label == "Open")
    first.click().run()
    assert app.session_state["open_photo"].endswith(first.help)


def test_a_finding_can_be_chosen_and_counts_its_photos(app: AppTest, report: Any):
    catalogue = Catalogue(report)
    key = next(key for key, finding in catalogue.findings.items() if "train/class-b/broken-1.jpg" in finding.groups[0])
    app.selectbox(key="filter-defect").set_value(key).run()
    assert opened(app) == ["broken-1.jpg"]


def test_another_search_and_another_order_start_on_the_first_page(app: AppTest):
    app.pagination[0].set_value(3).run()
    assert len(opened(app)) == 63 - 2 * 24
    app.selectbox(key="photo-order").set_value("Dark first").run()
    assert app.pagination[0].value == 1
    assert len(opened(app)) == 24
    app.pagination[0].set_value(2).run()
    app.selectbox(key="filter-split").set_value("train").run()
    assert app.pagination[0].value == 1
