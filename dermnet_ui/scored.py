"""A model with one view of its evaluation, and its figures as text."""

from collections.abc import Mapping
from dataclasses import dataclass

from dermnet_core.artifacts import ModelCard
from dermnet_core.evaluation.report import View
from dermnet_core.i18n import N_, decimal

FIGURES: Mapping[str, str] = {
    "top1": N_("Top-1 accuracy"),
    "top3": N_("Top-3 accuracy"),
    "top5": N_("Top-5 accuracy"),
    "balanced_accuracy": N_("Balanced accuracy"),
    "macro_f1": N_("Macro F1"),
}
"""The figures that are better when higher, by their key in an evaluation."""


@dataclass(frozen=True)
class Scored:
    """A model and one view of its evaluation."""

    card: ModelCard
    view: View

    def text(self, figure: str) -> str:
        """Return a figure and its 95 % interval as 0 to 100 with one decimal."""
        interval = self.view.intervals[figure]
        value = getattr(self.view.figures, figure)
        value, low, high = (decimal(100 * number) for number in (value, interval.low, interval.high))
        return f"{value} ({low}–{high})"
