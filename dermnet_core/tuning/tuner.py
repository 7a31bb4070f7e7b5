"""Keras Tuner's loop with trials that train in processes of their own, so that their memory is given back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.errors import FailedTrialError, FatalError

from dermnet_core.errors import DermnetError
from dermnet_core.paths import ROOT
from dermnet_core.training import control, stopping
from dermnet_core.training.control import LOG
from dermnet_core.training.jobs import create_run
from dermnet_core.training.lock import holder
from dermnet_core.training.progress import EventLog
from dermnet_core.training.status import RunProgress, read_progress
from dermnet_core.tuning.oracle import build_oracle
from dermnet_core.tuning.search import TUNER, Search
from dermnet_core.tuning.space import configuration
from dermnet_core.tuning.table import read_search

_POLL = 0.1
_TELL_EVERY = 1.0


class SearchStopped(FatalError):  # type: ignore[misc]
    """Somebody asked the search to stop; only Keras Tuner's fatal errors end its loop."""


class Tuner(keras_tuner.engine.base_tuner.BaseTuner):  # type: ignore[misc]
    """Runs the trials of a search; the same folder goes on with an interrupted one.

    Args:
        search: the search.
        log: gets an event for each trial that ends; None for a worker, which leaves the log to the chief.
    """

    def __init__(self, search: Search, log: EventLog | None = None) -> None:
        self._search, self._log = search, log
        super().__init__(build_oracle(search.settings), directory=str(search.folder), project_name=TUNER)

    def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Train one configuration, or go on with it, and return its best validation accuracy.

        Raises:
            FailedTrialError: it cannot be trained; the search goes on.
            SearchStopped: somebody asked for it.
        """
        settings, folder = self._search.settings, self._search.trial_folder(trial.trial_id)
        try:
            config = configuration(
                trial.hyperparameters.values, classes=settings.classes, image_size=settings.image_size,
                epochs=settings.epochs, max_photos=settings.max_photos, seed=settings.seed,
            )  # fmt: skip
            run = create_run(folder, config, settings.data_dir, "trial")
            progress = read_progress(folder)
        except DermnetError as error:
            raise FailedTrialError(str(error)) from error
        if progress.status == "running":
            _await(folder)  # a search that was killed left it behind
            progress = read_progress(folder)
        if progress.status != "finished":
            status = _train(run.folder, self._watch(trial))
            progress = read_progress(folder)
            if progress.status == "stopped":
                raise SearchStopped
            if progress.status != "finished" or progress.best is None:
                raise FailedTrialError(_reason(progress, status))
        assert progress.best is not None  # a finished trial has epochs
        return {"val_accuracy": progress.best.val_accuracy}

    def on_trial_end(self, trial: Any) -> None:
        """Let the oracle learn from a trial and log what became of it."""
        super().on_trial_end(trial)
        if self._log is None:
            return
        ended = next((found for found in read_search(self._search.folder).trials if found.id == trial.trial_id), None)
        if ended is not None:
            self._log.write(
                "trial", number=ended.number, trials=self._search.settings.trials, status=ended.status,
                val_accuracy=ended.val_accuracy, message=ended.message,
            )  # fmt: skip

    def _watch(self, trial: Any) -> Callable[[RunProgress], None]:
        """Return what tells of the epochs of a trial while it trains; they are on disk in the trial's own log."""
        announce = self._log.announce if self._log else None
        values = {"number": int(trial.trial_id) + 1, "trials": self._search.settings.trials}

        def watch(progress: RunProgress) -> None:
            if announce:
                announce("training", {**values, "done": progress.done, "total": progress.total})

        return watch


def _train(folder: Path, watch: Callable[[RunProgress], None]) -> int:
    """Train a run in a process, tell how far it is, and return its exit status."""
    command = [sys.executable, "-m", "dermnet_core.training", str(folder)]
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"}, start_new_session=True,
        )  # fmt: skip
    asked, told = False, time.monotonic()
    while process.poll() is None:
        if stopping.requested() and not asked:
            asked = True
            process.send_signal(signal.SIGTERM)
        if time.monotonic() - told >= _TELL_EVERY:
            told = time.monotonic()
            watch(read_progress(folder))
        time.sleep(_POLL)
    if asked and read_progress(folder).status != "finished":
        raise SearchStopped
    return process.returncode


def _await(folder: Path) -> None:
    """Wait until nobody trains a run any more, or stop it when somebody asks for that."""
    while holder(folder) is not None:
        if stopping.requested():
            control.stop(folder)
            raise SearchStopped
        time.sleep(_POLL)


def _reason(progress: RunProgress, status: int) -> str:
    if progress.message:
        return progress.message
    if status < 0:
        return (
            f"Expected the trial to finish, found that its process was ended (signal {-status}), most likely for lack "
            "of memory."
        )
    return f"Expected the trial to finish, found that its process ended with status {status}. See its log."
