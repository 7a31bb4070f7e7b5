"""Train a stage of stored copies in the memory of one accelerator, with JAX: an epoch is one compiled call.

The steps are those of `epochs.py`, with no reading from disk and no waiting for Python between them.
"""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from dermnet_core.config import AugmentationConfig, StageConfig
from dermnet_core.data.pipeline import release
from dermnet_core.errors import RunError
from dermnet_core.training.epochs import Checkpoints, check_finite, reseed
from dermnet_core.training.features import Progress, augmenting
from dermnet_core.training.hints import HintedAnswers
from dermnet_core.training.progress import EventLog
from dermnet_core.training.stopping import check, requested

_CHUNK = 64
"""Photos that frozen layers see at once, and photos of validation."""
_SAVE_EVERY = 30.0
"""Seconds between checkpoints: an epoch may take less than writing one."""

_State = tuple[list[Any], list[Any], list[Any]]
"""Values of the trainable variables, of the others and of the optimizer."""


def accelerated(stage: StageConfig) -> bool:
    """Say whether JAX has a GPU and the stage is one for it: it stores copies, and neither early stopping nor a
    plateau decides about its end.
    """
    waits = stage.fit.early_stopping_patience or stage.fit.reduce_on_plateau_patience
    return bool(stage.transfer.activation_copies and not waits) and jax.devices()[0].platform == "gpu"


class DeviceLayers:
    """What `features.FrozenLayers` is, on the accelerator.

    Args:
        prefix: photos (n, s, s, 3) in, activations (n, ...) out.
        seed: of the augmentation.
    """

    def __init__(self, prefix: keras.Model, seed: int) -> None:
        self._seed, weights = seed, (_values(prefix.trainable_variables), _values(prefix.non_trainable_variables))

        def run(weights: tuple[list[Any], list[Any]], photos: Any) -> Any:
            return prefix.stateless_call(*weights, photos, training=False)[0].astype(jnp.float16)

        self._run = partial(jax.jit(run), weights)

    def store(
        self,
        photos: NDArray[np.uint8],
        copies: int,
        augmentation: AugmentationConfig | None,
        path: Path,
        progress: Progress,
    ) -> Any:
        """Return the output for augmented copies of the photos: a float16 array (copies, n, ...) on the accelerator.

        The arguments are those of `FrozenLayers.store`; nothing is written to ``path``.

        Raises:
            RunError: the accelerator has no room for it.
        """
        augment = augmenting(augmentation, self._seed, photos.shape[1])
        stored, starts = None, range(0, len(photos), _CHUNK)
        for number in range(copies * len(starts)):
            check()
            copy, place = divmod(number, len(starts))
            part = photos[starts[place] : starts[place] + _CHUNK].astype(np.float32)
            values = self._run(_filled(augment(part, number)))[: len(part)]
            release(photos)
            if stored is None:
                shape = copies, len(photos), *values.shape[1:]
                _check_memory(math.prod(shape) * values.dtype.itemsize)
                stored = jnp.zeros(shape, values.dtype)
            stored = _place(stored, values[None], copy, starts[place])
            progress(copy * len(photos) + starts[place] + len(part), copies * len(photos))
        return stored


@dataclass(frozen=True)
class Stored:
    """What a stage learns and is judged by."""

    inputs: Any
    """(copies, n, ...) on the accelerator."""
    targets: NDArray[np.float32]
    """(n, classes), or (copies, n, classes)."""
    weights: NDArray[np.float32]
    """(n,) of the photos."""
    hints: Any
    """(copies, n, ...) on the accelerator, or None."""
    validation: Any
    """(m, ...) on the accelerator."""
    labels: NDArray[np.float32]
    """(m, classes) of validation."""


