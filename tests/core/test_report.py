"""The evaluation's JSON: what it holds, that it reads back, and that another version is refused."""

import dataclasses
import json

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.metrics import HEADLINE, figures
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.report import EvaluationReport, evaluate, score_view
from tests.core.evaluations import evaluation

N = 80
VIEWS = ("official", "clean", "blocked")


@pytest.fixture(scope="module")
def made() -> Evaluation:
    return evaluation(N, ("Acne", "Eczema", "Warts", "Urticaria"), labelled=3)


@pytest.fixture
def values(made):
    return json.loads(json.dumps(evaluate(made).to_json(), allow_nan=False))


def test_official_lies_on_top_and_the_others_below_with_the_same_entries(values, made) -> None:
    assert values["schema"] == 2
    assert values["classes"] == list(made.classes)
    for name in VIEWS:
        found, wanted = values if name == "official" else values[name], figures(made.predictions(name))
        assert found["n"] == wanted.n == np.sum(found["confusion"]) == made.mask(name).sum()
        assert {name: found[name] for name in HEADLINE} == {name: getattr(wanted, name) for name in HEADLINE}
        assert [entry["label"] for entry in found["per_class"]] == values["classes"]
        assert found["baselines"]["chance"] == 0.25
        assert set(found) - {"schema", "classes", "clean", "blocked"} == set(values["clean"])


def test_every_figure_has_an_interval_around_it(values) -> None:
    for view in (values, values["clean"], values["blocked"]):
        pairs = [(view[name], view["intervals"][name]) for name in HEADLINE]
        for entry, around in zip(view["per_class"], view["intervals"]["per_class"], strict=True):
            pairs += [(entry[name], around[name]) for name in ("precision", "recall", "f1")]
        assert len(pairs) == len(HEADLINE) + 4 * 3
        assert all(low <= value <= high for value, (low, high) in pairs)


def test_a_class_without_photos_keeps_its_row(values) -> None:
    assert values["per_class"][3] | {"precision": None} == {
        "label": "Urticaria", "n": 0, "precision": None, "recall": 0.0, "f1": 0.0,
    }  # fmt: skip
    assert values["intervals"]["per_class"][3]["recall"] == [0.0, 1.0]


def test_a_report_reads_back_as_it_was_and_ignores_further_entries(values, made) -> None:
    assert EvaluationReport.from_json(values | {"model": "tiny"}) == evaluate(made)


def test_views_that_are_unknown_or_empty_are_null(made) -> None:
    masks = {"clean": np.zeros(N, dtype=bool)}
    values = evaluate(dataclasses.replace(made, masks=masks)).to_json()
    assert values["clean"] is None
    assert values["blocked"] is None
    assert set(EvaluationReport.from_json(values).views) == {"official"}


def test_a_view_may_be_scored_with_whole_groups_drawn(made) -> None:
    predictions = made.predictions()
    photos, groups = score_view(predictions), score_view(predictions, made.groups)
    assert photos.figures == groups.figures
    assert photos.intervals != groups.intervals
    assert photos.class_intervals == groups.class_intervals


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 1}, "schema 2, found 1"),
        ({"schema": None}, "schema 2, found None"),
        ({"top1": "high"}, "high"),
        ({"per_class": []}, "per_class"),
        ({"confusion": [[1, 2], [3, 4]]}, "not 4 x 4"),
        ({"intervals": {}}, "per_class"),
        ({"intervals": {"per_class": []}}, "one for each class"),
        ({"clean": {}}, "per_class"),
        ({"blocked": 3}, "subscriptable"),
    ],
)
def test_another_version_or_a_damaged_report_is_refused(change, message, values) -> None:
    with pytest.raises(ArtifactError, match=message):
        EvaluationReport.from_json(values | change)


def test_a_report_without_one_of_the_views_is_refused(values) -> None:
    del values["blocked"]
    with pytest.raises(ArtifactError, match="blocked"):
        EvaluationReport.from_json(values)
