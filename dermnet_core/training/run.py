"""Execute a training run: from its folder to an artifact."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dermnet_core.config import TrainingConfig
from dermnet_core.data.scan import DatasetIndex, ImageRecord, scan
from dermnet_core.data.splits import validation_split
from dermnet_core.errors import RunError
from dermnet_core.paths import cache_dir
from dermnet_core.training.checks import check_photos, check_room, check_run
from dermnet_core.training.cost import estimate
from dermnet_core.training.finish import finish_run
from dermnet_core.training.fit import TrainingData, best_so_far, fit_stages
from dermnet_core.training.jobs import Run
from dermnet_core.training.progress import EventLog
from dermnet_core.training.start import pin_start
from dermnet_core.training.status import read_progress


def execute(
    run: Run, announce: Callable[[str, Mapping[str, Any]], None] | None = None, *, finish: bool = False
) -> Path | None:
    """Train, resuming where an earlier start ended.

    Args:
        run: the run; nobody else may be at work in its folder (`lock.hold`).
        announce: also told of every event.
        finish: train no further and make the model from the best weights so far.

    Returns:
        The folder of the finished artifact; None for a trial, which has none.

    Raises:
        DermnetError: what `check_run` and the training find.
        Stopped: somebody asked for it.
    """
    log = EventLog(run.folder, announce)
    log.write("start", model=run.config.model_name)
    for note in check_run(run.config, run.data_dir):
        log.write("note", message=note)
    pin_start(run.config, run.folder)
    check_room(cache_dir(), estimate(run.config, run.data_dir).disk_bytes)
    check_photos(run.data_dir)
    index = scan(run.data_dir)
    data = split_data(run, index)
    model = best_so_far(run.config, run.folder) if finish else fit_stages(run.config, data, run.folder, log)
    if run.purpose == "trial":
        _finish_trial(run, log)
        return None
    artifact = finish_run(run, index, data, model, log)
    log.write("finished", artifact=artifact.name)
    return artifact


def split_data(run: Run, index: DatasetIndex) -> TrainingData:
    """Cut validation from the train split; test photos are never looked at here."""
    has_split = any(record.split == "train" for record in index.records)
    photos = index.split("train" if has_split else "all")
    train, validation = cut(run.config, photos)
    returns = run.config.validation_returned
    chosen_by = cut(replace(run.config, validation_returned=0.0), photos)[1] if returns else validation
    return TrainingData(index.root, index.classes, train, validation, chosen_by, cache_dir() / "pixels")


def cut(config: TrainingConfig, photos: Sequence[ImageRecord]) -> tuple[list[ImageRecord], list[ImageRecord]]:
    """Return the (train, validation) photos that a recipe takes of those that are there for training."""
    some = _limited(photos, config)
    return validation_split(some, config.validation_fraction, config.seed, returned=config.validation_returned)


def _limited(records: Sequence[ImageRecord], config: TrainingConfig) -> Sequence[ImageRecord]:
    if config.max_photos is None or config.max_photos >= len(records):
        return records
    chosen = np.random.default_rng(config.seed).permutation(len(records))[: config.max_photos]
    return tuple(records[i] for i in sorted(chosen))


def _finish_trial(run: Run, log: EventLog) -> None:
    best = read_progress(run.folder).best
    if best is None:
        raise RunError(f"Expected finished epochs in {run.folder}, found none. Delete the trial and run it again.")
    for path in (run.folder / "checkpoints").glob("*"):
        path.unlink()  # of a search's many trials only the figures are needed
    log.write("finished", val_accuracy=best.val_accuracy, epoch=best.epoch)
