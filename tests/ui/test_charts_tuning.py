from dermnet_core.tuning.space import SPACE
from dermnet_ui.charts_tuning import importance_chart, parallel_chart, parallel_text, progress_chart, value_text
from tests.tuning_cases import make_table


def test_the_best_so_far_never_falls_and_is_named():
    chart = progress_chart(make_table(6, failed=1))
    line, dots = chart.data
    assert list(line.y) == sorted(line.y)
    assert len(dots.x) == 5  # the failed one has no accuracy
    assert any("best 40.0 %, trial 2" in annotation.text for annotation in chart.layout.annotations)


def test_each_hyperparameter_is_an_axis_and_accuracy_the_last():
    dimensions = parallel_chart(make_table(6)).data[0].dimensions
    assert [dimension.label for dimension in dimensions] == [p.title for p in SPACE] + ["Accuracy, %"]
    rate = next(dimension for dimension in dimensions if dimension.label == "Learning rate")
    assert list(rate.ticktext) == ["0.0001", "0.0005", "0.001"]
    assert "Learning rate 0.001" in parallel_text(make_table(6))


def test_importance_is_sorted_from_zero():
    chart = importance_chart([("learning_rate", 0.7), ("dense", 0.3)])
    assert list(chart.data[0].x) == [70.0, 30.0]
    assert chart.layout.xaxis.rangemode == "tozero"
    assert chart.layout.annotations[0].text == "Learning rate · 70 %"


def test_values_as_people_write_them():
    parameters = {parameter.name: parameter for parameter in SPACE}
    assert value_text(parameters["l2"], 0.0000123) == "1e-05"
    assert value_text(parameters["dropout"], 0.30000000000000004) == "0.3"
    assert value_text(parameters["filters_4"], None) == "–"
    assert value_text(parameters["optimizer"], "sgd") == "sgd"
