"""The malignant group: by class folder, by series of the file name, and by diagnosis where one is known."""

import numpy as np
import pytest

from dermnet_core.data.scan import series_of
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.malignancy import (
    DIAGNOSES,
    MALIGNANT,
    MALIGNANT_CLASS,
    MELANOMA_CLASS,
    NOT_MALIGNANT,
    decided_by_code,
    malignant,
    malignant_classes,
    malignant_score,
)
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.labels import CLASSES

FOLDERS = tuple(entry.folder for entry in CLASSES)
OTHER = "Seborrheic Keratoses and other Benign Tumors"


def counts(label: str, name: str, diagnosis: str = "") -> bool:
    found = malignant([f"test/{label}/{name}"], np.array([FOLDERS.index(label)]), FOLDERS, [diagnosis])
    return bool(found[0])


@pytest.mark.parametrize(
    ("label", "name", "wanted"),
    [
        (MALIGNANT_CLASS, "basal-cell-carcinoma-nose-12.jpg", True),
        (MALIGNANT_CLASS, "actinic-keratosis-5FU-3.jpg", True),
        (MALIGNANT_CLASS, "anything-else-3.jpg", True),
        (MALIGNANT_CLASS, "granulation-tissue-2.jpg", False),
        (MALIGNANT_CLASS, "cutaneous-horn-1.jpg", False),
        (MELANOMA_CLASS, "malignant-melanoma-16.jpg", True),
        (MELANOMA_CLASS, "Lentigo-Maligna-1.JPG", True),
        (MELANOMA_CLASS, "atypical-nevi-3.jpg", False),
        (MELANOMA_CLASS, "melanotic-macule-1.jpg", False),
        (MELANOMA_CLASS, "congenital-nevus-1.jpg", False),
        (OTHER, "melanoma-mimic-4.jpg", False),
        (OTHER, "keratoacanthoma-9.jpg", False),
        (OTHER, "20sebaceousCarcinoma011.jpg", True),
        (OTHER, "lentigo-maligna-benign.jpg", True),
        (OTHER, "lentigo-malignant.jpg", False),
        ("Nail Fungus and other Nail Disease", "nail-melanoma-1.jpg", True),
        ("Vascular Tumors", "kaposi-sarcoma-7.jpg", True),
        ("Vascular Tumors", "hemangioma-7.jpg", False),
    ],
)
def test_folder_and_series_decide(label: str, name: str, wanted: bool) -> None:
    assert counts(label, name) == wanted


@pytest.mark.parametrize(("code", "wanted"), DIAGNOSES.items())
def test_a_known_diagnosis_comes_before_the_folder(code: str, wanted: bool) -> None:
    assert counts(MELANOMA_CLASS, "PAT_8_15_820.jpg", code) == wanted
    assert counts(MALIGNANT_CLASS, "PAT_8_15_820.jpg", code.lower()) == wanted


def test_without_a_known_diagnosis_folder_and_name_decide() -> None:
    assert counts(MALIGNANT_CLASS, "PAT_8_15_820.jpg")
    assert counts(MALIGNANT_CLASS, "PAT_8_15_820.jpg", "unheard of")
    assert not counts(MELANOMA_CLASS, "PAT_8_15_820.jpg")


def test_codes_decide_only_where_each_photo_has_one() -> None:
    assert decided_by_code(["MEL", " nev "])
    assert not decided_by_code(["MEL", ""])
    assert not decided_by_code(["MEL", "scar"])
    assert not decided_by_code([])


def test_lists_that_do_not_fit_are_refused() -> None:
    for labels, diagnoses in ((np.array([0]), None), (np.array([0, 1]), ["BCC"])):
        with pytest.raises(ArtifactError, match="each of 2 photos"):
            malignant(["a.jpg", "b.jpg"], labels, FOLDERS, diagnoses)


def test_the_score_is_the_sum_over_the_two_classes() -> None:
    assert {FOLDERS[i] for i in malignant_classes(FOLDERS)} == {MALIGNANT_CLASS, MELANOMA_CLASS}
    scores = np.array([[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]])
    predictions = Predictions(("a", "b"), np.array([0, 1]), scores, (MELANOMA_CLASS, OTHER, MALIGNANT_CLASS))
    assert malignant_score(predictions) == pytest.approx([0.5, 0.0])
    assert malignant_score(predictions).dtype == np.float64


def test_a_model_of_other_classes_has_no_such_score() -> None:
    predictions = Predictions(("a",), np.array([0]), np.array([[0.5, 0.5]]), ("Acne", "Warts"))
    assert malignant_classes(predictions.classes) == ()
    with pytest.raises(ArtifactError, match="class of malignant lesions"):
        malignant_score(predictions)


def test_the_lists_do_not_contradict_each_other() -> None:
    assert not set(MALIGNANT) & set(NOT_MALIGNANT)
    assert all(name == name.lower() for name in MALIGNANT + NOT_MALIGNANT)


@pytest.mark.shared
def test_names_of_the_atlas_that_sound_malignant_are_all_decided(shared) -> None:
    """A new series in the photo set shall be looked at by a person, not fall through silently."""
    sounds = (
        "carcinoma",
        "melanoma",
        "lentigo-maligna",
        "sarcoma",
        "lymphoma",
        "ctcl",
        "metasta",
        "leukemia",
        "cancer",
    )
    left = set()
    for file in (shared / "dermnet").glob("*/*/*"):
        series = series_of(file.name)[0]
        if any(sound in series for sound in sounds) and not counts(file.parent.name, file.name):
            left.add(series)
    assert left == {"melanoma-mimic"}
