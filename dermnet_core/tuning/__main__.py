"""Run a search in a process of its own: ``python -m dermnet_core.tuning SEARCH_DIR``.

Several machines share one search when Keras Tuner's variables are set: ``KERASTUNER_ORACLE_IP``,
``KERASTUNER_ORACLE_PORT``, and ``KERASTUNER_TUNER_ID``: ``chief`` on one, ``worker0``, ``worker1`` … elsewhere.
The folder has to be one that all of them can write to.
"""

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from dermnet_core.errors import DermnetError, RunError
from dermnet_core.training.checks import check_run
from dermnet_core.training.lock import hold
from dermnet_core.training.progress import EventLog
from dermnet_core.training.stopping import requested, stoppable
from dermnet_core.tuning.search import Search, open_search
from dermnet_core.tuning.space import SPACE, configuration

STOPPED = 143


def main(arguments: Sequence[str]) -> int:
    """Go through the trials of a search; how it ends is also its last event."""
    folder = Path(arguments[0])
    try:
        search = open_search(folder)
        # Workers leave the folder's lock to the chief.
        with contextlib.nullcontext() if is_worker() else hold(folder), stoppable():
            return run(search)
    except RunError as error:
        print(f"RunError: {error}", file=sys.stderr)
        return 1


def run(search: Search) -> int:
    """Run a search whose folder nobody else works in and return the exit status."""
    log = None if is_worker() else EventLog(search.folder)
    if log:
        log.write("start")
    try:
        check(search)
        from dermnet_core.tuning.tuner import SearchStopped, Tuner  # Keras takes seconds

        try:
            tuner = Tuner(search)
            tuner.search()
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
