from dataclasses import replace
from itertools import pairwise

from dermnet_core.training.status import Epoch
from dermnet_ui.charts_training import BEHIND, MEASURES, Curve, curves_chart, curves_text


def curve(name: str, accuracies: list[float], colour: str = "#0072B2", stages: int = 1) -> Curve:
    epochs = [
        Epoch(
            1 + n * stages // len(accuracies), n + 1, len(accuracies), 2.0 - value, value - 0.1, 2.0, value, 1e-3, 50, n
        )
        for n, value in enumerate(accuracies)
    ]
    return Curve(name, epochs, colour)


def texts(chart) -> list[str]:
    return [annotation.text for annotation in chart.layout.annotations]


def test_validation_is_a_line_training_is_dotted_and_the_best_is_marked():
    chart = curves_chart("accuracy", curve("run", [0.2, 0.5, 0.4]))
    training, validation, best = chart.data
    assert (training.line.dash, validation.line.dash) == ("dot", "solid")
    assert list(validation.y) == [20.0, 50.0, 40.0]
    assert (best.x[0], best.y[0]) == (2, 50.0)
    assert {"validation 40.0", "training 30.0", "best 50.0"} <= set(texts(chart))


def test_other_runs_stand_behind_in_grey():
    chart = curves_chart("loss", curve("run", [0.2, 0.5]), [curve("other", [0.1, 0.2, 0.3])])
    assert chart.data[0].line.color == BEHIND
    assert "other" in texts(chart)
    assert not chart.layout.showlegend


def test_labels_do_not_lie_on_one_another():
    chart = curves_chart("accuracy", curve("run", [0.1, 0.5]), [curve("other", [0.1, 0.5]), curve("third", [0.1, 0.5])])
    places = sorted(
        a.y for a in chart.layout.annotations if a.text.split(" ")[0] in ("validation", "training", "other", "third")
    )
    span = 50.0 - 0.0
    assert all(high - low > 0.04 * span for low, high in pairwise(places))


def test_stages_are_told_apart():
    assert "stage 2" in texts(curves_chart("accuracy", curve("run", [0.1, 0.2, 0.3, 0.4], stages=2)))


def test_every_measure_can_be_drawn_of_one_epoch():
    for measure in MEASURES:
        assert curves_chart(measure, curve("run", [0.3])).data


def test_the_curves_in_words():
    assert curves_text(curve("run", [])) == "run: no finished epoch yet."
    assert "the best validation accuracy is 50.0 %" in curves_text(curve("run", [0.2, 0.5, 0.4]))


def test_a_rate_that_cosine_brought_to_nothing_leaves_a_gap_on_the_log_axis():
    chosen = curve("run", [0.1, 0.2])
    ended = Curve("run", [chosen.epochs[0], replace(chosen.epochs[1], learning_rate=0.0)], chosen.colour)
    chart = curves_chart("learning_rate", ended)
    assert list(chart.data[0].y) == [1e-3, None]
