import pytest

from dermnet_core.data.summary import Distribution
from dermnet_ui.charts_properties import histogram, is_logarithmic, parts_chart, tree_chart, views_chart

SPREAD = Distribution((0.0, 10.0, 20.0, 30.0), {"train": (5, 9, 1), "test": (0, 3, 1)}, (0, 2, 8, 12, 18, 24, 29))
COUNTS = {
    "train": {"eczema": 90, "a<b": 20},
    "validation": {"eczema": 10, "a<b": 2},
    "test": {"eczema": 25},
}


def texts(chart) -> list[str]:
    return [annotation.text for annotation in chart.layout.annotations]


def test_each_split_has_a_panel_of_its_own_below_the_other_that_says_its_photos():
    chart = histogram(SPREAD, "pixels")
    assert texts(chart) == ["train · 15 photos", "test · 4 photos"]
    assert chart.layout.yaxis.domain[0] >= chart.layout.yaxis2.domain[1]
    assert [chart.layout.yaxis.range[0], chart.layout.yaxis2.range[0]] == [0, 0]
    outlines = {trace.name: list(trace.y) for trace in chart.data if trace.name}
    assert outlines == {"train": [5, 9, 1, 1], "test": [0, 3, 1, 1]}


def test_panels_share_one_axis_with_the_unit_below_the_last():
    chart = histogram(SPREAD, "pixels")
    assert chart.layout.xaxis.title.text == "pixels"
    assert chart.layout.xaxis.anchor == "y2"
    assert {trace.xaxis for trace in chart.data} == {None}


def test_the_quantiles_are_marked_at_their_values_and_named_once():
    chart = histogram(SPREAD, "pixels")
    marks = [trace for trace in chart.data if trace.name is None]
    assert [trace.x[0] for trace in marks] == [2, 12, 24] * 2
    assert [trace.text[1] for trace in marks if trace.text] == ["5 %: 2", "half: 12", "95 %: 24"]
    heights = [trace.y[1] for trace in marks if trace.text]
    assert len(set(heights)) == 3  # words of close quantiles stand on different lines
    assert all(height < chart.layout.yaxis.range[1] for height in heights)


def test_a_folder_without_splits_has_one_panel():
    spread = Distribution((0.0, 1.0), {"all": (7,)}, (0, 0, 0, 0, 1, 1, 1))
    assert texts(histogram(spread, "")) == ["7 photos"]


@pytest.mark.parametrize(
    ("edges", "expected"),
    [((1.0, 10.0, 100.0), True), ((1.0, 2.0, 3.0), False), ((0.0, 1.0, 10.0), False), ((1.0, 2.0), False)],
)
def test_widening_bins_get_a_logarithmic_axis(edges: tuple[float, ...], expected: bool):
    assert is_logarithmic(edges) is expected
    counts = {"train": (1,) * (len(edges) - 1)}
    quantiles = (edges[0],) * 3 + (edges[-1],) * 4
    axis = histogram(Distribution(edges, counts, quantiles), "").layout.xaxis
    assert axis.type == ("log" if expected else "linear")


def test_leaves_stand_below_their_branch_and_are_indented():
    chart = tree_chart([(0, "acne …", 30), (1, "acne-cystic", 20), (0, "milia", 5)])
    assert texts(chart) == ["acne … · 30", "acne-cystic · 20", "milia · 5"]
    first, second, third = chart.layout.annotations
    assert second.xshift > first.xshift == third.xshift
    assert first.y > second.y > third.y
    assert chart.layout.xaxis.rangemode == "tozero"


def test_parts_stand_end_to_end_and_validation_is_hatched():
    chart = parts_chart(COUNTS, ["eczema", "a<b"])
    assert chart.layout.barmode == "stack"
    assert [list(trace.x) for trace in chart.data] == [[90, 20], [10, 2], [25, 0]]
    assert [trace.marker.pattern.shape for trace in chart.data] == [None, "/", None]
    assert texts(chart)[1] == "a&lt;b<br>20 train · 2 validation · 0 test"


def test_views_lie_on_one_another_the_widest_below():
    chart = views_chart({"official": {"eczema": 9}, "clean": {"eczema": 5}, "blocked": {"eczema": 2}}, ["eczema"])
    assert chart.layout.barmode == "overlay"
    assert [trace.x[0] for trace in chart.data] == [9, 5, 2]
    assert len({trace.marker.color for trace in chart.data}) == 3
