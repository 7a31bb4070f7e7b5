"""Run the frozen layers once: activations of augmented copies, stored on disk as float16 memory maps."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dermnet_core.config import AugmentationConfig
from dermnet_core.data.augmentation import build_augmenter
from dermnet_core.data.pipeline import release
from dermnet_core.export import export_litert
from dermnet_core.litert import LiteRTModel

_BATCH = 32
Progress = Callable[[int, int], None]


class FrozenLayers:
    """The layers of a stage that do not learn: they need no gradients, and LiteRT runs them several times faster.

    Args:
        prefix: photos (n, s, s, 3) in, activations (n, ...) out.
        seed: of the augmentation.
    """

    def __init__(self, prefix: keras.Model, seed: int) -> None:
        self._prefix, self._seed = prefix, seed
        self._litert: LiteRTModel | None = None

    def store(
        self,
        photos: NDArray[np.uint8],
        copies: int,
        augmentation: AugmentationConfig | None,
        path: Path,
        progress: Progress,
    ) -> NDArray[np.float16]:
        """Return the output for augmented copies of the photos.

        Args:
            photos: uint8 (n, s, s, 3).
            copies: how many augmented copies of each photo.
            augmentation: random changes, a fresh draw for every copy; None for the photos as they are.
            path: where the map is kept; an existing file is used as it is.
            progress: called with the number of activations done and of all.

        Returns:
            A read-only memory map, float16 (copies, n, ...).
        """
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            try:
                shape = (copies, len(photos), *self._prefix.output.shape[1:])
                stored = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float16, shape=shape)
                for copy, start, values in self._run(photos, copies, augmentation, path.parent):
                    stored[copy, start : start + len(values)] = values
                    release(stored)
                    progress(copy * len(photos) + start + len(values), copies * len(photos))
                stored.flush()
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        activations: NDArray[np.float16] = np.load(path, mmap_mode="r")
        return activations

    def _run(
        self, photos: NDArray[np.uint8], copies: int, augmentation: AugmentationConfig | None, folder: Path
    ) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
        """Yield (copy, number of the first photo, activations) for each batch."""
        if self._litert is None:
            self._litert = _as_litert(self._prefix, folder / f".frozen.{os.getpid()}.tflite")
        for copy in range(copies):
            for start, batch in _batches(photos, augmentation, self._seed + copy):
                yield copy, start, self._litert.run(batch)["activations"]


def _as_litert(prefix: keras.Model, path: Path) -> LiteRTModel:
    export_litert(prefix, {"activations": prefix.output}, path)
    try:
        return LiteRTModel(path, threads=os.cpu_count() or 1)
    finally:
        path.unlink()


def _batches(
    photos: NDArray[np.uint8], augmentation: AugmentationConfig | None, seed: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    augmenter = build_augmenter(augmentation, seed) if augmentation else None
    augment = _traced(augmenter) if augmenter else None
    for start in range(0, len(photos), _BATCH):
        batch = photos[start : start + _BATCH].astype(np.float32)
        release(photos)
        yield start, batch if augment is None else np.asarray(augment(batch))


def _traced(augmenter: keras.Sequential) -> Callable[[NDArray[np.float32]], Any]:
    def augment(batch: NDArray[np.float32]) -> Any:
        return augmenter(batch, training=True)

    return tf.function(augment) if keras.backend.backend() == "tensorflow" else augment
