import pytest

from dermnet_ui.charts_dataset import class_chart, leak_chart, leak_rows, sorted_classes
from tests.ui.dataset_cases import make_summary

COUNTS = {"train": {"eczema": 1400, "acne": 300, "warts": 40}, "test": {"eczema": 350, "acne": 80, "warts": 0}}


def test_classes_are_sorted_by_their_train_photos_with_the_largest_on_top():
    summary = make_summary(COUNTS)
    assert sorted_classes(summary) == ["eczema", "acne", "warts"]
    train, test = class_chart(summary).data
    assert list(train.x) == [1400, 300, 40]
    assert list(test.x) == [350, 80, 0]
    assert list(train.y) == sorted(train.y, reverse=True)
    assert [data[0] for data in train.customdata] == ["eczema", "acne", "warts"]


def test_each_bar_says_its_count_beside_its_split():
    texts = [annotation.text for annotation in class_chart(make_summary(COUNTS)).layout.annotations]
    assert texts == ["eczema<br>1,400 train · 350 test", "acne<br>300 train · 80 test", "warts<br>40 train · 0 test"]


def test_the_splits_have_colours_that_belong_to_no_model():
    assert [trace.marker.color for trace in class_chart(make_summary(COUNTS)).data] == ["#009E73", "#CC79A7"]


def test_bars_start_at_zero_and_lie_below_one_another():
    chart = class_chart(make_summary(COUNTS))
    assert chart.layout.xaxis.rangemode == "tozero"
    assert chart.layout.barmode == "overlay"
    train, test = chart.data
    assert all(above - below >= (train.width + test.width) / 2 for above, below in zip(train.y, test.y, strict=True))


def test_a_bar_can_be_clicked():
    # Plotly sends no click for a trace whose hover is skipped.
    assert all(trace.hoverinfo != "skip" for trace in class_chart(make_summary(COUNTS)).data)


def test_a_folder_without_splits_has_one_bar_a_class():
    summary = make_summary({"all": {"b": 2, "a": 2}})
    (bars,) = class_chart(summary).data
    assert [data[0] for data in bars.customdata] == ["a", "b"]
    assert class_chart(summary).layout.annotations[0].text == "a<br>2"


def test_a_class_in_one_split_only_is_drawn_with_nothing_in_the_other():
    train, test = class_chart(make_summary({"train": {"a": 3}, "test": {"b": 2}})).data
    assert list(train.x) == [3, 0]
    assert list(test.x) == [0, 2]


def test_the_name_of_a_folder_is_no_markup():
    (annotation,) = class_chart(make_summary({"all": {"<b>a & b": 1}})).layout.annotations
    assert annotation.text == "&lt;b>a &amp; b<br>1"


def test_leaks_are_shares_of_the_test_photos_with_the_largest_on_top():
    summary = make_summary(COUNTS, leaked_by_class={"eczema": 35, "acne": 60, "warts": 0})
    assert leak_rows(summary) == [("acne", 60, 80), ("eczema", 35, 350)]
    track, bars = leak_chart(summary).data
    assert list(track.x) == [100, 100]
    assert list(bars.x) == pytest.approx([75, 10])
    texts = [annotation.text for annotation in leak_chart(summary).layout.annotations]
    assert texts == ["acne · 60 of 80 · 75.0 %", "eczema · 35 of 350 · 10.0 %"]
    assert tuple(leak_chart(summary).layout.xaxis.range) == (0, 100)
