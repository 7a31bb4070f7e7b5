import csv
import io

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.data.synthetic import write_photo_folder
from dermnet_ui.dataset.series import by_class, series_csv, tree_rows
from tests.ui.dataset_cases import make_summary, small_report

SERIES = {"acne-cystic": 20, "acne-open-comedo": 7, "milia": 9, "basal-cell-nose": 3, "basal-cell-ear": 4}


def test_series_with_the_same_first_word_stand_below_what_they_share():
    rows, left = tree_rows(SERIES)
    assert rows == [
        (0, "acne …", 27), (1, "acne-cystic", 20), (1, "acne-open-comedo", 7),
        (0, "milia", 9),
        (0, "basal-cell …", 7), (1, "basal-cell-ear", 4), (1, "basal-cell-nose", 3),
    ]  # fmt: skip
    assert left == 0


@pytest.mark.parametrize("most", range(1, 8))
def test_what_has_no_room_is_counted(most: int):
    rows, left = tree_rows(SERIES, most)
    leaves = [name for depth, name, _ in rows if depth or name == "milia"]
    assert len(rows) <= most
    assert len(leaves) + left == len(SERIES)


def test_a_series_that_is_also_the_beginning_of_others_is_a_leaf_of_its_own():
    assert tree_rows({"rosacea": 5, "rosacea-nose": 3})[0] == [
        (0, "rosacea …", 8), (1, "rosacea", 5), (1, "rosacea-nose", 3),
    ]  # fmt: skip


def test_the_table_of_a_summary_knows_no_splits():
    table = by_class(make_summary({}, series={"acne": {"acne-cystic": 3}, "warts": {}}))
    assert list(csv.reader(io.StringIO(series_csv(table)))) == [
        ["class", "series", "photos"],
        ["acne", "acne-cystic", "3"],
    ]


def with_folder(report, root):
    from dermnet_ui.dataset import series

    series.show(report.summary, report, root)


def without_folder(summary):
    from dermnet_ui.dataset import series

    series.show(summary)


def test_with_a_folder_the_splits_are_told_apart_and_the_photos_can_be_opened(tmp_path):
    write_photo_folder(tmp_path, classes=2, per_class=6)
    at = AppTest.from_function(with_folder, args=(small_report(tmp_path), tmp_path)).run()
    at.selectbox(key="series-class").set_value("class-b").run()
    assert not at.exception
    frame = at.dataframe[0].value
    assert list(frame.columns) == ["Series", "Train", "Test", "Photos"]
    assert frame["Train"].sum() == frame["Test"].sum() == 6
    at.button(key="series-open").click().run()
    assert at.session_state["photo_filters"].label == "class-b"
    assert at.session_state["section"] == "Photos"


def test_without_a_folder_the_series_are_shown_and_nothing_can_be_opened():
    at = AppTest.from_function(without_folder, args=(make_summary({}, series={"acne": SERIES}),)).run()
    assert not at.exception
    assert list(at.dataframe[0].value["Series"]) == [
        "acne-cystic",
        "milia",
        "acne-open-comedo",
        "basal-cell-ear",
        "basal-cell-nose",
    ]
    assert [button.key for button in at.button] == []


def test_figures_without_series_say_so():
    at = AppTest.from_function(without_folder, args=(make_summary({}),)).run()
    assert "These figures have none" in at.markdown[0].value
    assert not at.selectbox
