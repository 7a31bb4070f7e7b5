"""One process at a time trains in a run folder: a lock that the operating system gives back when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dermnet_core.errors import RunError

LOCK = "lock"
_PATIENCE = 0.5
"""Seconds to try: whoever asks for the holder has the lock for a moment."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; also ``kill -9`` and a power cut give it back.

    Raises:
        RunError: another process holds it, or the file cannot be written.
    """
    with _opened(folder) as stream:
        if not _taken(stream, _PATIENCE):
            pid = _pid(stream)
            raise RunError(
                f"Expected a run that nobody trains in {folder}, found process {pid or 'of another user'} at work. "
                "Wait for it or stop it."
            )
        stream.seek(0)
        stream.truncate()
        stream.write(str(os.getpid()))
        stream.flush()
        yield  # closing the file gives the lock back


def holder(folder: Path) -> int | None:
    """Return the process that holds the lock of a folder, or None when nobody does."""
    try:
        stream = (folder / LOCK).open("r+", encoding="utf-8")
    except OSError:
        return None
    with stream:
        return None if _taken(stream) else _pid(stream)


def _opened(folder: Path) -> IO[str]:
    try:
        return (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise RunError(
            f"Expected to write in {folder}, found: {error}. Free space or choose another folder."
        ) from error


def _taken(stream: IO[str], patience: float = 0.0) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _pid(stream: IO[str]) -> int | None:
    stream.seek(0)
    text = stream.read().strip()
    return int(text) if text.isdigit() else None
