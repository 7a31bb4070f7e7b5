"""Feed photos to training: decoded pixels cached on disk as a memory map, then tf.data with prefetch."""

import hashlib
import math
import mmap
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.scan import ImageRecord, Progress
from dermnet_core.errors import DatasetError

Targets = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""A function of photos (n, s, s, 3) and labels (n, classes) that gives what to learn instead of the labels."""


def pixel_cache(
    root: Path, records: Sequence[ImageRecord], size: int, folder: Path, progress: Progress | None = None
) -> NDArray[np.uint8]:
    """Return the photos as a read-only memory map, uint8 (n, size, size, 3), decoding them at the first call.

    The map is written to a temporary name and renamed; its name is a digest of the photos and the size.

    Raises:
        ImageError: a photo cannot be read.
        DatasetError: the cache cannot be written.
    """
    digest = hashlib.sha256("".join(f"{r.file}\0{r.sha256}\n" for r in records).encode()).hexdigest()[:16]
    path = folder / f"pixels-{size}-{digest}.npy"
    if not path.is_file():
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _decode_all(root, records, size, temporary, progress)
            temporary.replace(path)
        except OSError as error:
            raise DatasetError(
                f"Expected room for decoded photos in {folder}, found: {error}. Free space or set DERMNET_CACHE_DIR."
            ) from error
        finally:
            temporary.unlink(missing_ok=True)
    pixels: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return pixels


def one_hot_labels(records: Sequence[ImageRecord], classes: Sequence[str]) -> NDArray[np.float32]:
    """Return one row a photo in class order, float32 (n, classes)."""
    position = {label: i for i, label in enumerate(classes)}
    return np.eye(len(classes), dtype=np.float32)[[position[record.label] for record in records]]


def training_batches(
    inputs: NDArray[np.generic],
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    batch_size: int,
    seed: int | Sequence[int],
    augmenter: keras.Layer | None = None,
    mixup: float = 0.0,
    *,
    copies: bool = False,
    targets: Targets | None = None,
    hints: NDArray[np.float16] | None = None,
) -> tf.data.Dataset:
    """Return the shuffled batches of one epoch, (inputs float32, labels, sample weights).

    The same seed and a fresh augmenter of the same seed give the same batches again.

    Args:
        inputs: photos (n, ...), or augmented copies of them (copies, n, ...).
        labels: (n, classes) one-hot, or what to learn of each copy (copies, n, classes).
        weights: (n,) sample weights.
        batch_size: photos in a batch; an incomplete last batch is dropped when there is more than one.
        seed: of the order, the copies and MixUp; another one for each epoch.
        augmenter: applied to each batch on the fly.
        mixup: alpha of MixUp, 0 for none.
        copies: ``inputs`` holds copies; one is drawn at random for each photo.
        targets: replaces the labels of augmented photos by others, before MixUp.
        hints: (copies, n, ...) what else to learn of each copy, flattened behind its labels.
    """
    count = int(labels.shape[-2])
    width = int(labels.shape[-1]) + (math.prod(hints.shape[2:]) if hints is not None else 0)
    random = np.random.default_rng(seed)

    def read(items: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rows = np.sort(items)
        order = np.argsort(np.argsort(items))
        places = (random.integers(len(inputs), size=len(rows)), rows) if copies else (rows,)
        chosen, given = inputs[places], labels[places[-labels.ndim + 1 :]]
        release(inputs)
        if hints is not None:
            given = np.concatenate([given, hints[places].reshape(len(rows), -1)], axis=1, dtype=np.float32)
            release(hints)
        return np.asarray(chosen[order], dtype=np.float32), given[order]

    def load(items: tf.Tensor, share: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        photos, given = tf.numpy_function(read, [items], [tf.float32, tf.float32])
        photos = tf.ensure_shape(photos, (None, *inputs.shape[2 if copies else 1 :]))
        return photos, tf.ensure_shape(given, (None, width)), tf.gather(weights, items), share

    order, shares = random.permutation(count), random.beta(mixup or 1.0, mixup or 1.0, count).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices((order, shares))
    # Nothing below runs in parallel with itself: random numbers are drawn in the order of the batches.
    dataset = dataset.batch(batch_size, drop_remainder=count > batch_size).map(load)
    if augmenter is not None:
        augment = _augment(augmenter)
        dataset = dataset.map(lambda x, y, w, share: (augment(x), y, w, share))
    if targets is not None:
        dataset = dataset.map(lambda x, y, w, share: (x, _replaced(targets, x, y), w, share))
    return _untuned(dataset.map(_mixed if mixup else lambda x, y, w, share: (x, y, w)).prefetch(2))


def inference_batches(inputs: NDArray[np.generic], labels: NDArray[np.float32], batch_size: int) -> tf.data.Dataset:
    """Return batches of (inputs float32, labels) in their order."""

    def read(items: NDArray[np.int64]) -> NDArray[np.float32]:
        values = np.array(inputs[items], dtype=np.float32)
        release(inputs)
        return values

    def load(items: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        photos = tf.ensure_shape(tf.numpy_function(read, [items], tf.float32), (None, *inputs.shape[1:]))
        return photos, tf.gather(labels, items)

    return _untuned(tf.data.Dataset.range(len(labels)).batch(batch_size).map(load).prefetch(2))


def release(values: NDArray[np.generic]) -> None:
    """Let go of the pages of a memory map: they would count as memory of this process, gigabytes after one epoch.

    What was written stays, and what is read again comes from the system's file cache.
    """
    pages = getattr(values, "_mmap", None)
    if pages is not None and hasattr(mmap, "MADV_DONTNEED"):
        pages.madvise(mmap.MADV_DONTNEED)


def _decode_all(root: Path, records: Sequence[ImageRecord], size: int, path: Path, progress: Progress | None) -> None:
    shape = (len(records), size, size, 3)
    pixels = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = pool.map(lambda record: squash(read_photo_file(root / record.file).rgb, size), records)
        for done, rgb in enumerate(decoded):
            pixels[done] = rgb
            if progress:
                progress(done + 1, len(records))
    pixels.flush()


def _augment(augmenter: keras.Layer) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the augmentation as a step of tf.data; layers of another backend cannot be traced by TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        return lambda photos: augmenter(photos, training=True)

    def outside(photos: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(augmenter(photos, training=True), dtype=np.float32)

    return lambda photos: tf.ensure_shape(tf.numpy_function(outside, [photos], tf.float32), photos.shape)


def _replaced(targets: Targets, photos: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    return tf.ensure_shape(tf.numpy_function(targets, [photos, labels], tf.float32), labels.shape)


def _untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Leave a dataset as it is written: the thread that tunes others would hold up the end of each epoch by as much as
    half a minute, until it has slept long enough.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _mixed(x: tf.Tensor, y: tf.Tensor, w: tf.Tensor, share: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Blend each example with its neighbour in the batch (Zhang et al., 2018, https://arxiv.org/abs/1710.09412)."""

    def blend(values: tf.Tensor) -> tf.Tensor:
        part = tf.reshape(share, [-1] + [1] * (len(values.shape) - 1))
        return part * values + (1.0 - part) * tf.roll(values, 1, 0)

    return blend(x), blend(y), blend(w)