def fit_resident(
    model: keras.Model, kept: keras.Model, stage: StageConfig, stored: Stored, checkpoints: Checkpoints, seed: int,
    log: EventLog, number: int,
) -> None:  # fmt: skip
    """Fit a compiled model until its epochs are over; the arguments are those of `epochs.fit_epochs`.

    A checkpoint is written every half minute and when somebody asks to stop; a run that was interrupted goes on from
    the last one, which also stands for the best epoch.

    Raises:
        RunError: the loss is no longer a number.
    """
    answers = HintedAnswers(int(stored.labels.shape[1]), stage.hints.weight, stage.fit.label_smoothing)
    hinted, mixed = stored.hints is not None, stage.augmentation.mixup > 0.0
    epoch, judge = _compiled(model, answers, hinted, mixed), _judge(model, answers)
    arrays = tuple(map(jnp.asarray, (stored.inputs, stored.targets, stored.weights)))
    state = checkpoints.restore(model)
    if not state.epoch:
        model.optimizer.build(model.trainable_variables)
    values, saved, kept_epoch = _read(model), time.monotonic(), state.epoch

    def save() -> None:
        _write(model, values)
        checkpoints.save(model, kept, replace(state, best_epoch=state.epoch))

    while not state.ended(stage.fit):
        if state.epoch > kept_epoch and (requested() or time.monotonic() - saved > _SAVE_EVERY):
            save()
            saved, kept_epoch = time.monotonic(), state.epoch
        check()
        started = time.monotonic()
        reseed(model, seed, state.epoch)
        values = values[0], _with_seeds(model, values[1]), values[2]
        given = _order(stored, stage, [seed, state.epoch])
        values, (loss, accuracy) = epoch(values, given, *arrays, stored.hints)
        figures = {"loss": float(loss), "accuracy": float(accuracy)} | judge(values, stored.validation, stored.labels)
        check_finite(figures["loss"], state.epoch + 1)
        state = state.after(figures["val_accuracy"], figures["val_loss"])
        seconds = time.monotonic() - started
        log.write(
            "epoch", stage=number, epoch=state.epoch, epochs=stage.fit.epochs,
            **{name: round(value, 5) for name, value in figures.items()},
            learning_rate=_rate(model, values), photos_per_second=round(given[0].size / seconds, 1),
        )  # fmt: skip
    save()
    checkpoints.clear()


def _compiled(model: keras.Model, answers: HintedAnswers, hinted: bool, mixed: bool) -> Any:
    """Return a function of (values, order, inputs, targets, weights, hints) that trains one epoch."""
    optimizer = model.optimizer

    def objective(trainable: Any, others: Any, x: Any, y: Any, weights: Any) -> Any:
        found, others, penalties = model.stateless_call(trainable, others, x, training=True, return_losses=True)
        loss = jnp.mean(weights * answers.loss(y, found)) + sum(penalties)
        told = jnp.mean(answers.answer_loss(y, found)) if hinted else loss  # as Keras tells it of a run from disk
        return loss, (others, (told, jnp.mean(answers.accuracy(y, found))))

    def step(inputs: Any, targets: Any, weights: Any, hints: Any, values: _State, given: Any) -> Any:
        trainable, others, rest = values
        rows, copies, shares = given
        x = inputs[copies, rows].astype(jnp.float32)
        y = targets[copies, rows] if targets.ndim == 3 else targets[rows]
        if hinted:
            maps = hints[copies, rows].reshape(len(rows), -1)
            y = jnp.concatenate([y, maps.astype(jnp.float32)], axis=1)
        w = weights[rows]
        if mixed:
            x, y, w = (_blend(part, shares) for part in (x, y, w))
        (_, (others, told)), gradients = jax.value_and_grad(objective, has_aux=True)(trainable, others, x, y, w)
        trainable, rest = optimizer.stateless_apply(rest, gradients, trainable)
        return (list(trainable), list(others), list(rest)), told

    def epoch(values: _State, order: Any, inputs: Any, targets: Any, weights: Any, hints: Any) -> Any:
        values, told = jax.lax.scan(partial(step, inputs, targets, weights, hints), values, order)
        return values, jax.tree.map(jnp.mean, told)

    return jax.jit(epoch, donate_argnums=0)


