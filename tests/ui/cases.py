"""A case with the answers of both models, made of the real classes with small numbers."""

import numpy as np

from dermnet_core.artifacts import ModelCard
from dermnet_core.explain.gradcam import LinearHead, all_grad_cams
from dermnet_core.inference import Prediction
from dermnet_core.labels import CLASSES
from dermnet_ui.case import Answer, Case, packed

LABELS = tuple(entry.folder for entry in CLASSES)
ECZEMA, PSORIASIS, URTICARIA = "Eczema Photos", LABELS[14], "Urticaria Hives"


def model_card(architecture: str) -> ModelCard:
    return ModelCard(
        name=architecture,
        title={"separable_cnn": "Separable CNN", "mobilenet_v2": "MobileNetV2"}[architecture],
        architecture=architecture,  # type: ignore[arg-type]
        classes=LABELS,
        image_size=64,
        temperature=1.0,
        abstain_below=0.2,
        novelty_limit=3.0,
        train_counts={label: 8 if label == URTICARIA else 400 for label in LABELS},
        parameters=1234,
        recipe={},
        command="python -m dermnet_core train",
        data={"fingerprint": "ab" * 32, "photos": 500},
        figures={},
        intended_use="Teaching.",
        limits=("Small data.",),
        provenance=("Drawn by a test.",),
        created="2026-01-01T00:00:00+00:00",
    )


def answer(architecture: str, scores: dict[str, float], reasons: tuple[str, ...] = (), seed: int = 0) -> Answer:
    """Return an answer whose named classes have these scores; the others share the rest."""
    rng = np.random.default_rng(seed)
    rest = (1.0 - sum(scores.values())) / (len(LABELS) - len(scores))
    values = np.array([scores.get(label, rest) for label in LABELS], dtype=np.float32)
    features = rng.random((4, 4, 6), dtype=np.float32)
    head = LinearHead(rng.normal(size=(6, len(LABELS))).astype(np.float32))
    prediction = Prediction(architecture, LABELS, values, 0.0, reasons, 7.4, 64, all_grad_cams(features, head))
    return Answer(model_card(architecture), prediction)


def make_case(cnn: Answer, mobile: Answer) -> Case:
    rgb = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    return Case("c0ffee" * 10, "arm & <leg>.jpg", None, packed(rgb), ("The photo is dark.",), (cnn, mobile))
