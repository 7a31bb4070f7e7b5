"""The 23 classes of the DermNet atlas, once: folder, short display name and published photo counts.

A model's output order never comes from here: it travels with the weights in the model card.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class AtlasClass:
    """One class of the published set (15,557 train and 4,002 test photos)."""

    folder: str
    name: str
    train: int
    test: int
    test_copies: int
    """Test photos that are byte copies of train photos."""


CLASSES: tuple[AtlasClass, ...] = (
    AtlasClass("Acne and Rosacea Photos", "Acne and Rosacea", 840, 312, 270),
    AtlasClass(
        "Actinic Keratosis Basal Cell Carcinoma and other Malignant Lesions",
        "Actinic Keratosis, Basal Cell Carcinoma",
        1149,
        288,
        15,
    ),
    AtlasClass("Atopic Dermatitis Photos", "Atopic Dermatitis", 489, 123, 3),
    AtlasClass("Bullous Disease Photos", "Bullous Disease", 448, 113, 7),
    AtlasClass(
        "Cellulitis Impetigo and other Bacterial Infections",
        "Cellulitis, Impetigo, Bacterial Infections",
        288,
        73,
        4,
    ),
    AtlasClass("Eczema Photos", "Eczema", 1235, 309, 44),
    AtlasClass("Exanthems and Drug Eruptions", "Exanthems and Drug Eruptions", 404, 101, 8),
    AtlasClass(
        "Hair Loss Photos Alopecia and other Hair Diseases",
        "Hair Loss, Alopecia",
        239,
        60,
        14,
    ),
    AtlasClass("Herpes HPV and other STDs Photos", "Herpes, HPV, other STDs", 405, 102, 18),
    AtlasClass(
        "Light Diseases and Disorders of Pigmentation",
        "Light Diseases, Pigmentation",
        568,
        143,
        4,
    ),
    AtlasClass(
        "Lupus and other Connective Tissue diseases",
        "Lupus, Connective Tissue Diseases",
        420,
        105,
        2,
    ),
    AtlasClass("Melanoma Skin Cancer Nevi and Moles", "Melanoma, Nevi, Moles", 463, 116, 6),
    AtlasClass("Nail Fungus and other Nail Disease", "Nail Fungus, Nail Disease", 1040, 261, 45),
    AtlasClass(
        "Poison Ivy Photos and other Contact Dermatitis",
        "Poison Ivy, Contact Dermatitis",
        260,
        65,
        2,
    ),
    AtlasClass(
        "Psoriasis pictures Lichen Planus and related diseases",
        "Psoriasis, Lichen Planus",
        1405,
        352,
        37,
    ),
    AtlasClass(
        "Scabies Lyme Disease and other Infestations and Bites",
        "Scabies, Lyme Disease, Bites",
        431,
        108,
        6,
    ),
    AtlasClass(
        "Seborrheic Keratoses and other Benign Tumors",
        "Seborrheic Keratoses, Benign Tumors",
        1371,
        343,
        5,
    ),
    AtlasClass("Systemic Disease", "Systemic Disease", 606, 152, 0),
    AtlasClass(
        "Tinea Ringworm Candidiasis and other Fungal Infections",
        "Tinea, Ringworm, Candidiasis",
        1300,
        325,
        21,
    ),
    AtlasClass("Urticaria Hives", "Urticaria, Hives", 212, 53, 0),
    AtlasClass("Vascular Tumors", "Vascular Tumors", 482, 121, 1),
    AtlasClass("Vasculitis Photos", "Vasculitis", 416, 105, 2),
    AtlasClass(
        "Warts Molluscum and other Viral Infections",
        "Warts, Molluscum, Viral Infections",
        1086,
        272,
        31,
    ),
)

_NAMES = {entry.folder: entry.name for entry in CLASSES}


def display_name(folder: str) -> str:
    """Return the short name of a class folder; an unknown folder is its own name."""
    return _NAMES.get(folder, folder)
