"""Go through the trials of a search, alone or as one of several machines."""

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from dermnet_core.errors import DermnetError
from dermnet_core.training.checks import check_run
from dermnet_core.training.lock import hold
from dermnet_core.training.progress import EventLog
from dermnet_core.training.stopping import requested
from dermnet_core.tuning.search import Search
from dermnet_core.tuning.space import SPACE, configuration

STOPPED = 143
"""Exit status of a search that was asked to stop, as if SIGTERM had ended it."""


def locked(folder: Path) -> AbstractContextManager[None]:
    """Hold the lock of a search folder; workers leave it to the chief.

    Raises:
        RunError: another process holds it.
    """
    return contextlib.nullcontext() if is_worker() else hold(folder)


def execute(search: Search, announce: Callable[[str, Mapping[str, Any]], None] | None = None) -> int:
    """Run a search whose folder nobody else works in and return the exit status.

    Args:
        search: the search.
        announce: told of every event of the log, and of the epochs of the trial that trains.
    """
    log = None if is_worker() else EventLog(search.folder, announce)
    if log:
        log.write("start")
    try:
        check(search)
        from dermnet_core.tuning.tuner import SearchStopped, Tuner  # Keras takes seconds

        try:
            with contextlib.redirect_stdout(sys.stderr):  # Keras Tuner talks; standard output is for results
                Tuner(search, log).search(verbose=0)
        except SearchStopped:
            if log:
                log.write("stopped")
            return STOPPED
    except Exception as error:
        if not isinstance(error, DermnetError):
            traceback.print_exc()
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        if log:
            log.write("failed", error=str(error), kind=type(error).__name__)
        return 1
    if log:
        log.write("stopped" if requested() else "finished")
    return 0


def check(search: Search) -> None:
    """Check the folder and the settings before the first trial.

    Raises:
        DermnetError: the search cannot work.
    """
    values = {parameter.name: parameter.choices[-1] if parameter.choices else parameter.low for parameter in SPACE}
    settings = search.settings
    config = configuration(
        values, classes=settings.classes, image_size=settings.image_size, epochs=settings.epochs,
        max_photos=settings.max_photos, seed=settings.seed,
    )  # fmt: skip
    check_run(config, settings.data_dir)


def is_worker() -> bool:
    """Say whether a chief elsewhere leads this search."""
    return "KERASTUNER_ORACLE_IP" in os.environ and "chief" not in os.environ.get("KERASTUNER_TUNER_ID", "")
