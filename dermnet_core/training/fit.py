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

from dermnet_core.config import Distribution, FitConfig, StageConfig, TrainingConfig
from dermnet_core.data.augmentation import build_augmenter
from dermnet_core.data.pipeline import inference_batches, one_hot_labels, pixel_cache, training_batches
from dermnet_core.data.scan import ImageRecord
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.models.zoo import build_model, cut_point, load_model, set_trainable
from dermnet_core.training.cost import steps_per_epoch
from dermnet_core.training.epochs import Checkpoints, fit_epochs, save_weights
from dermnet_core.training.features import FrozenLayers
from dermnet_core.training.optimizers import build_optimizer
from dermnet_core.training.progress import EventLog, Throttled
from dermnet_core.training.teacher import Teachers


@dataclass(frozen=True)
class TrainingData:
    """The photos of a run: where they are, how they are split, the label order and where pixels are cached."""

    root: Path
    classes: tuple[str, ...]
    train: Sequence[ImageRecord]
    validation: Sequence[ImageRecord]
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
            model = build_model(config.model, stage.transfer.image_size, pretrained=previous is None)
            if previous is not None:
                model.load_weights(previous)
            log.write(
                "stage", stage=number, stages=len(config.stages), name=stage.name, epochs=stage.fit.epochs,
                parameters=model.count_params(),
            )  # fmt: skip
            _fit_stage(model, stage, number, config, data, checkpoints, log)
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


def split_stage(model: keras.Model, stage: StageConfig) -> tuple[keras.Model | None, keras.Model]:
    """Freeze what a stage does not train; return the layers that run once (None without stored activations) and the
    model that is fitted. They share the model's weights.
    """
    first = set_trainable(model, stage.transfer)
    if not stage.transfer.activation_copies:
        return None, model
    # Layers without trained weights or chance (pooling, frozen BatchNorm) give the same in every epoch: once will do.
    while not (model.layers[first].trainable_weights or hasattr(model.layers[first], "seed_generator")):
        first += 1
    cut = model.layers[cut_point(model, first)]
    return keras.Model(model.input, cut.output), keras.Model(cut.output, model.output)


def epoch_batches(
    inputs: NDArray[np.generic],
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    stage: StageConfig,
    stored: bool,
    seed: int,
    epoch: int,
    teachers: Teachers | None = None,
) -> tf.data.Dataset:
    """Return the batches of one epoch of a stage, as `training_batches`; stored activations were augmented before."""
    augmenter = None if stored else build_augmenter(stage.augmentation, seed + 1000 * epoch)
    mixup = stage.augmentation.mixup
    return training_batches(
        inputs, labels, weights, stage.fit.batch_size, [seed, epoch], augmenter, mixup, copies=stored,
        targets=teachers.targets if teachers else None,
    )  # fmt: skip


def validation_batches(inputs: NDArray[np.generic], labels: NDArray[np.float32]) -> tf.data.Dataset:
    """Return batches of (inputs float32, labels) in their order."""
    return inference_batches(inputs, labels, 64)


def compile_stage(model: keras.Model, fit: FitConfig, steps: int) -> None:
    """Give a model the optimizer, loss and metric of a stage with so many steps an epoch."""
    model.compile(
        optimizer=build_optimizer(fit, steps),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=fit.label_smoothing),
        weighted_metrics=[],
        metrics=["accuracy"],
    )


def _load_stage(model: keras.Model, stage: StageConfig, best: Path, previous: Path, config: TrainingConfig) -> None:
    """Load the best weights of an unfinished stage; those of its frozen part come from the stage before."""
    if stage.transfer.activation_copies:
        if previous.is_file():
            model.load_weights(previous)
        else:  # the first stage starts from pretrained weights, which the serving size shares with the stage's
            model.set_weights(build_model(config.model).get_weights())
        split_stage(model, stage)[1].load_weights(best)
    else:
        model.load_weights(best)


def _fit_stage(
    model: keras.Model,
    stage: StageConfig,
    number: int,
    config: TrainingConfig,
    data: TrainingData,
    checkpoints: Path,
    log: EventLog,
) -> None:
    fit, size = stage.fit, stage.transfer.image_size or config.model.image_size
    seed = config.seed + 100 * number
    train_labels = one_hot_labels(data.train, data.classes)
    validation_labels = one_hot_labels(data.validation, data.classes)
    photos, unseen_photos = data.pixels(data.train, size), data.pixels(data.validation, size)
    inputs: NDArray[np.generic] = photos
    unseen_inputs: NDArray[np.generic] = unseen_photos
    weights = class_weights(train_labels, fit.class_weights)
    teachers = Teachers(config.distillation, size) if config.distillation else None
    prefix, trained = split_stage(model, stage)
    if prefix is not None:
        copies, name = stage.transfer.activation_copies, f"stage{number}"
        store = _store(prefix, stage, number, seed, log)
        inputs = store(photos, copies, checkpoints / f"{name}.train.npy")
        unseen_inputs = store(unseen_photos, 0, checkpoints / f"{name}.validation.npy")[0]
        if teachers is not None:
            # The same seed draws the same copies, so these are the answers to what the student sees.
            shown = data.pixels(data.train, teachers.image_size)
            answers = [
                _store(model, stage, number, seed, log)(shown, copies, checkpoints / f"{name}.answers{place}.npy")
                for place, model in enumerate(teachers.models)
            ]
            train_labels = teachers.blend(answers, train_labels)
            teachers = None

    def batches(epoch: int) -> tf.data.Dataset:
        return epoch_batches(inputs, train_labels, weights, stage, prefix is not None, seed, epoch, teachers)

    compile_stage(trained, fit, steps=steps_per_epoch(stage, len(photos)))
    unseen = validation_batches(unseen_inputs, validation_labels)
    fit_epochs(trained, batches, unseen, fit, Checkpoints(checkpoints, number), seed, log, number)
    for path in checkpoints.glob(f"stage{number}.*.npy"):
        path.unlink()  # gigabytes that only this stage needed


def _store(
    frozen: keras.Model, stage: StageConfig, number: int, seed: int, log: EventLog
) -> Callable[[NDArray[np.uint8], int, Path], NDArray[np.float16]]:
    """Return a function of (photos, augmented copies, file) that gives what a network makes of them, float16 (copies,
    n, ...); 0 copies means the photos as they are.
    """
    layers = FrozenLayers(frozen, seed)

    def store(photos: NDArray[np.uint8], copies: int, path: Path) -> NDArray[np.float16]:
        augmentation = stage.augmentation if copies else None
        progress = Throttled(lambda done, total: log.write("extract", stage=number, done=done, total=total))
        return layers.store(photos, max(1, copies), augmentation, path, progress)

    return store
