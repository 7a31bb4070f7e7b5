"""Run a model over a photo folder and score what it says. Never imports TensorFlow."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.listing import Split
from dermnet_core.data.scan import DatasetIndex, ImageRecord, Progress
from dermnet_core.data.splits import clean_mask
from dermnet_core.errors import ArtifactError, ImageError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.report import evaluate_views
from dermnet_core.inference import InferenceEngine
from dermnet_core.litert import LiteRTModel

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


def collect_predictions(
    engine: InferenceEngine, root: Path, records: Sequence[ImageRecord], progress: Progress | None = None
) -> Predictions:
    """Return a model's calibrated scores for labelled photos.

    Raises:
        ArtifactError: a photo's class is not one of the model's.
        ImageError: a photo cannot be read.
    """
    labels = label_indices(records, engine.card.classes)
    scores = softmax(collect_outputs(engine.model, root, records, progress).logits, engine.card.temperature)
    return Predictions(tuple(record.file for record in records), labels, scores, engine.card.classes)


def evaluate_index(
    engine: InferenceEngine, index: DatasetIndex, split: Split, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the figures of a model on one split as JSON values, and under "clean" those without byte copies of train.

    "clean" is null when the folder has no train photos to compare with.

    Raises:
        DatasetError: the split holds no photos.
        ArtifactError: a photo's class is not one of the model's.
        ImageError: a photo cannot be read.
    """
    records = index.split(split)
    predictions = collect_predictions(engine, index.root, records, progress)
    train = [record for record in index.records if record.split == "train"]
    clean = np.array(clean_mask(records, train), dtype=np.bool_) if train and split != "train" else None
    evaluation = evaluate_views(predictions, clean)
    return {"model": engine.card.name, "split": split, "fingerprint": index.fingerprint(), **evaluation}


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
