import numpy as np
import pytest

from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.report import score_view
from dermnet_ui.charts import figures_chart, photos_chart
from dermnet_ui.scored import FIGURES, Scored
from tests.ui.cases import LABELS, model_card


@pytest.fixture(scope="module")
def scored() -> list[Scored]:
    """Return both models, each right on half of 230 photos in its own way."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(23), 10)
    found = []
    for architecture in ("separable_cnn", "mobilenet_v2"):
        logits = rng.random((230, 23)) + np.eye(23)[truth] * rng.integers(0, 2, (230, 1))
        scores = (logits / logits.sum(axis=1, keepdims=True)).astype(np.float32)
        names = tuple(f"{number}.jpg" for number in range(230))
        view = score_view(Predictions(names, truth.astype(np.int64), scores, LABELS))
        found.append(Scored(model_card(architecture), view))
    return found


def test_every_figure_of_every_model_is_drawn_with_its_interval(scored: list[Scored]):
    chart = figures_chart(scored)
    assert [trace.marker.color for trace in chart.data] == ["#0072B2", "#D55E00"]
    for model, trace in zip(scored, chart.data, strict=True):
        assert trace.x[0] == pytest.approx(100 * model.view.figures.top1)
        low, high = trace.x[0] - trace.error_x.arrayminus[0], trace.x[0] + trace.error_x.array[0]
        interval = model.view.intervals["top1"]
        assert (low, high) == pytest.approx((100 * interval.low, 100 * interval.high))
        assert len(trace.x) == len(FIGURES)


def test_labels_stand_beside_the_points(scored: list[Scored]):
    texts = [annotation.text for annotation in figures_chart(scored).layout.annotations]
    assert f"CNN {100 * scored[0].view.figures.top1:.1f}" in texts
    assert "<b>Macro F1</b>" in texts


def test_the_axis_is_the_whole_range(scored: list[Scored]):
    low, high = figures_chart(scored).layout.xaxis.range
    assert low == 0
    assert high >= 100


def test_photos_start_at_zero_and_thin_classes_are_marked():
    chart = photos_chart(model_card("separable_cnn"))
    (bars,) = chart.data
    assert len(bars.x) == 23
    assert list(bars.x) == sorted(bars.x)
    texts = [annotation.text for annotation in chart.layout.annotations]
    assert texts[0] == "Urticaria, Hives · 8 · few"
    assert sum("few" in text for text in texts) == 1
    assert chart.layout.xaxis.rangemode == "tozero"
