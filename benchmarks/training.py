"""Time to train the original report's MobileNetV2 recipe: the plain way beside ours.

    python -m benchmarks.training --data DIR --weights FILE [--photos N] [--epochs N]

Two stages at 224 px: the head on a frozen base, then the last 30 layers at a low rate with BatchNorm frozen. Plain is
what anybody writes: decoded photos in memory, Keras's augmentation layers in tf.data, `model.fit` with the base run in
every epoch. Ours is `train --preset original`: the frozen layers run once over augmented copies, the rest trains on
what they gave. Each side trains in a process of its own, from the same weights, split and decoded photos, without
early stopping; times hold augmentation, stored activations and validation after each epoch (on a tenth of --photos).
Accuracy is that of the final weights on the whole validation split.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dermnet_core.config import StageConfig, TrainingConfig
from dermnet_core.data.scan import scan
from dermnet_core.paths import ROOT
from dermnet_core.training.jobs import Run
from dermnet_core.training.presets import preset, with_classes, with_weights

TIMES_FASTER = (20.0, 1.7)
POINTS = 1.5
MEMORY_GB = 2.5
SIDES = ("plain", "ours")


def main() -> int:
    """Run both sides, print the table and return 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description="Training MobileNetV2.")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR")
    parser.add_argument("--weights", required=True, type=Path, metavar="FILE", help="ImageNet weights of MobileNetV2")
    parser.add_argument("--photos", type=int, metavar="N", help="training photos (all)")
    parser.add_argument("--epochs", type=int, default=10, help="of each stage (10)")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(_train(options)))
        return 0
    found = {side: _child(side) for side in SIDES}
    return _report(found, options)


def _child(side: str) -> dict[str, Any]:
    print(f"{side} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "benchmarks.training", *sys.argv[1:], "--side", side]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{side}: {answer}", file=sys.stderr, flush=True)
    return answer


def _report(found: dict[str, dict[str, Any]], options: argparse.Namespace) -> int:
    plain, ours = found["plain"], found["ours"]
    print(f"\n{ours['photos']:,} training photos, {options.epochs} epochs a stage, 224 px, batch 32\n")
    print("| | plain | ours | ratio | target |\n|---|--:|--:|--:|--:|")
    good = True
    for stage, target in enumerate(TIMES_FASTER):
        ratio = plain["seconds"][stage] / ours["seconds"][stage]
        good &= ratio >= target
        times = f"{plain['seconds'][stage]:.0f} s | {ours['seconds'][stage]:.0f} s"
        print(f"| stage {stage + 1} | {times} | {ratio:.1f} | {target:.1f} |")
    points = 100 * (ours["accuracy"] - plain["accuracy"])
    accuracies = f"{100 * plain['accuracy']:.1f} % | {100 * ours['accuracy']:.1f} %"
    print(f"| validation accuracy, n = {ours['n']} | {accuracies} | {points:+.1f} points | {-POINTS:.1f} |")
    print(f"| peak memory | {plain['gb']:.2f} GB | {ours['gb']:.2f} GB | | {MEMORY_GB} GB |")
    return int(not (good and points >= -POINTS and ours["gb"] < MEMORY_GB))


def _train(options: argparse.Namespace) -> dict[str, Any]:
    import keras  # TensorFlow takes seconds, which the parent can do without

    from dermnet_core.training.run import split_data

    index = scan(options.data)
    config = _recipe(options, len(index.classes))
    data = split_data(Run(Path(), config, options.data), index)
    rng = np.random.default_rng(0)
    photos = min(options.photos or len(data.train), len(data.train))
    chosen = sorted(rng.permutation(len(data.train))[:photos])
    part = sorted(rng.permutation(len(data.validation))[: max(1, photos // 10)])
    limited = replace(data, train=[data.train[i] for i in chosen], validation=[data.validation[i] for i in part])
    size = config.model.image_size
    for records in (limited.train, limited.validation, data.validation):
        data.pixels(records, size)  # decoded before the clock starts, for both
    keras.utils.set_random_seed(config.seed)
    model, seconds = {"plain": _plain, "ours": _ours}[options.side](config, limited)
    labels = np.array([data.classes.index(record.label) for record in data.validation])
    logits = model.predict(np.asarray(data.pixels(data.validation, size)), batch_size=32, verbose=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "seconds": seconds, "accuracy": float((logits.argmax(1) == labels).mean()), "n": len(labels),
        "photos": photos, "gb": peak / 1e9,
    }  # fmt: skip


def _recipe(options: argparse.Namespace, classes: int) -> TrainingConfig:
    config = with_weights(with_classes(preset("mobilenet_v2", "original"), classes), options.weights)

    def whole(stage: StageConfig) -> StageConfig:
        return replace(stage, fit=replace(stage.fit, epochs=options.epochs, early_stopping_patience=0))

    return replace(config, stages=tuple(whole(stage) for stage in config.stages))


def _ours(config: TrainingConfig, data: Any) -> tuple[Any, list[float]]:
    from dermnet_core.training.fit import fit_stages
    from dermnet_core.training.progress import EventLog, read_events

    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        run = Path(folder)
        model = fit_stages(config, data, run, EventLog(run))
        events = read_events(run)
    begun = [event["time"] for event in events if event["event"] == "stage"]
    ended = {event["stage"]: event["time"] for event in events if event["event"] == "epoch"}
    return model, [ended[number] - start for number, start in enumerate(begun, start=1)]


def _plain(config: TrainingConfig, data: Any) -> tuple[Any, list[float]]:
    import tensorflow as tf
    from keras import layers

    from dermnet_core.data.pipeline import one_hot_labels
    from dermnet_core.models.zoo import build_model, set_trainable
    from dermnet_core.training.fit import class_weights, compile_stage

    size = config.model.image_size
    labels = one_hot_labels(data.train, data.classes)
    weights = class_weights(labels, config.stages[0].fit.class_weights)
    change = config.stages[0].augmentation
    augment = tf.keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(change.rotation),
            layers.RandomZoom(change.zoom),
            layers.RandomContrast(change.contrast, value_range=(0, 255)),
        ]
    )
    train = tf.data.Dataset.from_tensor_slices((np.asarray(data.pixels(data.train, size)), labels, weights))
    train = train.shuffle(len(labels)).batch(32)
    train = train.map(lambda x, y, w: (augment(x, training=True), y, w), tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    unseen = one_hot_labels(data.validation, data.classes)
    validation = tf.data.Dataset.from_tensor_slices((np.asarray(data.pixels(data.validation, size)), unseen)).batch(32)
    model, seconds = build_model(config.model), []
    for stage in config.stages:
        set_trainable(model, stage.transfer)
        compile_stage(model, stage, len(train), config.model.classes)
        begun = time.perf_counter()
        model.fit(train, validation_data=validation, epochs=stage.fit.epochs, shuffle=False, verbose=0)
        seconds.append(time.perf_counter() - begun)
    return model, seconds


if __name__ == "__main__":
    sys.exit(main())
