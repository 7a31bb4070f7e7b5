"""Photos that both shipped models have answered, in a folder of their own."""

from pathlib import Path

import numpy as np
from PIL import Image

from dermnet_core.artifacts import LITERT, Artifact, load_artifact
from dermnet_core.data.images import read_photo_file
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.report import score
from dermnet_core.inference import InferenceEngine
from dermnet_core.paths import SHIPPED_MODELS
from dermnet_ui.evaluation.selection import Selection, Side, colours, names
from tests.core.evaluations import about

ARCHITECTURES = ("separable_cnn", "mobilenet_v2")


def write_photos(root: Path, n: int = 4) -> list[str]:
    """Write n soft patches of colour as photos of Eczema and return their names."""
    files = [f"test/Eczema Photos/patch-{number}.jpg" for number in range(n)]
    (root / "test" / "Eczema Photos").mkdir(parents=True)
    for seed, file in enumerate(files):
        write_photo(root / file, seed)
    return files


def write_photo(path: Path, seed: int) -> None:
    patch = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(patch).resize((96, 64), Image.Resampling.BICUBIC).save(path, quality=92)


def evaluated(root: Path, files: list[str], **changes: str) -> Selection:
    """Let both shipped models answer the photos; ``changes`` are those of what the evaluations say about them."""
    found = [_answers(load_artifact(SHIPPED_MODELS / name), root, files, **changes) for name in ARCHITECTURES]
    sides = [
        Side(entry, name, colour, entry.predictions(), score(entry, "official"))
        for entry, name, colour in zip(found, names(found), colours(found), strict=True)
    ]
    return Selection(tuple(sides), "official")


def _answers(artifact: Artifact, root: Path, files: list[str], **changes: str) -> Evaluation:
    card, engine = artifact.card, InferenceEngine(artifact)
    scores = np.stack([engine.predict(read_photo_file(root / file)).scores for file in files])
    values = {
        "model": card.name, "architecture": card.architecture, "temperature": card.temperature,
        "model_sha256": card.sha256[LITERT],
    }  # fmt: skip
    return Evaluation(
        about=about(**(values | changes)),
        classes=card.classes,
        files=tuple(files),
        labels=np.full(len(files), card.classes.index("Eczema Photos")),
        logits=np.log(np.maximum(scores, 1e-12)) * card.temperature,
    )
