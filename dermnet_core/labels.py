"""The 23 classes of the DermNet atlas, once: folder, short display name and published photo counts.

A model's output order never comes from here: it travels with the weights in the model card.
"""

from dataclasses import dataclass

from dermnet_core.i18n import N_, _


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
    AtlasClass("Acne and Rosacea Photos", N_("Acne and Rosacea"), 840, 312, 270),
    AtlasClass(
        "Actinic Keratosis Basal Cell Carcinoma and other Malignant Lesions",
        N_("Actinic Keratosis, Basal Cell Carcinoma"),
        1149,
        288,
        15,
    ),
    AtlasClass("Atopic Dermatitis Photos", N_("Atopic Dermatitis"), 489, 123, 3),
    AtlasClass("Bullous Disease Photos", N_("Bullous Disease"), 448, 113, 7),
    AtlasClass(
        "Cellulitis Impetigo and other Bacterial Infections",
        N_("Cellulitis, Impetigo, Bacterial Infections"),
        288,
        73,
        4,
    ),
    AtlasClass("Eczema Photos", N_("Eczema"), 1235, 309, 44),
    AtlasClass("Exanthems and Drug Eruptions", N_("Exanthems and Drug Eruptions"), 404, 101, 8),
    AtlasClass(
        "Hair Loss Photos Alopecia and other Hair Diseases",
        N_("Hair Loss, Alopecia"),
        239,
        60,
        14,
    ),
    AtlasClass("Herpes HPV and other STDs Photos", N_("Herpes, HPV, other STDs"), 405, 102, 18),
    AtlasClass(
        "Light Diseases and Disorders of Pigmentation",
        N_("Light Diseases, Pigmentation"),
        568,
        143,
        4,
    ),
    AtlasClass(
        "Lupus and other Connective Tissue diseases",
        N_("Lupus, Connective Tissue Diseases"),
        420,
        105,
        2,
    ),
    AtlasClass("Melanoma Skin Cancer Nevi and Moles", N_("Melanoma, Nevi, Moles"), 463, 116, 6),
    AtlasClass("Nail Fungus and other Nail Disease", N_("Nail Fungus, Nail Disease"), 1040, 261, 45),
    AtlasClass(
        "Poison Ivy Photos and other Contact Dermatitis",
        N_("Poison Ivy, Contact Dermatitis"),
        260,
        65,
        2,
    ),
    AtlasClass(
        "Psoriasis pictures Lichen Planus and related diseases",
        N_("Psoriasis, Lichen Planus"),
        1405,
        352,
        37,
    ),
    AtlasClass(
        "Scabies Lyme Disease and other Infestations and Bites",
        N_("Scabies, Lyme Disease, Bites"),
        431,
        108,
        6,
    ),
    AtlasClass(
        "Seborrheic Keratoses and other Benign Tumors",
        N_("Seborrheic Keratoses, Benign Tumors"),
        1371,
        343,
        5,
    ),
    AtlasClass("Systemic Disease", N_("Systemic Disease"), 606, 152, 0),
    AtlasClass(
        "Tinea Ringworm Candidiasis and other Fungal Infections",
        N_("Tinea, Ringworm, Candidiasis"),
        1300,
        325,
        21,
    ),
    AtlasClass("Urticaria Hives", N_("Urticaria, Hives"), 212, 53, 0),
    AtlasClass("Vascular Tumors", N_("Vascular Tumors"), 482, 121, 1),
    AtlasClass("Vasculitis Photos", N_("Vasculitis"), 416, 105, 2),
    AtlasClass(
        "Warts Molluscum and other Viral Infections",
        N_("Warts, Molluscum, Viral Infections"),
        1086,
        272,
        31,
    ),
)

_NAMES = {entry.folder: entry.name for entry in CLASSES}


def display_name(folder: str) -> str:
    """Return the short name of a class folder in the visitor's language; an unknown folder is its own name."""
    return _(_NAMES[folder]) if folder in _NAMES else folder


def with_names(text: str) -> str:
    """Return a text with the English names of classes in it in the visitor's language."""
    for name in _NAMES.values():
        text = text.replace(name, _(name))
    return text
