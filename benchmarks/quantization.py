"""What smaller number formats cost and save: the shipped models converted anew, on the validation photos.

- **float32**: as the converter writes it by itself;
- **float16**: weights as float16, computed in float32 once loaded;
- **int8 weights**: weights as int8, what flows between the layers quantized as it comes (dynamic range);
- **int8**: weights and what flows between the layers, with ranges measured on ``CALIBRATING`` train photos
  (Jacob et al., 2018, https://arxiv.org/abs/1712.05877).

No test photo is read. "Gain" is the change of top-1 in percentage points against float32 with its 95 % bootstrap
interval over whole groups of photos; times are of a photo at a time on two threads, the formats taking turns, as ratios
to float32.

    python -m benchmarks.quantization DIR [--rounds 5] [--json]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.answer_levers import measured
from benchmarks.shipped import shipped_models
from dermnet_core.artifacts import WEIGHTS, Artifact
from dermnet_core.config_json import from_dict
from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.scan import DatasetIndex, ImageRecord, scan
from dermnet_core.data.splits import groups
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.litert import LiteRTModel
from dermnet_core.models.zoo import load_model
from dermnet_core.outputs import BATCH
from dermnet_core.training.run import cut

CALIBRATING = 200
"""Train photos on which ranges are measured."""
_TIMED = 20
"""Photos of a round."""

Photos = NDArray[np.uint8]
Setting = Callable[[Any, Photos], None]


def _float16(converter: Any, photos: Photos) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]


def _int8_weights(converter: Any, photos: Photos) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]


def _int8(converter: Any, photos: Photos) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([photo[None].astype(np.float32)] for photo in photos)


FORMATS: Mapping[str, Setting] = {
    "float32": lambda converter, photos: None,
    "float16": _float16,
    "int8 weights": _int8_weights,
    "int8": _int8,
}
"""Name -> what it sets on the converter; the first is what the others are compared with."""


def main() -> int:
    """Print the table of both shipped models."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quantization", description="Smaller number formats.")
    parser.add_argument("data", type=Path, metavar="DIR", help="the photo folder the models were trained on")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of timing (5)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    index = scan(options.data)
    rows = [row for artifact in shipped_models(index) for row in measure(artifact, index, options.rounds)]
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


def measure(artifact: Artifact, index: DatasetIndex, rounds: int) -> list[dict[str, Any]]:
    """Return a row of figures for each format of a model."""
    recipe, classes = from_dict(artifact.card.recipe), artifact.card.classes
    train, records = cut(recipe, index.split("train"))
    calibrating = np.random.default_rng(0).permutation(len(train))[:CALIBRATING]
    shown = _photos(index.root, [train[place] for place in calibrating], artifact.card.image_size)
    photos = _photos(index.root, records, artifact.card.image_size)
    labels = np.array([classes.index(record.label) for record in records])
    group = np.unique(groups(records), return_inverse=True)[1]
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        keras_model = load_model(recipe.model, artifact.path(WEIGHTS))
        files = dict(convert(keras_model, shown, Path(folder)))
        models = {name: LiteRTModel(path) for name, path in files.items()}
        sizes = {name: path.stat().st_size for name, path in files.items()}
    seconds = timed(models, photos[:_TIMED], rounds)
    scores = {name: softmax(_logits(model, photos), artifact.card.temperature) for name, model in models.items()}
    before = Predictions(tuple(record.file for record in records), labels, scores["float32"], classes)
    return [
        {"model": artifact.card.title, "format": name, "bytes": sizes[name], "seconds": seconds[name]}
        | measured(scores[name], before.scores, before, group)
        for name in models
    ]


def convert(model: keras.Model, photos: Photos, folder: Path) -> Iterator[tuple[str, Path]]:
    """Write a LiteRT file of a network (photo in, logits out) in each format; yield names and files."""
    signature = tf.TensorSpec((1, *model.input.shape[1:]), tf.float32)
    answer = tf.function(lambda photo: model(photo, training=False), input_signature=[signature])
    for name, setting in FORMATS.items():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([answer.get_concrete_function()], model)
        converter.experimental_lower_to_saved_model = False  # freezes the weights, which calibration needs
        setting(converter, photos)
        path = folder / f"{name.replace(' ', '-')}.tflite"
        with warnings.catch_warnings():
            # Of int8: ranges come from the photos, and the input stays float32.
            warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected")
            path.write_bytes(converter.convert())
        yield name, path


def timed(models: Mapping[str, LiteRTModel], photos: Photos, rounds: int) -> dict[str, float]:
    """Return the seconds of a photo for each model, the median of the rounds; the models take turns."""
    times: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(rounds + 1):
        for name, model in models.items():
            begun = time.perf_counter()
            for photo in photos:
                model.run(photo[None])
            if turn:  # the first round warms up
                times[name].append((time.perf_counter() - begun) / len(photos))
    return {name: statistics.median(values) for name, values in times.items()}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows in Markdown."""
    lines = ["| model | format | MB | time | top-1 | gain |", "|---|---|--:|--:|--:|--:|"]
    base = {row["model"]: row["seconds"] for row in rows if row["format"] == "float32"}
    for row in rows:
        gain, low, high = (f"{100 * value:+.1f}" for value in row["gain"])
        ratio = row["seconds"] / base[row["model"]]
        lines.append(
            f"| {row['model']} | {row['format']} | {row['bytes'] / 1e6:.1f} | {ratio:.2f} | "
            f"{100 * row['top1']:.1f} | {gain} ({low} to {high}) |"
        )
    return "\n".join(lines)


def _photos(root: Path, records: list[ImageRecord], side: int) -> Photos:
    return np.stack([squash(read_photo_file(root / record.file).rgb, side) for record in records])


def _logits(model: LiteRTModel, photos: Photos) -> NDArray[np.float32]:
    starts = range(0, len(photos), BATCH)
    return np.concatenate([next(iter(model.run(photos[start : start + BATCH]).values())) for start in starts])


if __name__ == "__main__":
    sys.exit(main())
