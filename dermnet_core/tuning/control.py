"""Start, stop and delete searches: processes of their own that outlive whoever started them."""

from pathlib import Path

from dermnet_core.errors import RunError
from dermnet_core.training import control
from dermnet_core.tuning.search import open_search
from dermnet_core.tuning.table import read_search


def start(folder: Path) -> int:
    """Run the search in a folder, or go on with it, in a process of its own; return the process.

    Raises:
        RunError: it runs already or is finished, the folder holds no search, or the process did not start.
    """
    if read_search(folder).status == "finished":
        raise RunError(f"Expected an unfinished search in {folder}, found that it is finished. Start another one.")
    return control.launch(folder, ["-m", "dermnet_core.tuning", str(folder.resolve())])


def stop(folder: Path) -> None:
    """End a search in order: the trial that trains now goes on when the search does.

    Raises:
        RunError: it does not run.
    """
    control.stop(folder)


def delete(folder: Path) -> None:
    """Delete a search with all its trials.

    Raises:
        RunError: it runs, or the folder holds no search.
    """
    open_search(folder)
    control.remove(folder)
