"""What happens after every batch and epoch of a stage: events, learning rate, checkpoints."""

import math
import time
from pathlib import Path
from typing import Any

import keras

from dermnet_core.config import FitConfig
from dermnet_core.training.progress import EventLog


class LogEpochs(keras.callbacks.Callback):  # type: ignore[misc]
    """Write one event an epoch (loss, accuracy, learning rate, photos per second) and one every few seconds between."""

    def __init__(self, log: EventLog, stage: int, epochs: int, photos: int, every_seconds: float = 5.0) -> None:
        super().__init__()
        self._log, self._stage, self._epochs, self._photos, self._every = log, stage, epochs, photos, every_seconds
        self._epoch, self._started, self._told = 0, 0.0, 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock of an epoch."""
        self._epoch, self._started = epoch, time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Tell how far the epoch is, at most every few seconds."""
        if time.monotonic() - self._told >= self._every:
            self._told = time.monotonic()
            self._log.write(
                "step", stage=self._stage, epoch=self._epoch + 1, step=batch + 1, steps=self.params["steps"]
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the figures of an epoch."""
        seconds = time.monotonic() - self._started
        figures = {name: round(float(value), 5) for name, value in (logs or {}).items()}
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        figures |= {"learning_rate": rate, "photos_per_second": round(self._photos / seconds, 1)}
        self._log.write("epoch", stage=self._stage, epoch=epoch + 1, epochs=self._epochs, **figures)


def stage_callbacks(
    fit: FitConfig, log: EventLog, stage: int, photos: int, checkpoints: Path
) -> list[keras.callbacks.Callback]:
    """Return the callbacks of one stage; an interrupted stage goes on after its last complete epoch."""
    callbacks: list[keras.callbacks.Callback] = [
        keras.callbacks.BackupAndRestore(str(checkpoints / f"stage{stage}.backup")),
        LogEpochs(log, stage, fit.epochs, photos),
    ]
    if fit.early_stopping_patience:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                "val_accuracy", patience=fit.early_stopping_patience, restore_best_weights=True
            )
        )
    if fit.reduce_on_plateau_patience:
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=fit.reduce_on_plateau_patience)
        )
    return callbacks


def build_optimizer(fit: FitConfig, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of a stage; weight decay leaves biases and BatchNorm alone."""
    rate: float | keras.optimizers.schedules.LearningRateSchedule = fit.learning_rate
    if fit.schedule == "cosine":
        warmup = math.ceil(fit.warmup_epochs * steps_per_epoch)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else fit.learning_rate,
            max(1, fit.epochs * steps_per_epoch - warmup),
            warmup_target=fit.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    kinds = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    decay = fit.weight_decay if fit.weight_decay or fit.optimizer == "adamw" else None
    optimizer = kinds[fit.optimizer](rate, weight_decay=decay)
    if fit.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
