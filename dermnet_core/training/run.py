"""Execute a training run: from its folder to an artifact."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from dermnet_core.config import TrainingConfig
from dermnet_core.data.scan import DatasetIndex, ImageRecord, scan
from dermnet_core.data.splits import validation_split
from dermnet_core.errors import ConfigError
from dermnet_core.paths import cache_dir
from dermnet_core.training.finish import finish_run
from dermnet_core.training.fit import TrainingData, fit_stages
from dermnet_core.training.jobs import Run
from dermnet_core.training.progress import EventLog


def execute(run: Run, announce: Callable[[str], None] | None = None) -> Path:
    """Train, resuming where an earlier start ended, and return the folder of the finished artifact."""
    log = EventLog(run.folder, announce)
    log.write("start", model=run.config.model_name)
    index = scan(run.data_dir)
    data = split_data(run, index)
    _check_classes(run.config, index)
    model = fit_stages(run.config, data, run.folder, log)
    artifact = finish_run(run, index, data, model, log)
    log.write("finished", artifact=artifact.name)
    return artifact


def split_data(run: Run, index: DatasetIndex) -> TrainingData:
    """Cut validation from the train split; test photos are never looked at here."""
    has_split = any(record.split == "train" for record in index.records)
    photos = _limited(index.split("train" if has_split else "all"), run.config)
    train, validation = validation_split(photos, run.config.validation_fraction, run.config.seed)
    return TrainingData(index.root, index.classes, train, validation, cache_dir() / "pixels")


def _limited(records: tuple[ImageRecord, ...], config: TrainingConfig) -> tuple[ImageRecord, ...]:
    if config.max_photos is None or config.max_photos >= len(records):
        return records
    chosen = np.random.default_rng(config.seed).permutation(len(records))[: config.max_photos]
    return tuple(records[i] for i in sorted(chosen))


def _check_classes(config: TrainingConfig, index: DatasetIndex) -> None:
    if config.model.classes != len(index.classes):
        raise ConfigError(
            f"Expected {config.model.classes} class folders in {index.root}, found {len(index.classes)}. "
            "Set classes of the model in the configuration."
        )
