"""The terms of the Evaluate page in plain words, once; no Streamlit."""

from collections.abc import Mapping
from dataclasses import dataclass

from dermnet_core.i18n import N_, _


@dataclass(frozen=True)
class Term:
    """A name and what it says, both marked for the catalogues."""

    name: str
    words: str

    @property
    def title(self) -> str:
        """The name in the visitor's language."""
        return _(self.name)

    @property
    def meaning(self) -> str:
        """What it says, in the visitor's language."""
        return _(self.words)


HEADLINE: Mapping[str, Term] = {
    "top1": Term(
        N_("Top-1 accuracy"), N_("Share of photos whose class the model names first. The same as weighted recall.")
    ),
    "top3": Term(N_("Top-3 accuracy"), N_("Share of photos whose class is among the first three.")),
    "top5": Term(N_("Top-5 accuracy"), N_("Share of photos whose class is among the first five.")),
    "balanced_accuracy": Term(
        N_("Balanced accuracy"), N_("Mean of the recall of all classes, each counted alike. The same as macro recall.")
    ),
    "macro_precision": Term(
        N_("Macro precision"),
        N_(
            "Mean over classes, each counted alike: of the photos that the model put in a class, how many belong there."
        ),
    ),
    "macro_f1": Term(
        N_("Macro F1"), N_("Mean over classes, each counted alike, of the balance between precision and recall.")
    ),
    "weighted_precision": Term(
        N_("Weighted precision"), N_("Mean precision of the classes, each counted by its number of photos.")
    ),
    "weighted_f1": Term(N_("Weighted F1"), N_("Mean F1 of the classes, each counted by its number of photos.")),
    "ece": Term(
        N_("Calibration error (ECE)"),
        N_("How far the score of the first answer lies from how often it is right, on average. Lower is better."),
    ),
    "brier": Term(
        N_("Brier score"),
        N_("Squared distance between the scores and the truth, from 0 (perfect) to 2. Lower is better."),
    ),
}
"""The figures of a view; keys as in ``dermnet_core.evaluation.metrics.HEADLINE``."""

PER_CLASS: Mapping[str, Term] = {
    "recall": Term(
        N_("Recall"), N_("Of the photos of this class, how many the model names so at first (sensitivity).")
    ),
    "precision": Term(N_("Precision"), N_("Of the photos that the model put in this class, how many belong there.")),
    "f1": Term(N_("F1"), N_("The harmonic mean of precision and recall: high only when both are.")),
}
"""Attributes of ``dermnet_core.evaluation.metrics.ClassFigures``."""

RATES: Mapping[str, Term] = {
    "sensitivity": Term(N_("Sensitivity"), N_("Of the photos that belong here, how many reach the threshold.")),
    "specificity": Term(N_("Specificity"), N_("Of the photos of the rest, how many stay below the threshold.")),
    "ppv": Term(
        N_("Positive predictive value"),
        N_("Of the photos that reach the threshold, how many belong here, at the prevalence."),
    ),
    "npv": Term(
        N_("Negative predictive value"),
        N_("Of the photos below the threshold, how many belong to the rest, at the prevalence."),
    ),
}
"""Attributes of ``dermnet_core.evaluation.curves.Rates``."""
