"""The evaluation's JSON: what it holds, that it reads back, and that another version is refused."""

import json

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.metrics import HEADLINE, figures
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.report import EvaluationReport, evaluate, evaluate_views

N = 80


@pytest.fixture(scope="module")
def predictions() -> Predictions:
    rng = np.random.default_rng(0)
    classes = ("Acne", "Eczema", "Warts", "Urticaria")
    return Predictions(
        tuple(f"{i}.jpg" for i in range(N)), rng.integers(0, 3, N), softmax(rng.normal(0, 1, (N, 4))), classes
    )


@pytest.fixture(scope="module")
def clean_mask():
    return np.arange(N) % 4 > 0


@pytest.fixture
def values(predictions, clean_mask):
    return json.loads(json.dumps(evaluate_views(predictions, clean_mask), allow_nan=False))


def test_official_lies_on_top_and_clean_below_with_the_same_entries(values, predictions, clean_mask) -> None:
    assert values["schema"] == 1
    assert values["classes"] == list(predictions.classes)
    for found, view in ((values, predictions), (values["clean"], predictions.select(clean_mask))):
        wanted = figures(view)
        assert found["n"] == wanted.n == np.sum(found["confusion"])
        assert {name: found[name] for name in HEADLINE} == {name: getattr(wanted, name) for name in HEADLINE}
        assert [entry["label"] for entry in found["per_class"]] == values["classes"]
        assert found["baselines"]["chance"] == 0.25
    assert set(values["clean"]) == set(values) - {"schema", "classes", "clean"}


def test_every_figure_has_an_interval_around_it(values) -> None:
    for view in (values, values["clean"]):
        pairs = [(view[name], view["intervals"][name]) for name in HEADLINE]
        for entry, around in zip(view["per_class"], view["intervals"]["per_class"], strict=True):
            pairs += [(entry[name], around[name]) for name in ("precision", "recall", "f1")]
        assert len(pairs) == 6 + 4 * 3
        assert all(low <= value <= high for value, (low, high) in pairs)


def test_a_class_without_photos_keeps_its_row(values) -> None:
    assert values["per_class"][3] | {"precision": None} == {
        "label": "Urticaria", "n": 0, "precision": None, "recall": 0.0, "f1": 0.0,
    }  # fmt: skip
    assert values["intervals"]["per_class"][3]["recall"] == [0.0, 1.0]


def test_a_report_reads_back_as_it_was_and_ignores_further_entries(values, predictions, clean_mask) -> None:
    assert EvaluationReport.from_json(values | {"model": "tiny"}) == evaluate(predictions, clean_mask)


@pytest.mark.parametrize("mask", [None, np.zeros(N, dtype=bool)])
def test_clean_is_null_when_unknown_or_empty(mask, predictions) -> None:
    values = evaluate_views(predictions, mask)
    assert values["clean"] is None
    assert set(EvaluationReport.from_json(values).views) == {"official"}


def test_a_mask_of_another_length_is_refused(predictions) -> None:
    with pytest.raises(ArtifactError, match="a mask of 80 photos"):
        evaluate(predictions, np.zeros(3, dtype=bool))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "schema 1, found 2"),
        ({"schema": None}, "schema 1, found None"),
        ({"top1": "high"}, "high"),
        ({"per_class": []}, "per_class"),
        ({"confusion": [[1, 2], [3, 4]]}, "not 4 x 4"),
        ({"intervals": {}}, "per_class"),
        ({"intervals": {"per_class": []}}, "one for each class"),
        ({"clean": {}}, "per_class"),
    ],
)
def test_another_version_or_a_damaged_report_is_refused(change, message, values) -> None:
    with pytest.raises(ArtifactError, match=message):
        EvaluationReport.from_json(values | change)
