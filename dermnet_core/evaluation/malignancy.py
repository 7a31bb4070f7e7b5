"""Which photos count as malignant or pre-malignant, read off class folders and file names.

This is no clinical truth. Nobody looked at the photos: the atlas names each file after a sub-diagnosis
(``basal-cell-carcinoma-nose-12.jpg``), and the lists below sort these names. Everything in the class of malignant
lesions counts, but for the names in ``NOT_MALIGNANT``. In the other classes only the names in ``MALIGNANT`` count.
Names on which textbooks differ are left where the atlas puts them: keratoacanthoma stays with the benign tumours.
Atypical, congenital and other nevi do not count.

Photos of other sources have no such names; there the code of their diagnosis decides, and nothing without one
(``decided_by_code``).
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.predictions import Predictions

MALIGNANT_CLASS = "Actinic Keratosis Basal Cell Carcinoma and other Malignant Lesions"
MELANOMA_CLASS = "Melanoma Skin Cancer Nevi and Moles"
"""Holds nevi too: a high score of it does not tell them from melanoma."""

NOT_MALIGNANT = ("granulation-tissue", "cutaneous-horn", "epidermodysplasia-verruciformis")
"""Series of ``MALIGNANT_CLASS`` that do not count. What lies under a horn, the name does not say; the third raises
the risk of cancer and is none."""

MALIGNANT = (
    "malignant-melanoma",
    "lentigo-maligna",
    "nail-melanoma",
    "sebaceouscarcinoma",
    "pinkus-tumor",
    "atypical-fibroxanthoma",
    "kaposi-sarcoma",
    "ctcl",
    "mycosis-fungoides",
)
"""Series that count in every class. A Pinkus tumour is a basal cell carcinoma, an atypical fibroxanthoma a sarcoma of
low grade."""

DIAGNOSES = {"BCC": True, "SCC": True, "ACK": True, "MEL": True, "NEV": False, "SEK": False}
"""The codes of PAD-UFES-20 (Pacheco et al., 2020, https://doi.org/10.1016/j.dib.2020.106221): malignant or not."""


def malignant(
    files: Sequence[str],
    labels: NDArray[np.int64],
    classes: Sequence[str],
    diagnoses: Sequence[str] | None = None,
) -> NDArray[np.bool_]:
    """Return whether each photo counts as malignant or pre-malignant, bool (n,).

    Args:
        files: n names or paths with forward slashes.
        labels: (n,) index of each photo's class.
        classes: class folders.
        diagnoses: n codes as in ``DIAGNOSES``; a photo with another or none goes by its class and file name.

    Raises:
        ArtifactError: files, labels and diagnoses are not equally many.
    """
    codes = ("",) * len(files) if diagnoses is None else diagnoses
    if not len(files) == len(labels) == len(codes):
        raise ArtifactError(
            f"Expected a label and a diagnosis for each of {len(files)} photos, found {len(labels)} and {len(codes)}. "
            "Take all three from one view of one evaluation."
        )
    photos = zip(files, np.asarray(labels).tolist(), codes, strict=True)
    return np.array([_malignant(file, classes[label], code) for file, label, code in photos], dtype=np.bool_)


def decided_by_code(diagnoses: Sequence[str]) -> bool:
    """Return whether each photo has a code of ``DIAGNOSES``: without, the file of another source tells nothing."""
    return bool(diagnoses) and {code.strip().upper() for code in diagnoses} <= set(DIAGNOSES)


def malignant_classes(classes: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the classes whose scores speak for a malignant lesion."""
    return tuple(i for i, label in enumerate(classes) if label in (MALIGNANT_CLASS, MELANOMA_CLASS))


def malignant_score(predictions: Predictions) -> NDArray[np.float64]:
    """Return the sum of the scores of ``malignant_classes``, (n,), 0 to 1.

    It cannot tell a melanoma from a nevus, which share a class.

    Raises:
        ArtifactError: the model has none of these classes.
    """
    columns = list(malignant_classes(predictions.classes))
    if not columns:
        raise ArtifactError(
            f"Expected a class of malignant lesions, such as {MELANOMA_CLASS!r}, found none among the "
            f"{len(predictions.classes)} classes. Choose a model of the atlas."
        )
    return np.asarray(np.minimum(predictions.scores[:, columns].sum(axis=1), 1.0), dtype=np.float64)


def _malignant(file: str, label: str, diagnosis: str) -> bool:
    known = DIAGNOSES.get(diagnosis.strip().upper())
    if known is not None:
        return known
    name = PurePosixPath(file).stem.lower()
    return not _named(name, NOT_MALIGNANT) if label == MALIGNANT_CLASS else _named(name, MALIGNANT)


def _named(name: str, series: Sequence[str]) -> bool:
    """Return whether a file name is one of the series, or one with further words or a number behind it."""
    return any(re.match(rf"\d*{entry}(?![a-z])", name) for entry in series)
