"""Run a search in a process of its own: ``python -m dermnet_core.tuning SEARCH_DIR``.

Several machines share one search when Keras Tuner's variables are set: ``KERASTUNER_ORACLE_IP``,
``KERASTUNER_ORACLE_PORT``, and ``KERASTUNER_TUNER_ID``: ``chief`` on one, ``worker0``, ``worker1`` … elsewhere.
The folder has to be one that all of them can write to.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from dermnet_core.errors import RunError
from dermnet_core.training.stopping import stoppable
from dermnet_core.tuning.run import execute, locked
from dermnet_core.tuning.search import open_search


def main(arguments: Sequence[str]) -> int:
    """Go through the trials of a search; how it ends is also its last event."""
    folder = Path(arguments[0])
    try:
        search = open_search(folder)
        with locked(folder), stoppable():
            return execute(search)
    except RunError as error:
        print(f"RunError: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
