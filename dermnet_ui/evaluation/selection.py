"""One or two evaluations in one view, with the figures that every section of the page shows; no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.record import About, Evaluation
from dermnet_core.evaluation.report import View
from dermnet_ui.case import MODEL_COLOURS, SHORT_NAMES

SECOND_COLOURS = {"separable_cnn": "#56B4E9", "mobilenet_v2": "#E69F00"}
"""For the second of two evaluations of one architecture: the lighter neighbours in Okabe and Ito's palette."""

VIEW_TITLES = {
    "official": "Official: all test photos",
    "clean": "Clean: no byte copies of training photos",
    "blocked": "Blocked: also no near duplicates or series neighbours",
}


@dataclass(frozen=True, eq=False)
class Side:
    """One evaluation in one view."""

    evaluation: Evaluation
    name: str
    """How it is called on the page; the two sides have different names."""
    colour: str
    """For marks, never for text."""
    predictions: Predictions
    """Of the view, calibrated."""
    view: View
    """Figures, intervals and confusion counts of the view."""

    @property
    def about(self) -> About:
        """Which model answered, and to which photos."""
        return self.evaluation.about


@dataclass(frozen=True, eq=False)
class Selection:
    """What the page shows: one side, or two to compare, in one view."""

    sides: tuple[Side, ...]
    view: str
    """A key of ``VIEW_TITLES``."""

    @property
    def key(self) -> str:
        """Return what tells this selection from all others, for caches."""
        return " ".join([self.view, *(side.evaluation.key for side in self.sides)])

    @property
    def paired(self) -> bool:
        """Whether there are two sides that answered the same photos with the same classes."""
        if len(self.sides) != 2:
            return False
        first, second = (side.predictions for side in self.sides)
        same = first.files == second.files and first.classes == second.classes
        return same and bool(np.array_equal(first.labels, second.labels))

    @property
    def classes(self) -> tuple[str, ...]:
        """Class folders, in the order of the first side."""
        return self.sides[0].evaluation.classes


def names(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return a short name for each evaluation, all different."""
    short = [SHORT_NAMES.get(entry.about.architecture, entry.about.title) for entry in evaluations]
    if len(set(short)) == len(short):
        return short
    full = [f"{name} {entry.about.model}" for name, entry in zip(short, evaluations, strict=True)]
    if len(set(full)) == len(full):
        return full
    return [f"{name}, {entry.about.photos}" for name, entry in zip(full, evaluations, strict=True)]


def colours(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return a colour for each evaluation: that of its architecture; the second of one architecture gets a lighter."""
    found: list[str] = []
    for entry in evaluations:
        first = MODEL_COLOURS.get(entry.about.architecture, "#777777")
        found.append(SECOND_COLOURS.get(entry.about.architecture, "#AAAAAA") if first in found else first)
    return found
