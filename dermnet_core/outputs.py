"""Run a LiteRT model over many photos in batches, while the next ones are read. Never imports TensorFlow."""

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.scan import ImageRecord, Progress
from dermnet_core.errors import ImageError
from dermnet_core.kept_batches import KeptBatches
from dermnet_core.litert import LiteRTModel

FloatArray = NDArray[np.float32]
Pixels = NDArray[np.uint8]

BATCH = 8
"""Photos a run: more of them leave the processor's caches and are slower."""
_AHEAD = 4  # batches that are read while one runs


@dataclass(frozen=True, eq=False)
class Outputs:
    """Raw outputs for n photos: ``logits`` (n, classes) and ``pooled`` features (n, k), float32."""

    logits: FloatArray
    pooled: FloatArray


@dataclass(frozen=True, eq=False)
class Logits:
    """Raw answers to n photos; those that could not be read have rows of NaN."""

    values: FloatArray
    """(n, classes)."""
    unreadable: Mapping[int, str]
    """Position of a photo -> why it could not be read, in one sentence."""


def collect_outputs(
    model: LiteRTModel, root: Path, records: Sequence[ImageRecord], progress: Progress | None = None
) -> Outputs:
    """Run a model over the photos of a folder.

    Raises:
        ImageError: a photo cannot be read.
    """
    logits, pooled, done = [], [], 0
    for _, photos in _read_ahead(root, dict(enumerate(_batches(records))), model.input_shape[0]):
        outputs = model.run(np.stack([_pixels(photo) for photo in photos]))
        logits.append(outputs["logits"])
        pooled.append(outputs["features"].mean(axis=(1, 2)))
        done += len(photos)
        if progress:
            progress(done, len(records))
    return Outputs(np.concatenate(logits), np.concatenate(pooled))


def collect_logits(
    model: LiteRTModel,
    root: Path,
    records: Sequence[ImageRecord],
    kept: KeptBatches | None = None,
    progress: Progress | None = None,
) -> Logits:
    """Run a model over the photos of a folder that can be read.

    Args:
        model: with the output ``logits``.
        root: what the names of the photos are relative to.
        records: n photos.
        kept: finished batches of an earlier, stopped call with the same photos; those of this call are added.
        progress: told first how many photos were done before.

    Raises:
        DatasetError: a batch cannot be kept.
    """
    batches = dict(enumerate(_batches(records)))
    rows = kept.load() if kept else {}
    unreadable: dict[int, str] = {}
    done = sum(len(batches[number]) for number in rows)
    if progress:
        progress(done, len(records))
    missing = {number: batch for number, batch in batches.items() if number not in rows}
    for number, photos in _read_ahead(root, missing, model.input_shape[0]):
        bad = {i: str(photo) for i, photo in enumerate(photos) if isinstance(photo, ImageError)}
        rows[number] = _answered(model, photos)
        if bad:  # not kept: the photo may be there again when the same command goes on
            unreadable |= {number * BATCH + i: reason for i, reason in bad.items()}
            rows[number][list(bad)] = np.nan
        elif kept:
            kept.add(number, rows[number])
        done += len(photos)
        if progress:
            progress(done, len(records))
    return Logits(np.concatenate([rows[number] for number in batches]), unreadable)


def _answered(model: LiteRTModel, photos: Sequence[Pixels | ImageError]) -> FloatArray:
    """Return the logits of a batch; a black photo stands for each that cannot be read."""
    black = np.zeros(model.input_shape, np.uint8)
    return model.run(np.stack([black if isinstance(photo, ImageError) else photo for photo in photos]))["logits"]


def _batches(records: Sequence[ImageRecord]) -> list[Sequence[ImageRecord]]:
    return [records[start : start + BATCH] for start in range(0, len(records), BATCH)]


def _read_ahead(
    root: Path, batches: Mapping[int, Sequence[ImageRecord]], size: int
) -> Iterator[tuple[int, list[Pixels | ImageError]]]:
    """Yield the photos of each batch, or why one cannot be read."""
    waiting: deque[tuple[int, list[Future[Pixels | ImageError]]]] = deque()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, records in batches.items():
            waiting.append((number, [pool.submit(_squashed, root, record, size) for record in records]))
            if len(waiting) > _AHEAD:
                yield _finished(*waiting.popleft())
        while waiting:
            yield _finished(*waiting.popleft())


def _finished(number: int, photos: list[Future[Pixels | ImageError]]) -> tuple[int, list[Pixels | ImageError]]:
    return number, [photo.result() for photo in photos]


def _squashed(root: Path, record: ImageRecord, size: int) -> Pixels | ImageError:
    try:
        return squash(read_photo_file(root / record.file).rgb, size)
    except ImageError as error:
        return ImageError(f"{record.file}: {error}")


def _pixels(photo: Pixels | ImageError) -> Pixels:
    if isinstance(photo, ImageError):
        raise ImageError(f"{photo} Remove or replace the photo.") from photo
    return photo
