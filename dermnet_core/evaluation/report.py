"""The evaluation of one model as JSON: figures, intervals, baselines and confusion counts of each view.

The official view (all photos) lies at the top level, the clean one (no byte copy of a train photo) under "clean" and
the blocked one (also no near duplicate or series neighbour of a train photo) under "blocked":

    schema, classes, n, and each name of metrics.HEADLINE     fractions from 0 to 1 (brier: 0 to 2)
    per_class     [{label, n, precision, recall, f1}], one for each class, also for those without photos
    intervals     {figure: [low, high]} at 95 %, and "per_class": [{precision, recall, f1}] in the order of the classes
    baselines     {chance, majority}
    confusion     photo counts, a row for each true class, a column for each predicted class
    clean, blocked      the same entries, or null when the view is not known or no photo is left in it
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.intervals import ClassIntervals, Interval, bootstrap, class_intervals
from dermnet_core.evaluation.metrics import (
    HEADLINE,
    Baselines,
    ClassFigures,
    Figures,
    baselines,
    confusion_matrix,
    figures,
)
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.record import BLOCKED, CLEAN, OFFICIAL, Evaluation

SCHEMA = 2
_BELOW = (CLEAN, BLOCKED)

Json = dict[str, Any]


@dataclass(frozen=True)
class View:
    """Everything known about one set of photos."""

    figures: Figures
    intervals: Mapping[str, Interval]
    """Keys as in ``metrics.HEADLINE``."""
    class_intervals: tuple[ClassIntervals, ...]
    """In the order of the classes."""
    baselines: Baselines
    confusion: tuple[tuple[int, ...], ...]
    """A row for each true class, a column for each predicted class."""


@dataclass(frozen=True)
class EvaluationReport:
    """The views of one evaluation by name: "official" always, "clean" and "blocked" where they are known."""

    classes: tuple[str, ...]
    views: Mapping[str, View]

    def to_json(self) -> Json:
        """Return the report as JSON values, laid out as this module's docstring says."""
        below = {name: self.views.get(name) for name in _BELOW}
        return {
            "schema": SCHEMA,
            "classes": list(self.classes),
            **_view_to_json(self.views[OFFICIAL]),
            **{name: None if view is None else _view_to_json(view) for name, view in below.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read a report from JSON values; further entries, such as the model's name, are left alone.

        Raises:
            ArtifactError: another schema, or an entry that is missing or of the wrong kind.
        """
        if values.get("schema") != SCHEMA:
            raise ArtifactError(
                f"Expected an evaluation of schema {SCHEMA}, found {values.get('schema')!r}. Evaluate the model again."
            )
        try:
            classes = tuple(str(label) for label in values["classes"])
            views = {OFFICIAL: _view_from_json(values, classes)}
            views |= {name: _view_from_json(values[name], classes) for name in _BELOW if values[name] is not None}
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(
                f"Expected the entries of an evaluation of schema {SCHEMA}, found a problem with {error}. "
                "Evaluate the model again."
            ) from error
        return cls(classes, views)


def evaluate(evaluation: Evaluation) -> EvaluationReport:
    """Score an evaluation in each of its views.

    Raises:
        ArtifactError: a logit is not finite.
    """
    return EvaluationReport(evaluation.classes, {name: score(evaluation, name) for name in evaluation.views})


def score(evaluation: Evaluation, view: str) -> View:
    """Return everything that is reported of one view; intervals draw whole groups of photos where they are known.

    Raises:
        ArtifactError: the view is not known, or a logit is not finite.
    """
    return score_view(evaluation.predictions(view), evaluation.groups_in(view))


def score_view(predictions: Predictions, groups: NDArray[np.int64] | None = None) -> View:
    """Return everything that is reported of one set of photos.

    Args:
        predictions: n photos.
        groups: (n,) group of each photo, for a bootstrap that draws whole groups; None: photos are drawn.

    Raises:
        ArtifactError: ``groups`` does not fit the photos.
    """
    return View(
        figures(predictions),
        bootstrap(predictions, groups=groups),
        class_intervals(predictions),
        baselines(predictions),
        tuple(tuple(row) for row in confusion_matrix(predictions).tolist()),
    )


def _view_to_json(view: View) -> Json:
    intervals: Json = {name: _pair(interval) for name, interval in view.intervals.items()}
    intervals["per_class"] = [
        {"precision": _pair(entry.precision), "recall": _pair(entry.recall), "f1": _pair(entry.f1)}
        for entry in view.class_intervals
    ]
    return {
        **dataclasses.asdict(view.figures),
        "per_class": [dataclasses.asdict(entry) for entry in view.figures.per_class],
        "intervals": intervals,
        "baselines": dataclasses.asdict(view.baselines),
        "confusion": [list(row) for row in view.confusion],
    }


def _view_from_json(values: Mapping[str, Any], classes: tuple[str, ...]) -> View:
    per_class = tuple(
        ClassFigures(
            str(entry["label"]), int(entry["n"]), float(entry["precision"]), float(entry["recall"]), float(entry["f1"])
        )
        for entry in values["per_class"]
    )
    if tuple(entry.label for entry in per_class) != classes:
        raise ValueError("per_class, whose labels are not the classes")
    headline = {name: float(values[name]) for name in HEADLINE}
    intervals = values["intervals"]
    if len(intervals["per_class"]) != len(classes):
        raise ValueError("the intervals of per_class, which are not one for each class")
    return View(
        Figures(int(values["n"]), **headline, per_class=per_class),
        {name: Interval(*map(float, intervals[name])) for name in HEADLINE},
        tuple(
            ClassIntervals(*(Interval(*map(float, entry[name])) for name in ("precision", "recall", "f1")))
            for entry in intervals["per_class"]
        ),
        Baselines(float(values["baselines"]["chance"]), float(values["baselines"]["majority"])),
        _square(values["confusion"], len(classes)),
    )


def _square(rows: Any, size: int) -> tuple[tuple[int, ...], ...]:
    matrix = tuple(tuple(int(count) for count in row) for row in rows)
    if len(matrix) != size or any(len(row) != size for row in matrix):
        raise ValueError(f"confusion, which is not {size} x {size}")
    return matrix


def _pair(interval: Interval) -> list[float]:
    return [interval.low, interval.high]
