"""Time a few steps of each stage of a recipe on noise: ``python -m dermnet_core.training.probe < RECIPE.json``.

Prints one JSON object; `cost.probe` reads it and scales it up.
"""

import json
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermnet_core.config import StageConfig, TrainingConfig
from dermnet_core.config_json import from_dict
from dermnet_core.errors import DermnetError
from dermnet_core.export import export_litert, serving_outputs
from dermnet_core.litert import LiteRTModel
from dermnet_core.models.zoo import build_model
from dermnet_core.training.features import FrozenLayers
from dermnet_core.training.fit import compile_stage, epoch_batches, split_stage, validation_batches
from dermnet_core.training.hints import build_hints
from dermnet_core.training.teacher import Teachers

_STEPS = 4
_SERVED = 16


def measure(config: TrainingConfig) -> dict[str, Any]:
    """Return seconds a step, a validation photo and a stored photo of each stage, and the memory that it took."""
    started = time.perf_counter()
    stages = [_stage(config, number) for number in range(len(config.stages))]
    serving = _serving(config)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "stages": stages,
        "serving_seconds": serving,
        "start_seconds": time.perf_counter() - started,  # building and tracing happen in the run as well
        "memory_bytes": peak * (1 if sys.platform == "darwin" else 1024),
    }


def _stage(config: TrainingConfig, number: int) -> dict[str, float]:
    stage = config.stages[number]
    count, size = _STEPS * stage.fit.batch_size, stage.transfer.image_size or config.model.image_size
    photos = _noise(count, size)
    labels = np.eye(config.model.classes, dtype=np.float32)[np.arange(count) % config.model.classes]
    # Random weights: nothing is downloaded, and the time is the same.
    model = build_model(config.model, size, pretrained=False)
    prefix, fitted, _kept = split_stage(model, stage)
    inputs, extract, stored = _stored(prefix, stage, photos) if prefix else (photos, 0.0, 0)
    teachers, targets = Teachers(config.distillation, size) if config.distillation else None, labels
    if prefix and teachers:
        shown = _noise(count, teachers.image_size)
        answers, seconds, _ = zip(*(_stored(model, stage, shown) for model in teachers.models), strict=True)
        extract, targets, teachers = extract + sum(seconds), teachers.blend(answers, labels), None
    hints = None
    if stage.hints.weight:
        teacher, seen = build_hints(stage.hints, model, pretrained=False), _noise(count, stage.hints.image_size)
        hints, more_seconds, more_bytes = _stored(teacher, stage, seen)
        extract, stored = extract + more_seconds, stored + more_bytes
    compile_stage(fitted, stage, _STEPS, config.model.classes)

    def epoch(epochs: int) -> float:
        begun = time.perf_counter()
        for i in range(epochs):
            weights = np.ones(count, np.float32)
            batches = epoch_batches(inputs, targets, weights, stage, bool(prefix), 0, i, teachers, hints)
            fitted.fit(batches, shuffle=False, verbose=0)
        return time.perf_counter() - begun

    epoch(1)  # traces
    step = epoch(2) / (2 * _STEPS)
    return {
        "step_seconds": step,
        "validation_seconds": _validating(fitted, inputs[0] if prefix else inputs, labels),
        "extract_seconds": extract,
        "activation_bytes": stored,
    }


def _noise(count: int, size: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def _stored(prefix: keras.Model, stage: StageConfig, photos: Any) -> tuple[Any, float, int]:
    frozen = FrozenLayers(prefix, 0)
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:

        def run(name: str) -> Any:
            return np.array(frozen.store(photos, 1, stage.augmentation, Path(folder) / name, lambda done, total: None))

        run("first.npy")  # exports the layers
        begun = time.perf_counter()
        stored = run("again.npy")
    return stored, (time.perf_counter() - begun) / len(photos), int(stored[0, 0].nbytes)


def _validating(trained: keras.Model, inputs: Any, labels: Any) -> float:
    batches = validation_batches(inputs, labels)
    trained.evaluate(batches, verbose=0)
    begun = time.perf_counter()
    trained.evaluate(batches, verbose=0)
    return (time.perf_counter() - begun) / len(labels)


def _serving(config: TrainingConfig) -> float:
    model = build_model(config.model, pretrained=False)
    size = config.model.image_size
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        path = Path(folder) / "model.tflite"
        export_litert(model, serving_outputs(model), path)
        served = LiteRTModel(path)
    photos = np.zeros((_SERVED, size, size, 3), np.float32)
    served.run(photos)
    begun = time.perf_counter()
    served.run(photos)
    return (time.perf_counter() - begun) / _SERVED


def main() -> int:
    """Measure the recipe on standard input."""
    try:
        config = from_dict(json.load(sys.stdin))
        if config.mobilenet_v2:
            config = replace(config, mobilenet_v2=replace(config.mobilenet_v2, weights=None))
        print(json.dumps(measure(config)))
    except (DermnetError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
