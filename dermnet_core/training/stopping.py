"""Let SIGTERM and Ctrl-C end a training between two batches, so that no file is half written."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked = False


class Stopped(Exception):
    """Somebody asked the training to stop."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Take SIGTERM and SIGINT as requests to stop; inside, ``check`` heeds them."""
    global _asked
    _asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        global _asked
        _asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def requested() -> bool:
    """Say whether somebody asked the work to stop."""
    return _asked


def check() -> None:
    """End the work here if somebody asked for it.

    Raises:
        Stopped: somebody did.
    """
    if _asked:
        raise Stopped
