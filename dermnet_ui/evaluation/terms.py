"""The terms of the Evaluate page in plain words, once; no Streamlit."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A name and what it says."""

    title: str
    meaning: str


HEADLINE: Mapping[str, Term] = {
    "top1": Term("Top-1 accuracy", "Share of photos whose class the model names first. The same as weighted recall."),
    "top3": Term("Top-3 accuracy", "Share of photos whose class is among the first three."),
    "top5": Term("Top-5 accuracy", "Share of photos whose class is among the first five."),
    "balanced_accuracy": Term(
        "Balanced accuracy", "Mean of the recall of all classes, each counted alike. The same as macro recall."
    ),
    "macro_precision": Term(
        "Macro precision",
        "Mean over classes, each counted alike: of the photos that the model put in a class, how many belong there.",
    ),
    "macro_f1": Term("Macro F1", "Mean over classes, each counted alike, of the balance between precision and recall."),
    "weighted_precision": Term(
        "Weighted precision", "Mean precision of the classes, each counted by its number of photos."
    ),
    "weighted_f1": Term("Weighted F1", "Mean F1 of the classes, each counted by its number of photos."),
    "ece": Term(
        "Calibration error (ECE)",
        "How far the score of the first answer lies from how often it is right, on average. Lower is better.",
    ),
    "brier": Term(
        "Brier score",
        "Squared distance between the scores and the truth, from 0 (perfect) to 2. Lower is better.",
    ),
}
"""The figures of a view; keys as in ``dermnet_core.evaluation.metrics.HEADLINE``."""

PER_CLASS: Mapping[str, Term] = {
    "recall": Term("Recall", "Of the photos of this class, how many the model names so at first (sensitivity)."),
    "precision": Term("Precision", "Of the photos that the model put in this class, how many belong there."),
    "f1": Term("F1", "The harmonic mean of precision and recall: high only when both are."),
}
"""Attributes of ``dermnet_core.evaluation.metrics.ClassFigures``."""

RATES: Mapping[str, Term] = {
    "sensitivity": Term("Sensitivity", "Of the photos that belong here, how many reach the threshold."),
    "specificity": Term("Specificity", "Of the photos of the rest, how many stay below the threshold."),
    "ppv": Term(
        "Positive predictive value", "Of the photos that reach the threshold, how many belong here, at the prevalence."
    ),
    "npv": Term(
        "Negative predictive value",
        "Of the photos below the threshold, how many belong to the rest, at the prevalence.",
    ),
}
"""Attributes of ``dermnet_core.evaluation.curves.Rates``."""
