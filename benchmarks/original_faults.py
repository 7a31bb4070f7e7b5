"""What each fault that could explain the original report's 2.45 % does to a model, made on purpose.

    python -m benchmarks.original_faults DIR ARTIFACT [ARTIFACT ...] [--photos N]

Loads the weights of each artifact (a run's folder ``artifact``, or assets/models/NAME), answers the test photos of DIR
with one fault at a time, and prints accuracy with a 95 % interval and the share of the answer given most often. Nothing
is chosen by these figures.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import WEIGHTS, Artifact, load_artifact
from dermnet_core.config_json import from_dict
from dermnet_core.data.pipeline import pixel_cache
from dermnet_core.data.scan import scan
from dermnet_core.models.zoo import load_model
from dermnet_core.paths import cache_dir

_BATCH = 32
_SHUFFLES = 1000
_Z = 1.96
Pixels = NDArray[np.uint8]
Row = tuple[str, float, float, float]


def main() -> int:
    """Print one table a model."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.original_faults", description="Faults on purpose.")
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("artifacts", nargs="+", type=Path, metavar="ARTIFACT")
    parser.add_argument("--photos", type=int, metavar="N", help="only so many test photos, drawn at random")
    options = parser.parse_args()
    records = list(scan(options.data, hashes=True).split("test"))
    if options.photos and options.photos < len(records):
        chosen = np.random.default_rng(0).permutation(len(records))[: options.photos]
        records = [records[i] for i in sorted(chosen)]
    for folder in options.artifacts:
        artifact = load_artifact(folder)
        pixels = pixel_cache(options.data, records, artifact.card.image_size, cache_dir() / "pixels")
        labels = np.array([artifact.card.classes.index(record.label) for record in records])
        print(
            f"\n{artifact.card.title} ({artifact.card.image_size} px), {len(labels):,} test photos; claimed: 2.45 %\n"
        )
        print("| fault | accuracy | 95 % interval | most frequent answer |\n|---|--:|--:|--:|")
        for name, accuracy, width, share in _rows(artifact, pixels, labels):
            print(f"| {name} | {100 * accuracy:.1f} | ± {100 * width:.1f} | {100 * share:.0f} % |", flush=True)
    return 0


def _rows(artifact: Artifact, pixels: Pixels, labels: NDArray[np.int64]) -> Iterator[Row]:
    model = load_model(from_dict(artifact.card.recipe).model, artifact.path(WEIGHTS))
    right = _answers(model, pixels, lambda x: x)
    yield _row("none", right, labels)
    yield from _label_orders(artifact.card.classes, right, labels)
    for name, change in _PREPROCESSING.items():
        yield _row(f"preprocessing: {name}", _answers(model, pixels, change), labels)
    yield from _batch_norm(model, artifact, pixels, labels)


def _label_orders(classes: tuple[str, ...], answers: NDArray[np.int64], labels: NDArray[np.int64]) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    other = np.argsort(rng.permutation(len(classes)))
    yield _row("labels: another order of the classes, one example", other[answers], labels)
    yield _mean(
        "labels: another order, mean of 1,000",
        [rng.permutation(len(classes))[answers] for _ in range(_SHUFFLES)],
        labels,
    )
    shift = (answers + 1) % len(classes)
    yield _row("labels: off by one", shift, labels)
    yield _mean(
        "test set shuffled, labels in order, mean of 1,000",
        [rng.permutation(answers) for _ in range(_SHUFFLES)],
        labels,
    )


_PREPROCESSING: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "rescaled twice": lambda x: x / 255.0,
    "not rescaled": lambda x: x * 255.0,
    "blue and red exchanged": lambda x: x[..., ::-1],
    "[-1, 1] for [0, 1] or the reverse": lambda x: 2.0 * x - 255.0,
}
"""What reaches the network, by what is fed to its rescaling layer."""


def _batch_norm(model: keras.Model, artifact: Artifact, pixels: Pixels, labels: NDArray[np.int64]) -> Iterator[Row]:
    batch = _answers(model, pixels, lambda x: x, training=True)
    yield _row("BatchNorm: statistics of the batch, dropout on", batch, labels)
    steps = int(sum(artifact.card.train_counts.values())) // _BATCH
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    trained = [(layer.moving_mean.numpy(), layer.moving_variance.numpy()) for layer in norms]
    lags = {
        "never updated": 1.0,
        f"momentum 0.999, {steps} steps": 0.999**steps,
        f"momentum 0.99, {steps} steps": 0.99**steps,
    }
    for name, left in lags.items():
        # What a moving average that began at mean 0 and variance 1 holds after so many steps.
        for layer, (mean, variance) in zip(norms, trained, strict=True):
            layer.moving_mean.assign((1.0 - left) * mean)
            layer.moving_variance.assign((1.0 - left) * variance + left)
        yield _row(f"BatchNorm: {name}", _answers(model, pixels, lambda x: x), labels)


def _answers(
    model: keras.Model,
    pixels: Pixels,
    change: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    training: bool = False,
) -> NDArray[np.int64]:
    found = []
    # Shuffled, so that a batch holds several classes; the answers come back in order.
    order = np.random.default_rng(0).permutation(len(pixels))
    for start in range(0, len(pixels), _BATCH):
        x = np.ascontiguousarray(change(np.asarray(pixels[np.sort(order[start : start + _BATCH])], np.float32)))
        found.append(np.argmax(np.asarray(model(x, training=training)), axis=1))
        print(f"\r{start + len(x):,} of {len(pixels):,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    answers = np.empty(len(pixels), np.int64)
    sorted_order = np.concatenate([np.sort(order[s : s + _BATCH]) for s in range(0, len(pixels), _BATCH)])
    answers[sorted_order] = np.concatenate(found)
    return answers


def _row(name: str, answers: NDArray[np.int64], labels: NDArray[np.int64]) -> Row:
    accuracy = float((answers == labels).mean())
    width = _Z * (accuracy * (1.0 - accuracy) / len(labels)) ** 0.5
    return name, accuracy, width, float(np.bincount(answers).max() / len(answers))


def _mean(name: str, answers: list[NDArray[np.int64]], labels: NDArray[np.int64]) -> Row:
    found = np.array([(one == labels).mean() for one in answers])
    share = float(np.bincount(answers[0]).max() / len(labels))
    return name, float(found.mean()), float(_Z * found.std()), share


if __name__ == "__main__":
    sys.exit(main())
