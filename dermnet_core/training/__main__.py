"""Run a training run in a process of its own: ``python -m dermnet_core.training RUN_DIR``."""

import sys
import traceback
from pathlib import Path

from dermnet_core.errors import DermnetError
from dermnet_core.training.jobs import open_run
from dermnet_core.training.progress import EventLog
from dermnet_core.training.run import execute


def main(folder: Path) -> int:
    """Train the run in a folder; a failure is also its last event."""
    try:
        execute(open_run(folder))
    except Exception as error:
        if folder.is_dir():
            EventLog(folder).write("failed", error=str(error), kind=type(error).__name__)
        if not isinstance(error, DermnetError):
            traceback.print_exc()
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
