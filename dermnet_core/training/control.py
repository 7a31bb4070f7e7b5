"""Start, stop and delete training runs: processes of their own that outlive whoever started them."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from dermnet_core.errors import RunError
from dermnet_core.paths import ROOT
from dermnet_core.training.jobs import open_run
from dermnet_core.training.lock import holder
from dermnet_core.training.status import read_progress

LOG = "log.txt"
_PATIENCE = 10.0
"""Seconds that a process has to take its lock."""


def start(folder: Path, *, finish: bool = False) -> int:
    """Train the run in a folder, or go on with it, in a process of its own; return the process.

    It has its own session: it goes on when the terminal, the browser or this process ends.

    Args:
        folder: the run.
        finish: train no further, make the model from the best weights so far.

    Raises:
        RunError: it runs already or is finished, the folder holds no run, or the process did not start.
    """
    open_run(folder)
    if read_progress(folder).status == "finished":
        raise RunError(f"Expected an unfinished run in {folder}, found that it is finished. Start another one.")
    arguments = ["-m", "dermnet_core.training", str(folder.resolve()), *(["--finish"] if finish else [])]
    return launch(folder, arguments)


def launch(folder: Path, arguments: Sequence[str]) -> int:
    """Start this Python with arguments as a detached process that takes the lock of a folder; return the process.

    Raises:
        RunError: a process works in the folder already, or the new one did not start.
    """
    busy = holder(folder)
    if busy is not None:
        raise RunError(f"Expected nobody at work in {folder}, found process {busy}. Wait for it or stop it.")
    try:
        with (folder / LOG).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
    except OSError as error:
        raise RunError(f"Expected to start a process in {folder}, found: {error}. Free memory or space.") from error
    threading.Thread(target=process.wait, daemon=True).start()  # else it would stay a zombie when it ends
    if not _until(lambda: holder(folder) == process.pid or process.poll() is not None):
        raise RunError(f"Expected process {process.pid} to begin in {folder}, found it silent. See {LOG} there.")
    if process.returncode:
        raise RunError(f"Expected the process in {folder} to begin, found: {_last_line(folder)}")
    return process.pid


def stop(folder: Path, patience: float = 20.0) -> None:
    """End the training in a folder in order; finished epochs and the best weights are kept.

    Returns when the process has ended, or after ``patience`` seconds, when it will end by itself.

    Raises:
        RunError: nobody works in the folder.
    """
    pid = holder(folder)
    if pid is None:
        raise RunError(f"Expected a process at work in {folder}, found none. There is nothing to stop.")
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return  # it ended in this moment
    except PermissionError as error:
        raise RunError(f"Expected to stop process {pid}, found that it is another user's. Ask its owner.") from error
    _until(lambda: holder(folder) != pid, patience)


def delete(folder: Path) -> None:
    """Delete a run folder with everything in it.

    Raises:
        RunError: it runs, or is no run folder.
    """
    open_run(folder)
    remove(folder)


def remove(folder: Path) -> None:
    """Delete a folder in which nobody is at work.

    Raises:
        RunError: somebody is, or it cannot be deleted.
    """
    pid = holder(folder)
    if pid is not None:
        raise RunError(f"Expected nobody at work in {folder}, found process {pid}. Stop it first.")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise RunError(f"Expected to delete {folder}, found: {error}. Delete it by hand.") from error


def tail(folder: Path, lines: int = 200) -> str:
    """Return the last lines of what the process of a run printed; empty when there is nothing."""
    try:
        with (folder / LOG).open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, maxlen=lines))
    except OSError:
        return ""


def _last_line(folder: Path) -> str:
    lines = tail(folder, 5).strip().splitlines()
    return lines[-1] if lines else "no message"


def _until(condition: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()
