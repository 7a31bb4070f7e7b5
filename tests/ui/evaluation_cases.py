"""Selections of made-up evaluations, for the charts and sections of the Evaluate page."""

from collections.abc import Sequence

from dermnet_core.evaluation.report import score
from dermnet_ui.evaluation.selection import Selection, Side, colours, names
from tests.core.evaluations import CLASSES, evaluation


def make_selection(
    architectures: Sequence[str] = ("separable_cnn", "mobilenet_v2"), view: str = "official", n: int = 60,
    classes: tuple[str, ...] = CLASSES, labelled: int | None = None,
) -> Selection:  # fmt: skip
    """Return a selection with a side for each architecture; the labels are among the first ``labelled`` classes."""
    found = [
        evaluation(
            n, classes, seed, labelled, architecture=name, model=f"{name}-{seed}",
            train_counts={label: 10 * (place + 1) * 4 for place, label in enumerate(classes)},
        )
        for seed, name in enumerate(architectures)
    ]  # fmt: skip
    sides = [
        Side(entry, name, colour, entry.predictions(view), score(entry, view))
        for entry, name, colour in zip(found, names(found), colours(found), strict=True)
    ]
    return Selection(tuple(sides), view)
