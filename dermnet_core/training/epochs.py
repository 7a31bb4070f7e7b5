"""Fit one stage epoch by epoch, so that it goes on after any of them as if it had never stopped.

Whatever is random in an epoch (the order of the photos, their augmentation, dropout) follows from the seed and the
number of the epoch alone. After each epoch the weights, the optimizer and what decides about early stopping are on
disk; the files of two epochs never mix, because the state is written last and names its weights.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dermnet_core.artifacts import write_json
from dermnet_core.config import FitConfig
from dermnet_core.errors import RunError
from dermnet_core.training.checks import check_room
from dermnet_core.training.progress import EventLog
from dermnet_core.training.stopping import check

_LOWER = 0.5
"""Factor of the learning rate on a plateau."""
_BETTER = 1e-4
"""By how much a loss has to fall to end a plateau."""

_BYTES_PER_PARAMETER = 12
"""float32, with the two moments of Adam."""
_SPARE = 2**20


@dataclass(frozen=True)
class StageState:
    """How far a stage is, and what decides about its end; the rules are those of Keras's callbacks."""

    epoch: int = 0
    """Epochs that are finished."""
    best_accuracy: float = -1.0
    """On validation."""
    best_epoch: int = 0
    lowest_loss: float = math.inf
    plateau: int = 0
    """Epochs since the validation loss last fell."""

    def after(self, accuracy: float, loss: float) -> "StageState":
        """Return the state after one more epoch with these validation figures."""
        epoch = self.epoch + 1
        better, lower = accuracy > self.best_accuracy, loss < self.lowest_loss - _BETTER
        return StageState(
            epoch,
            accuracy if better else self.best_accuracy,
            epoch if better else self.best_epoch,
            loss if lower else self.lowest_loss,
            0 if lower else self.plateau + 1,
        )

    def ended(self, fit: FitConfig) -> bool:
        """Say whether the stage is over."""
        patience = fit.early_stopping_patience
        return self.epoch >= fit.epochs or bool(patience and self.epoch - self.best_epoch >= patience)


class Checkpoints:
    """The files of one stage in a folder: its last epoch, its best one, and its state."""

    def __init__(self, folder: Path, stage: int) -> None:
        self._folder, self._stage = folder, stage
        self._state = folder / f"stage{stage}.state.json"
        self.best = folder / f"stage{stage}.best.weights.h5"

    def save(self, model: keras.Model, kept: keras.Model, state: StageState) -> None:
        """Keep an epoch: first its weights and optimizer, then the state that names them; of the best epoch only what
        stays of the model.
        """
        latest = self._folder / f"stage{self._stage}.epoch{state.epoch}.weights.h5"
        save_weights(model, latest)
        if state.best_epoch == state.epoch:
            save_weights(kept, self.best)
        write_json(self._state, asdict(state) | {"weights": latest.name})
        for path in self._folder.glob(f"stage{self._stage}.epoch*.weights.h5"):
            if path != latest:
                path.unlink()

    def restore(self, model: keras.Model) -> StageState:
        """Load the last finished epoch into a compiled model and return its state; a new one when there is none.

        Raises:
            RunError: the files are damaged.
        """
        if not self._state.is_file():
            return StageState()
        try:
            values = json.loads(self._state.read_text(encoding="utf-8"))
            model.optimizer.build(model.trainable_variables)
            model.load_weights(self._folder / values.pop("weights"))
            return StageState(**values)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RunError(
                f"Expected the last epoch of stage {self._stage} in {self._folder}, found: {str(error)[:200]}. "
                f"Delete the files stage{self._stage}.* there to train this stage again."
            ) from error

    def clear(self) -> None:
        """Delete what a finished stage no longer needs."""
        for path in self._folder.glob(f"stage{self._stage}.epoch*.weights.h5"):
            path.unlink()


