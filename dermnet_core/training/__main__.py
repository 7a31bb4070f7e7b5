"""Run a training run in a process of its own: ``python -m dermnet_core.training RUN_DIR [--finish]``."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from dermnet_core.errors import DermnetError, RunError
from dermnet_core.training.jobs import Run, open_run
from dermnet_core.training.lock import hold
from dermnet_core.training.progress import EventLog
from dermnet_core.training.stopping import Stopped, stoppable

STOPPED = 143
"""Exit status of a run that was asked to stop, as if SIGTERM had ended it."""


def main(arguments: Sequence[str]) -> int:
    """Train the run in a folder; how it ends is also its last event."""
    folder, finish = Path(arguments[0]), "--finish" in arguments[1:]
    try:
        run = open_run(folder)
        with hold(folder), stoppable():
            return _train(run, finish)
    except RunError as error:
        print(f"RunError: {error}", file=sys.stderr)
        return 1


def _train(run: Run, finish: bool) -> int:
    log = EventLog(run.folder, lambda event, values: print(event, *(f"{k}={v}" for k, v in values.items()), flush=True))
    try:
        from dermnet_core.training.run import execute  # TensorFlow takes seconds: whoever started us awaits the lock

        execute(run, log.announce, finish=finish)
    except Stopped:
        log.write("stopped")
        return STOPPED
    except Exception as error:
        if not isinstance(error, DermnetError):
            traceback.print_exc()
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        _tell_failure(log, error)
        return 1
    return 0


def _tell_failure(log: EventLog, error: Exception) -> None:
    full = isinstance(error, OSError) and not isinstance(error, DermnetError)
    advice = " Free space, then resume: finished epochs are kept." if full else ""
    try:
        log.write("failed", error=f"{error}{advice}", kind=type(error).__name__)
    except OSError as full_disk:
        # Without this event the run shows as interrupted, which it is.
        print(f"The failure could not be written to the run folder: {full_disk}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
