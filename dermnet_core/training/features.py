"""Run the frozen layers once: activations of augmented copies, stored on disk as float16 memory maps."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dermnet_core.config import AugmentationConfig
from dermnet_core.data.augmentation import RandomChanges, build_augmenter
from dermnet_core.data.pipeline import release
from dermnet_core.export import convert_frozen
from dermnet_core.litert import LiteRTModel

_BATCH = 4
"""Activations of so few photos stay in the processor's cache: a quarter less time than with 32."""
_RELEASE_EVERY = 16
"""Batches after which read and written pages are let go of."""

Progress = Callable[[int, int], None]
Augment = Callable[[NDArray[np.float32], int], NDArray[np.float32]]


class FrozenLayers:
    """The layers of a stage that do not learn: they need no gradients, and LiteRT runs them several times faster.

    Each processor has a thread with an interpreter and an augmentation of its own. What a copy of a photo looks like
    follows from the seed and the number of its batch alone, whichever thread is faster and however many there are.

    Args:
        prefix: photos (n, s, s, 3) in, activations (n, ...) out.
        seed: of the augmentation.
    """

    def __init__(self, prefix: keras.Model, seed: int) -> None:
        self._prefix, self._seed = prefix, seed
        self._interpreters: list[LiteRTModel] = []

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
                for done in self._fill(stored, photos, augmentation, path.parent):
                    progress(done, copies * len(photos))
                stored.flush()
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        activations: NDArray[np.float16] = np.load(path, mmap_mode="r")
        return activations

    def _fill(
        self,
        stored: NDArray[np.float16],
        photos: NDArray[np.uint8],
        augmentation: AugmentationConfig | None,
        folder: Path,
    ) -> Iterator[int]:
        """Write the activations of all copies batch by batch; yield how many are done."""
        free: SimpleQueue[tuple[LiteRTModel, Augment]] = SimpleQueue()
        for interpreter in self._load(folder):
            free.put((interpreter, augmenting(augmentation, self._seed, photos.shape[1])))
        starts = range(0, len(photos), _BATCH)

        def work(number: int) -> int:
            copy, place = divmod(number, len(starts))
            part = slice(starts[place], starts[place] + _BATCH)
            interpreter, augment = free.get()
            try:
                (values,) = interpreter.run(augment(photos[part].astype(np.float32), number)).values()
            finally:
                free.put((interpreter, augment))
            stored[copy, part] = values
            return len(values)

        done = 0
        with _threads(free.qsize()) as pool:
            for number, count in enumerate(pool.map(work, range(len(stored) * len(starts)))):
                done += count
                if number % _RELEASE_EVERY == 0:
                    release(stored)
                    release(photos)
                yield done

    def _load(self, folder: Path) -> list[LiteRTModel]:
        """Return an interpreter of one thread for each processor: faster than one of several threads."""
        if not self._interpreters:
            path = folder / f".frozen.{os.getpid()}.tflite"
            convert_frozen(self._prefix, path)
            try:
                self._interpreters = [LiteRTModel(path, threads=1) for _ in range(os.cpu_count() or 1)]
            finally:
                path.unlink()
        return self._interpreters


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads that drop what they have not begun when the work ends early."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def augmenting(config: AugmentationConfig | None, seed: int, size: int) -> Augment:
    """Return a function of (photos, number of the batch) for one thread."""
    augmenter = build_augmenter(config, seed) if config else None
    if augmenter is None:
        return lambda photos, number: photos
    traced = _traced(augmenter, size)

    def augment(photos: NDArray[np.float32], number: int) -> NDArray[np.float32]:
        augmenter.begin_batch(seed, number)
        return np.asarray(traced(photos))

    return augment


def _traced(augmenter: RandomChanges, size: int) -> Callable[[NDArray[np.float32]], Any]:
    def augment(batch: Any) -> Any:
        return augmenter(batch, training=True)

    if keras.backend.backend() != "tensorflow":
        return augment
    signature = [tf.TensorSpec((None, size, size, 3), tf.float32)]
    traced: Callable[[NDArray[np.float32]], Any] = tf.function(augment, input_signature=signature)
    return traced