def _judge(model: keras.Model, answers: HintedAnswers) -> Any:
    """Return a function of (values, validation, labels) that gives the figures of an epoch."""

    def run(trainable: Any, others: Any, x: Any, y: Any) -> Any:
        x = x.astype(jnp.float32)
        found, _, penalties = model.stateless_call(trainable, others, x, training=False, return_losses=True)
        return answers.answer_loss(y, found) + sum(penalties), answers.accuracy(y, found)

    compiled = jax.jit(run)

    def figures(values: _State, validation: Any, labels: NDArray[np.float32]) -> dict[str, float]:
        told = []
        for start in range(0, len(labels), _CHUNK):
            part = slice(start, start + _CHUNK)
            found = compiled(values[0], values[1], _filled(validation[part]), _filled(labels[part]))
            told.append([np.asarray(each)[: len(labels) - start] for each in found])
        loss, accuracy = (float(np.concatenate(each).mean()) for each in zip(*told, strict=True))
        return {"val_loss": loss, "val_accuracy": accuracy}

    return figures


@partial(jax.jit, donate_argnums=0)
def _place(stored: Any, values: Any, copy: int, start: int) -> Any:
    return jax.lax.dynamic_update_slice(stored, values, (copy, start, *[0] * (stored.ndim - 2)))


def _filled(part: Any) -> Any:
    """Repeat the first row of a short chunk: each other length would be compiled anew."""
    lacking = _CHUNK - len(part)
    return jnp.concatenate([jnp.asarray(part), jnp.repeat(jnp.asarray(part[:1]), lacking, axis=0)]) if lacking else part


def _order(stored: Stored, stage: StageConfig, seed: list[int]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return row, copy and share of MixUp of each photo of an epoch, (steps, batch)."""
    random, count = np.random.default_rng(seed), len(stored.weights)
    batch, alpha = min(stage.fit.batch_size, count), stage.augmentation.mixup
    shape = count // batch, batch
    rows = random.permutation(count)[: math.prod(shape)].reshape(shape).astype(np.int32)
    shares = random.beta(alpha, alpha, shape) if alpha else np.ones(shape)
    copies = random.integers(len(stored.inputs), size=shape).astype(np.int32)
    return rows, copies, shares.astype(np.float32)


def _blend(values: Any, shares: Any) -> Any:
    """Blend each example with its neighbour in the batch, as `data.pipeline` does."""
    part = shares.reshape(-1, *[1] * (values.ndim - 1))
    return part * values + (1.0 - part) * jnp.roll(values, 1, axis=0)


def _values(variables: Iterable[keras.Variable]) -> list[Any]:
    return [jnp.array(variable.value) for variable in variables]  # copies: an epoch takes over their memory


def _read(model: keras.Model) -> _State:
    parts = model.trainable_variables, model.non_trainable_variables, model.optimizer.variables
    trainable, others, optimizer = map(_values, parts)
    return trainable, others, optimizer


def _write(model: keras.Model, values: _State) -> None:
    parts = model.trainable_variables, model.non_trainable_variables, model.optimizer.variables
    for variables, found in zip(parts, values, strict=True):
        for variable, value in zip(variables, found, strict=True):
            variable.assign(jnp.array(value))  # a copy: the next epoch takes over the memory of the value


def _with_seeds(model: keras.Model, others: list[Any]) -> list[Any]:
    """Return the values of variables that do not train, with the numbers that dropout begins an epoch with."""
    seeds = {id(layer.seed_generator.state) for layer in model.layers if getattr(layer, "seed_generator", None)}
    pairs = zip(model.non_trainable_variables, others, strict=True)
    return [jnp.array(variable.value) if id(variable) in seeds else value for variable, value in pairs]


def _rate(model: keras.Model, values: _State) -> float:
    """Return the learning rate that the optimizer has come to."""
    optimizer = model.optimizer
    for variable, value in zip(optimizer.variables, values[2], strict=True):
        if not variable.shape:  # steps done and, without a schedule, the rate
            variable.assign(jnp.array(value))
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _check_memory(needed: int) -> None:
    device = jax.devices()[0]
    stats = device.memory_stats() or {}  # a processor tells nothing
    free = stats.get("bytes_limit", math.inf) - stats.get("bytes_in_use", 0)
    if needed > free:
        raise RunError(
            f"Expected room for {needed / 1e9:.1f} GB of stored copies on {device}, found {free / 1e9:.1f} GB. Lower "
            "activation_copies, or train from disk with JAX_PLATFORMS=cpu."
        )
