"""Run a LiteRT model over many photos in batches, on all processors. Never imports TensorFlow.

Each processor has a thread with an interpreter of its own, which reads a batch and runs it: that is faster than one
interpreter with several threads, which wait for each other, and gives the same answers on every number of processors.
"""

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

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
_AHEAD = 4  # batches that wait for a thread or for being taken


@dataclass(frozen=True, eq=False)
class _Answered:
    """The outputs for one batch; a black photo stood for each that could not be read."""

    number: int
    outputs: Mapping[str, FloatArray]
    unreadable: Mapping[int, ImageError]


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
    for answered in _answers(model, root, dict(enumerate(_batches(records)))):
        for error in answered.unreadable.values():
            raise ImageError(f"{error} Remove or replace the photo.") from error
        logits.append(answered.outputs["logits"])
        pooled.append(answered.outputs["features"].mean(axis=(1, 2)))
        done += len(logits[-1])
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
    for answered in _answers(model, root, missing):
        number, rows[answered.number] = answered.number, answered.outputs["logits"]
        if answered.unreadable:  # not kept: the photo may be there again when the same command goes on
            unreadable |= {number * BATCH + place: str(error) for place, error in answered.unreadable.items()}
            rows[number][list(answered.unreadable)] = np.nan
        elif kept:
            kept.add(number, rows[number])
        done += len(rows[number])
        if progress:
            progress(done, len(records))
    return Logits(np.concatenate([rows[number] for number in batches]), unreadable)


def _batches(records: Sequence[ImageRecord]) -> list[Sequence[ImageRecord]]:
    return [records[start : start + BATCH] for start in range(0, len(records), BATCH)]


def _answers(model: LiteRTModel, root: Path, batches: Mapping[int, Sequence[ImageRecord]]) -> Iterator[_Answered]:
    """Yield the outputs for each batch, in their order."""
    idle: SimpleQueue[LiteRTModel] = SimpleQueue()
    threads = min(os.cpu_count() or 1, max(1, len(batches)))
    for _ in range(threads):
        idle.put(LiteRTModel(model.path, threads=1))
    waiting: deque[Future[_Answered]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for number, records in batches.items():
            waiting.append(pool.submit(_answer, idle, root, number, records))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _answer(idle: SimpleQueue[LiteRTModel], root: Path, number: int, records: Sequence[ImageRecord]) -> _Answered:
    model = idle.get()
    try:
        photos = [_squashed(root, record, model.input_shape[0]) for record in records]
        bad = {place: photo for place, photo in enumerate(photos) if isinstance(photo, ImageError)}
        black = np.zeros(model.input_shape, np.uint8)
        batch = [black if isinstance(photo, ImageError) else photo for photo in photos]
        return _Answered(number, model.run(np.stack(batch)), bad)
    finally:
        idle.put(model)


def _squashed(root: Path, record: ImageRecord, size: int) -> Pixels | ImageError:
    try:
        return squash(read_photo_file(root / record.file).rgb, size)
    except ImageError as error:
        return ImageError(f"{record.file}: {error}")
