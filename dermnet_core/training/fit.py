"""Fit a model stage by stage."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dermnet_core.config import Distribution, StageConfig, TrainingConfig
from dermnet_core.data.augmentation import build_augmenter
from dermnet_core.data.pipeline import inference_batches, one_hot_labels, pixel_cache, training_batches
from dermnet_core.data.scan import ImageRecord
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.models.zoo import build_model, cut_point, load_model, set_trainable
from dermnet_core.training.cost import steps_per_epoch
from dermnet_core.training.epochs import Checkpoints, fit_epochs, save_weights
from dermnet_core.training.features import FrozenLayers
from dermnet_core.training.hints import HintedAnswers, build_hints, with_hints
from dermnet_core.training.optimizers import build_optimizer
from dermnet_core.training.progress import EventLog
from dermnet_core.training.start import starting_model
from dermnet_core.training.teacher import Teachers


@dataclass(frozen=True)
class TrainingData:
    """The photos of a run: where they are, how they are split, the label order and where pixels are cached."""

    root: Path
    classes: tuple[str, ...]
    train: Sequence[ImageRecord]
    validation: Sequence[ImageRecord]
    """Those of `chosen_by` that are not given back to train."""
    chosen_by: Sequence[ImageRecord]
    """All validation photos of the cut, those that a last fit gives back to train among them."""
    cache: Path

    def pixels(self, records: Sequence[ImageRecord], size: int) -> NDArray[np.uint8]:
        """Return decoded photos, uint8 (n, size, size, 3)."""
        return pixel_cache(self.root, records, size, self.cache)


def fit_stages(config: TrainingConfig, data: TrainingData, run_dir: Path, log: EventLog) -> keras.Model:
    """Train all stages and return the model at its serving size; stages that an earlier start finished are kept."""
    keras.utils.set_random_seed(config.seed)
    if keras.backend.backend() == "tensorflow":
        tf.config.experimental.enable_op_determinism()  # an interrupted run ends with the weights of a whole one
    checkpoints = run_dir / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    with _scope(config.distribution):
        return _fit_all(config, data, checkpoints, log)


def _scope(distribution: Distribution) -> AbstractContextManager[Any]:
    """Return where variables are made: once, or a copy for each accelerator."""
    if distribution == "none":
        return nullcontext()
    if keras.backend.backend() != "tensorflow":
        raise ConfigError(
            f"Expected KERAS_BACKEND=tensorflow for distribution {distribution!r}, found {keras.backend.backend()}. "
            'Change one of them; "none" trains on one accelerator.'
        )
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    scope: AbstractContextManager[Any] = tf.distribute.MirroredStrategy([device.name for device in devices]).scope()
    return scope


def _fit_all(config: TrainingConfig, data: TrainingData, checkpoints: Path, log: EventLog) -> keras.Model:
    previous: Path | None = None
    for number, stage in enumerate(config.stages, start=1):
        finished = checkpoints / f"stage{number}.weights.h5"
        if not finished.is_file():
            if previous is None:
                model = starting_model(config, stage.transfer.image_size)
            else:
                model = load_model(config.model, previous, stage.transfer.image_size)
            log.write(
                "stage", stage=number, stages=len(config.stages), name=stage.name, epochs=stage.fit.epochs,
                parameters=model.count_params(),
            )  # fmt: skip
            if stage.fit.epochs:
                _fit_stage(_Task(model, stage, number, config, data, checkpoints, log))
            for path in checkpoints.glob(f"stage{number}.*.npy"):
                path.unlink()  # gigabytes that only this stage needed
            save_weights(model, finished)
        previous = finished
    model = build_model(config.model, pretrained=False)
    model.load_weights(previous)
    return model


def best_so_far(config: TrainingConfig, run_dir: Path) -> keras.Model:
    """Return the model at its serving size with the best weights of the last stage that has finished an epoch.

    Raises:
        RunError: no epoch is finished.
    """
    checkpoints = run_dir / "checkpoints"
    model = build_model(config.model, pretrained=False)
    for number, stage in reversed(list(enumerate(config.stages, start=1))):
        finished, best = checkpoints / f"stage{number}.weights.h5", Checkpoints(checkpoints, number).best
        if finished.is_file():
            return load_model(config.model, finished)
        if best.is_file():
            _load_stage(model, stage, best, checkpoints / f"stage{number - 1}.weights.h5", config)
            return model
    raise RunError(f"Expected a finished epoch in {run_dir}, found none. Resume the run first.")


def class_weights(labels: NDArray[np.float32], kind: str) -> NDArray[np.float32]:
    """Return a weight a photo, mean 1: inverse class frequency ("balanced"), its root ("sqrt") or ones ("none")."""
    counts = np.maximum(labels.sum(axis=0), 1.0)
    power = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[kind]
    weights = labels @ (1.0 / counts) ** power
    return np.asarray(weights / weights.mean(), dtype=np.float32)


def split_stage(model: keras.Model, stage: StageConfig) -> tuple[keras.Model | None, keras.Model, keras.Model]:
    """Freeze what a stage does not train; return the layers that run once (None without stored activations), the model
    that is fitted on what they give, and the part of that which stays: without hints all of it. They share the model's
    weights.
    """
    whole = with_hints(model) if stage.hints.weight else model
    first = set_trainable(whole, stage.transfer)
    if not stage.transfer.activation_copies:
        return None, whole, model
    # Layers without trained weights or chance (pooling, frozen BatchNorm) give the same in every epoch: once will do.
    while not (whole.layers[first].trainable_weights or hasattr(whole.layers[first], "seed_generator")):
        first += 1
    cut = whole.layers[cut_point(whole, first)].output
    fitted = keras.Model(cut, whole.output)
    return keras.Model(whole.input, cut), fitted, fitted if whole is model else keras.Model(cut, model.output)


def epoch_batches(
    inputs: NDArray[np.generic],
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    stage: StageConfig,
    stored: bool,
    seed: int,
    epoch: int,
    teachers: Teachers | None = None,
    hints: NDArray[np.float16] | None = None,
) -> tf.data.Dataset:
    """Return the batches of one epoch of a stage, as `training_batches`; stored activations were augmented before."""
    augmenter = None if stored else build_augmenter(stage.augmentation, seed + 1000 * epoch)
    mixup = stage.augmentation.mixup
    return training_batches(
        inputs, labels, weights, stage.fit.batch_size, [seed, epoch], augmenter, mixup, copies=stored,
        targets=teachers.targets if teachers else None, hints=hints,
    )  # fmt: skip


def validation_batches(inputs: NDArray[np.generic], labels: NDArray[np.float32]) -> tf.data.Dataset:
    """Return batches of (inputs float32, labels) in their order."""
    return inference_batches(inputs, labels, 64)


def compile_stage(model: keras.Model, stage: StageConfig, steps: int, classes: int) -> None:
    """Give a model the optimizer, loss and metrics of a stage with so many steps an epoch."""
    smoothing = stage.fit.label_smoothing
    hinted = HintedAnswers(classes, stage.hints.weight, smoothing) if stage.hints.weight else None
    plain = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    model.compile(
        optimizer=build_optimizer(stage.fit, steps),
        loss=hinted.loss if hinted else plain,
        weighted_metrics=[],
        metrics=hinted.metrics() if hinted else ["accuracy"],
    )


def _load_stage(model: keras.Model, stage: StageConfig, best: Path, previous: Path, config: TrainingConfig) -> None:
    """Load the best weights of an unfinished stage; those of its frozen part come from the stage before."""
    if stage.transfer.activation_copies:
        if previous.is_file():
            model.load_weights(previous)
        else:  # what the first stage starts from does not depend on the size of the photos
            model.set_weights(starting_model(config).get_weights())
        split_stage(model, stage)[2].load_weights(best)
    else:
        model.load_weights(best)


@dataclass(frozen=True)
class _Task:
    """One stage of a run that is to be fitted."""

    model: keras.Model
    stage: StageConfig
    number: int
    config: TrainingConfig
    data: TrainingData
    checkpoints: Path
    log: EventLog

    @property
    def seed(self) -> int:
        return self.config.seed + 100 * self.number


def _fit_stage(task: _Task) -> None:
    if keras.backend.backend() == "jax":
        from dermnet_core.training import resident, xla  # they import JAX, which only this backend needs

        if resident.accelerated(task.stage):
            with xla.plain_convolutions():
                _fit_resident(task)
            return
    _fit_from_disk(task)


def _fit_from_disk(task: _Task) -> None:
    stage, data, seed = task.stage, task.data, task.seed
    prefix, fitted, kept = split_stage(task.model, stage)
    shown = _shown(task, prefix, FrozenLayers)
    weights = class_weights(one_hot_labels(data.train, data.classes), stage.fit.class_weights)

    def batches(epoch: int) -> tf.data.Dataset:
        return epoch_batches(
            shown.inputs, shown.targets, weights, stage, prefix is not None, seed, epoch, shown.teachers, shown.hints
        )

    compile_stage(fitted, stage, steps_per_epoch(stage, len(data.train)), task.config.model.classes)
    unseen = validation_batches(shown.validation, one_hot_labels(data.validation, data.classes))
    kept_epochs = Checkpoints(task.checkpoints, task.number)
    fit_epochs(fitted, kept, batches, unseen, stage.fit, kept_epochs, seed, task.log, task.number)


def _fit_resident(task: _Task) -> None:
    from dermnet_core.training.resident import DeviceLayers, Stored, fit_resident

    stage, data = task.stage, task.data
    prefix, fitted, kept = split_stage(task.model, stage)
    shown, labels = _shown(task, prefix, DeviceLayers), one_hot_labels(data.train, data.classes)
    weights = class_weights(labels, stage.fit.class_weights)
    unseen = one_hot_labels(data.validation, data.classes)
    stored = Stored(shown.inputs, shown.targets, weights, shown.hints, shown.validation, unseen)
    compile_stage(fitted, stage, steps_per_epoch(stage, len(data.train)), task.config.model.classes)
    fit_resident(
        fitted, kept, stage, stored, Checkpoints(task.checkpoints, task.number), task.seed, task.log, task.number
    )


@dataclass(frozen=True)
class _Shown:
    """What a stage sees and is to say; of stored copies there is one row a copy."""

    inputs: NDArray[np.generic]
    targets: NDArray[np.float32]
    validation: NDArray[np.generic]
    teachers: Teachers | None = None
    """Who have not answered yet."""
    hints: NDArray[np.float16] | None = None


def _shown(task: _Task, prefix: keras.Model | None, frozen: Callable[[keras.Model, int], Any]) -> _Shown:
    """Return what a stage sees; ``frozen`` makes `FrozenLayers`, or an accelerator's, of a network and a seed."""
    config, stage, data = task.config, task.stage, task.data
    size, labels = stage.transfer.image_size or config.model.image_size, one_hot_labels(data.train, data.classes)
    photos, unseen = data.pixels(data.train, size), data.pixels(data.validation, size)
    teachers = Teachers(config.distillation, size) if config.distillation else None
    if prefix is None:
        return _Shown(photos, labels, unseen, teachers)

    def stored(layers: Any, seen: NDArray[np.uint8], copies: int, name: str) -> NDArray[np.float16]:
        """Return what layers make of augmented copies, (copies, n, ...); 0 copies: of the photos as they are."""
        augmentation, path = stage.augmentation if copies else None, task.checkpoints / f"stage{task.number}.{name}.npy"
        progress = task.log.progress("extract", stage=task.number)
        found: NDArray[np.float16] = layers.store(seen, max(1, copies), augmentation, path, progress)
        return found

    # Before anything is stored, which takes minutes: its weights may be out of reach.
    hinting = build_hints(stage.hints, task.model) if stage.hints.weight else None
    # The same seed draws the same copies for every network, so that all see what the student sees.
    layers, copies = frozen(prefix, task.seed), stage.transfer.activation_copies
    inputs, validation = stored(layers, photos, copies, "train"), stored(layers, unseen, 0, "validation")[0]
    del layers  # the interpreters of one network at a time are enough in memory
    if teachers:
        seen = data.pixels(data.train, teachers.image_size)
        answers = [
            stored(frozen(each, task.seed), seen, copies, f"answers{place}")
            for place, each in enumerate(teachers.models)
        ]
        labels = teachers.blend([np.asarray(each) for each in answers], labels)
    hints = None
    if hinting:
        seen = data.pixels(data.train, stage.hints.image_size)
        hints = stored(frozen(hinting, task.seed), seen, copies, "hints")
    return _Shown(inputs, labels, validation, hints=hints)