def fit_epochs(
    model: keras.Model,
    kept: keras.Model,
    batches: Callable[[int], tf.data.Dataset],
    validation: tf.data.Dataset,
    fit: FitConfig,
    checkpoints: Checkpoints,
    seed: int,
    log: EventLog,
    stage: int,
) -> None:
    """Fit a compiled model until its epochs are over or validation accuracy has not risen for too long.

    With early stopping the weights of the best epoch are put back at the end.

    Args:
        model: compiled with the metric accuracy.
        kept: the part of it that stays once it is fitted; mostly itself.
        batches: gives the training batches of an epoch, from 0 on.
        validation: batches in a fixed order.
        fit: epochs and patience.
        checkpoints: where epochs are kept, and where an earlier start got to.
        seed: of dropout.
        log: told of steps and epochs.
        stage: its number, for the log.

    Raises:
        RunError: the loss is no longer a number.
    """
    state = checkpoints.restore(model)
    while not state.ended(fit):
        reseed(model, seed, state.epoch)
        train = batches(state.epoch)
        tell = _Tell(log, stage, state.epoch, fit.epochs, int(train.cardinality()))
        started = time.monotonic()
        history = model.fit(
            train, validation_data=validation, shuffle=False, verbose=0,
            initial_epoch=state.epoch, epochs=state.epoch + 1, callbacks=[tell],
        ).history  # fmt: skip
        figures = {name: float(values[-1]) for name, values in history.items()}
        # With hints the loss is more than that of the answers, which alone compares with that of validation.
        figures["loss"] = figures.pop("answer_loss", figures["loss"])
        figures.pop("val_answer_loss", None)
        check_finite(figures["loss"], state.epoch + 1)
        rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
        state = _lowered(model, state.after(figures["val_accuracy"], figures["val_loss"]), fit, rate)
        checkpoints.save(model, kept, state)
        seconds = time.monotonic() - started
        log.write(
            "epoch", stage=stage, epoch=state.epoch, epochs=fit.epochs,
            **{name: round(value, 5) for name, value in figures.items() if name != "learning_rate"},
            learning_rate=rate, photos_per_second=round(int(train.cardinality()) * fit.batch_size / seconds, 1),
        )  # fmt: skip
    if fit.early_stopping_patience and state.best_epoch != state.epoch:
        kept.load_weights(checkpoints.best)
    checkpoints.clear()


def check_finite(loss: float, epoch: int) -> None:
    """Check that the loss of an epoch is a number.

    Raises:
        RunError: it is not.
    """
    if not math.isfinite(loss):
        raise RunError(
            f"Expected a finite loss, found {loss} in epoch {epoch}. Lower the learning rate and start another run; "
            "what was saved before is kept."
        )


def save_weights(model: keras.Model, path: Path) -> None:
    """Write weights to a temporary name and rename the file when it is whole.

    Raises:
        RunError: there is no room for them; HDF5 itself ends the whole process when a disk is full.
    """
    check_room(path.parent, _BYTES_PER_PARAMETER * model.count_params() + _SPARE)
    temporary = path.with_name(f"unfinished.{path.name}")
    model.save_weights(temporary)
    temporary.replace(path)


class _Tell(keras.callbacks.Callback):  # type: ignore[misc]
    """Say every few seconds how far an epoch is."""

    def __init__(self, log: EventLog, stage: int, epoch: int, epochs: int, steps: int, every: float = 2.0) -> None:
        super().__init__()
        self._log, self._every, self._told = log, every, 0.0
        self._values = {"stage": stage, "epoch": epoch + 1, "epochs": epochs, "steps": steps}

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the step, unless one was written a moment ago; end here if somebody asked for it."""
        check()
        if time.monotonic() - self._told >= self._every:
            self._told = time.monotonic()
            figures = {name: round(float(value), 4) for name, value in (logs or {}).items()}
            self._log.write("step", **self._values, step=batch + 1, **figures)


def _lowered(model: keras.Model, state: StageState, fit: FitConfig, rate: float) -> StageState:
    """Lower the learning rate when the validation loss has stayed on a plateau."""
    if fit.reduce_on_plateau_patience and state.plateau >= fit.reduce_on_plateau_patience:
        model.optimizer.learning_rate = rate * _LOWER
        return replace(state, plateau=0)
    return state


def reseed(model: keras.Model, seed: int, epoch: int) -> None:
    """Let dropout begin each epoch with numbers of its own."""
    for number, layer in enumerate(model.layers):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign([(seed + 7919 * epoch) % 2**31, number])
