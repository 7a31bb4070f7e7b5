"""Run a model over a photo folder and score what it says. Never imports TensorFlow."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import LITERT, ModelCard
from dermnet_core.data.facts import NearPair
from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.listing import Split
from dermnet_core.data.scan import DatasetIndex, ImageRecord, Progress
from dermnet_core.data.splits import blocked_mask, clean_mask, groups
from dermnet_core.data.survey import survey
from dermnet_core.errors import ArtifactError, ImageError
from dermnet_core.evaluation.record import BLOCKED, CLEAN, About, Evaluation
from dermnet_core.evaluation.report import evaluate
from dermnet_core.inference import InferenceEngine
from dermnet_core.litert import LiteRTModel
from dermnet_core.near_store import stored_near_pairs

FloatArray = NDArray[np.float32]
_BATCH = 16


@dataclass(frozen=True, eq=False)
class Outputs:
    """Raw outputs for n photos: ``logits`` (n, classes) and ``pooled`` features (n, k), float32."""

    logits: FloatArray
    pooled: FloatArray


def collect_outputs(
    model: LiteRTModel, root: Path, records: Sequence[ImageRecord], progress: Progress | None = None
) -> Outputs:
    """Run a model over the photos of a folder in batches.

    Raises:
        ImageError: a photo cannot be read.
    """
    logits, pooled = [], []
    for done, batch in _squashed_batches(root, records, model.input_shape[0]):
        outputs = model.run(batch)
        logits.append(outputs["logits"])
        pooled.append(outputs["features"].mean(axis=(1, 2)))
        if progress:
            progress(done, len(records))
    return Outputs(np.concatenate(logits), np.concatenate(pooled))


def evaluate_index(
    engine: InferenceEngine, index: DatasetIndex, split: Split, progress: Progress | None = None
) -> Evaluation:
    """Return a model's answers to one split, with the views that the other photos of the folder allow.

    Raises:
        DatasetError: the split holds no photos.
        ArtifactError: a photo's class is not one of the model's.
        ImageError: a photo cannot be read.
    """
    records = index.split(split)
    labels = label_indices(records, engine.card.classes)
    outputs = collect_outputs(engine.model, index.root, records, progress)
    near = _near(index)
    train = [record for record in index.records if record.split == "train"] if split != "train" else []
    return Evaluation(
        about=about(engine.card, f"{index.root.name}, {split}", split, index.fingerprint()),
        classes=engine.card.classes,
        files=tuple(record.file for record in records),
        labels=labels,
        logits=outputs.logits,
        masks=_masks(records, train, near) if train else {},
        groups=np.array(groups(records, near), dtype=np.int64),
    )


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return the figures of an evaluation with their intervals, as ``evaluation.json`` holds them."""
    about = evaluation.about
    head = {"model": about.model, "split": about.split, "fingerprint": about.fingerprint}
    return head | evaluate(evaluation).to_json()


def about(card: ModelCard, photos: str, split: str, fingerprint: str) -> About:
    """Return what an evaluation states of its model and photos."""
    return About(
        model=card.name,
        title=card.title,
        architecture=card.architecture,
        image_size=card.image_size,
        temperature=card.temperature,
        abstain_below=card.abstain_below,
        train_counts=dict(card.train_counts),
        model_sha256=card.sha256[LITERT],
        photos=photos,
        split=split,
        fingerprint=fingerprint,
        command=f"python -m dermnet_core evaluate DIR --model {card.name} --split {split}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _near(index: DatasetIndex) -> list[NearPair]:
    found = survey(index.root)
    pairs = stored_near_pairs(found, None, lambda done, total: None)
    return [NearPair(found.photos[a].file, found.photos[b].file, kind, similar) for a, b, kind, similar in pairs]


def _masks(
    records: Sequence[ImageRecord], train: Sequence[ImageRecord], near: Sequence[NearPair]
) -> dict[str, NDArray[np.bool_]]:
    return {CLEAN: np.array(clean_mask(records, train)), BLOCKED: np.array(blocked_mask(records, train, near))}


def label_indices(records: Sequence[ImageRecord], classes: Sequence[str]) -> NDArray[np.int64]:
    """Return the position of each photo's class in the model's order, int64 (n,).

    Raises:
        ArtifactError: a photo's class is not one of the model's.
    """
    position = {label: i for i, label in enumerate(classes)}
    unknown = sorted({record.label for record in records} - set(position))
    if unknown:
        raise ArtifactError(
            f"Expected only the {len(position)} classes of the model, found folders {', '.join(unknown)}. "
            "Rename or remove them, or choose a model that was trained on them."
        )
    return np.array([position[record.label] for record in records], dtype=np.int64)


def _squashed_batches(root: Path, records: Sequence[ImageRecord], size: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(records), _BATCH):
            part = records[start : start + _BATCH]
            yield start + len(part), np.stack(list(pool.map(lambda record: _squashed(root, record, size), part)))


def _squashed(root: Path, record: ImageRecord, size: int) -> NDArray[np.uint8]:
    try:
        return squash(read_photo_file(root / record.file).rgb, size)
    except ImageError as error:
        raise ImageError(f"{record.file}: {error} Remove or replace the photo.") from error
