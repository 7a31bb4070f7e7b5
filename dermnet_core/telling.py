"""Tell on standard error how far a long command is, and end it in order when it is asked to stop."""

import json
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Literal

How = Literal["bar", "json", "none"]
_EVERY = 0.25  # seconds between two messages
_WINDOW = 5.0  # seconds over which the speed is taken
_WIDTH = 24


class Teller:
    """Progress by phases: a bar for people, one JSON object a line for the page, or nothing.

    The objects are ``{"phase", "done", "total", "rate"}`` with the rate in photos a second, or ``{"error"}``.
    """

    def __init__(self, how: How | None) -> None:
        """Take the bar on a terminal and nothing elsewhere when ``how`` is None."""
        self._how = how or ("bar" if sys.stderr.isatty() else "none")
        self._last = -_EVERY
        self._open = False

    def __enter__(self) -> "Teller":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end_line()

    def phase(self, name: str) -> Callable[[int, int], None]:
        """Begin a phase and return the call that takes what is done and all there is.

        What the first call says is done cost no time: the speed counts from there.
        """
        self._end_line()
        self._last = -_EVERY  # where a phase begins is always told
        seen = deque[tuple[float, int]]()

        def tell(done: int, total: int) -> None:
            now = time.monotonic()
            if now - self._last < _EVERY and done < total:
                return
            self._last = now
            seen.append((now, done))
            while len(seen) > 2 and now - seen[0][0] > _WINDOW:
                seen.popleft()
            seconds = now - seen[0][0]
            self._tell(name, done, total, (done - seen[0][1]) / seconds if seconds else 0.0)

        return tell

    def line(self, text: str) -> None:
        """Say something besides the progress, to people only."""
        self._end_line()
        if self._how != "json":
            say(text)

    def error(self, message: str) -> None:
        """Tell why the command failed, for the page; people read it from the command itself."""
        self._end_line()
        if self._how == "json":
            say(json.dumps({"error": message}, ensure_ascii=False))

    def _tell(self, name: str, done: int, total: int, rate: float) -> None:
        if self._how == "json":
            say(json.dumps({"phase": name, "done": done, "total": total, "rate": round(rate, 1)}))
        elif self._how == "bar":
            filled = "█" * (_WIDTH * done // max(total, 1))
            line = f"{name:<15} {filled:░<{_WIDTH}} {done:,} of {total:,}"
            line += f"  {rate:,.0f} a second" if rate else ""
            line += f"  {_clock((total - done) / rate)} left" if rate and done < total else ""
            print(f"\r{line:<100}", end="", file=sys.stderr, flush=True)
            self._open = True

    def _end_line(self) -> None:
        if self._open:
            print(file=sys.stderr, flush=True)
        self._open = False


def say(line: str) -> None:
    """Write one line to standard error."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the command inside: its processes first, then itself with status 130 or 143."""
    asked, owner = 0, os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if os.getpid() != owner:  # a forked worker, which has nothing to put in order
            os._exit(128 + number)
        for worker in multiprocessing.active_children():
            worker.terminate()
        if not asked:  # once: a second signal must not interrupt what the first one set going
            asked = number
            raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except BaseException as error:
        # Workers that were ended may show as another error than the interruption itself.
        if not asked:
            raise
        say("Stopped. What is done is kept; the same command goes on.")
        raise SystemExit(128 + asked) from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
