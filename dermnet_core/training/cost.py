"""What a training will cost, before it starts: photos, steps, time, memory and disk; read without TensorFlow."""

import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dermnet_core.config import StageConfig, TrainingConfig
from dermnet_core.config_json import to_dict
from dermnet_core.data.listing import list_photos
from dermnet_core.errors import RunError
from dermnet_core.i18n import N_
from dermnet_core.paths import ROOT

_CHECKPOINTS = 5
"""Copies of the weights that a run keeps at most, those of the optimizer counted in."""
_WEIGHTS_BYTES = 12 * 2**20
"""Of the larger of the two networks, float32."""


@dataclass(frozen=True)
class StageCost:
    """What one stage costs; ``seconds`` is None before it was measured."""

    name: str
    steps: int
    seconds: float | None = None


@dataclass(frozen=True)
class Cost:
    """What a run costs at most; early stopping may end it sooner."""

    train: int
    """Photos to train on."""
    validation: int
    """About as many are cut from the training photos; copies and series stay together."""
    test: int
    steps: int
    seconds: float | None
    """Measured by ``probe``; None in an estimate."""
    memory_bytes: int | None
    """Of the process, measured by ``probe``."""
    disk_bytes: int
    """Decoded photos and checkpoints; stored activations are known only after ``probe``."""
    stages: tuple[StageCost, ...]


def estimate(config: TrainingConfig, data_dir: Path) -> Cost:
    """Count photos, steps and bytes on disk; the time is not known yet.

    Raises:
        DatasetError: the folder holds no photos in class folders.
    """
    photos = list_photos(data_dir).photos
    test = sum(photo.split == "test" for photo in photos)
    usable = min(len(photos) - test, config.max_photos or len(photos))
    validation = round(usable * config.validation_fraction * (1.0 - config.validation_returned))
    train = usable - validation
    stages = tuple(StageCost(stage.name, stage.fit.epochs * steps_per_epoch(stage, train)) for stage in config.stages)
    sizes = {stage.transfer.image_size or config.model.image_size for stage in config.stages}
    sizes |= {stage.hints.image_size for stage in config.stages if stage.hints.weight}
    disk = sum(usable * size * size * 3 for size in sizes) + _CHECKPOINTS * _WEIGHTS_BYTES
    return Cost(train, validation, test, sum(stage.steps for stage in stages), None, None, disk, stages)


def steps_per_epoch(stage: StageConfig, photos: int) -> int:
    """Return the batches of an epoch; an incomplete last one counts only when it is the only one."""
    return max(1, photos // stage.fit.batch_size)


def probe(config: TrainingConfig, data_dir: Path, timeout: float = 180.0) -> Cost:
    """Measure a few steps of each stage in a process of its own and scale them up.

    Raises:
        DatasetError: the folder holds no photos in class folders.
        RunError: the process failed or took too long.
    """
    cost = estimate(config, data_dir)
    measured = _measured(config, timeout)
    stages = tuple(
        replace(stage, seconds=_seconds(stage, config.stages[i], cost, measured["stages"][i]))
        for i, stage in enumerate(cost.stages)
    )
    stored = max(
        found["activation_bytes"] * _stored_photos(stage, cost)
        for found, stage in zip(measured["stages"], config.stages, strict=True)
    )
    evaluating = (cost.train + cost.validation + cost.test) * float(measured["serving_seconds"])
    total = sum(stage.seconds or 0.0 for stage in stages) + evaluating + float(measured["start_seconds"])
    return replace(
        cost, stages=stages, seconds=total, memory_bytes=int(measured["memory_bytes"]),
        disk_bytes=cost.disk_bytes + math.ceil(stored),
    )  # fmt: skip


def _seconds(stage: StageCost, config: StageConfig, cost: Cost, measured: Mapping[str, float]) -> float:
    stored = _stored_photos(config, cost) if measured["activation_bytes"] else 0
    validating = config.fit.epochs * cost.validation * measured["validation_seconds"]
    return stage.steps * measured["step_seconds"] + validating + stored * measured["extract_seconds"]


def _stored_photos(stage: StageConfig, cost: Cost) -> int:
    return stage.transfer.activation_copies * cost.train + cost.validation if stage.fit.epochs else 0


def _measured(config: TrainingConfig, timeout: float) -> dict[str, Any]:
    command: Sequence[str] = [sys.executable, "-m", "dermnet_core.training.probe"]
    try:
        done = subprocess.run(
            command, input=json.dumps(to_dict(config)), cwd=ROOT, capture_output=True, text=True, timeout=timeout,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise RunError(
            N_(
                "Expected to measure a few steps within {n} seconds, found it still at work and stopped it. "
                "Choose a smaller photo or batch, or start without measuring."
            ).format(n=round(timeout))
        ) from error
    except OSError as error:
        message = N_("Expected to start a process to measure with, found: {error}. Free some memory.")
        raise RunError(message.format(error=error)) from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        message = N_("Expected to measure a few steps, found that the process ended: {reason}")
        raise RunError(message.format(reason=reason))
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))
