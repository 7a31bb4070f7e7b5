"""Run the frozen layers once: activations of augmented copies, stored on disk as float16 memory maps."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dermnet_core.config import AugmentationConfig
from dermnet_core.data.augmentation import build_augmenter
from dermnet_core.export import export_litert
from dermnet_core.litert import LiteRTModel

_BATCH = 32


def store_activations(
    prefix: keras.Model,
    photos: NDArray[np.uint8],
    copies: int,
    augmentation: AugmentationConfig | None,
    seed: int,
    path: Path,
    progress: Callable[[int, int], None],
) -> NDArray[np.float16]:
    """Return the frozen layers' output for augmented copies of the photos.

    Args:
        prefix: the frozen layers, photos (n, s, s, 3) in, activations (n, h, w, c) out.
        photos: uint8 (n, s, s, 3).
        copies: how many augmented copies of each photo.
        augmentation: random changes, a fresh draw for every copy; None for the photos as they are.
        seed: of the augmentation.
        path: where the map is kept; an existing file is used as it is.
        progress: called with the number of activations done and of all.

    Returns:
        A read-only memory map, float16 (copies, n, h, w, c).
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            _compute(prefix, photos, copies, augmentation, seed, temporary, progress)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    activations: NDArray[np.float16] = np.load(path, mmap_mode="r")
    return activations


def _compute(
    prefix: keras.Model,
    photos: NDArray[np.uint8],
    copies: int,
    augmentation: AugmentationConfig | None,
    seed: int,
    path: Path,
    progress: Callable[[int, int], None],
) -> None:
    shape = (copies, len(photos), *prefix.output.shape[1:])
    stored = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    frozen = _as_litert(prefix, path.with_suffix(".tflite"))
    for copy in range(copies):
        for start, batch in _batches(photos, augmentation, seed + copy):
            stored[copy, start : start + len(batch)] = frozen.run(batch)["activations"]
            progress(copy * len(photos) + start + len(batch), copies * len(photos))
    stored.flush()


def _as_litert(prefix: keras.Model, path: Path) -> LiteRTModel:
    # Layers that do not learn need no gradients, and LiteRT runs them several times faster than Keras on a CPU.
    export_litert(prefix, {"activations": prefix.output}, path)
    try:
        return LiteRTModel(path, threads=os.cpu_count() or 1)
    finally:
        path.unlink()


def _batches(
    photos: NDArray[np.uint8], augmentation: AugmentationConfig | None, seed: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    augmenter = build_augmenter(augmentation, seed) if augmentation else None
    augment = tf.function(lambda batch: augmenter(batch, training=True)) if augmenter else None
    for start in range(0, len(photos), _BATCH):
        batch = photos[start : start + _BATCH].astype(np.float32)
        yield start, batch if augment is None else augment(batch).numpy()
