"""The event log of a run: one JSON object a line, appended while it trains; read without TensorFlow."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dermnet_core.training.stopping import check

EVENTS = "events.jsonl"


class EventLog:
    """Append events to a run folder and, where ``announce`` is given, tell it of each event and its values."""

    def __init__(self, run_dir: Path, announce: Callable[[str, Mapping[str, Any]], None] | None = None) -> None:
        self._path = run_dir / EVENTS
        self.announce = announce

    def write(self, event: str, **values: Any) -> None:
        """Append one event with the time in seconds since 1970."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, **values}, ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        if self.announce:
            self.announce(event, values)

    def progress(self, event: str, **values: Any) -> "Throttled":
        """Return what takes the progress of something long, (done, total), and writes it now and then as events."""
        return Throttled(lambda done, total: self.write(event, **values, done=done, total=total))


class Throttled:
    """Pass progress of a training on at most every few seconds, and always the last."""

    def __init__(self, tell: Callable[[int, int], None], every_seconds: float = 5.0) -> None:
        self._tell, self._every, self._told = tell, every_seconds, 0.0

    def __call__(self, done: int, total: int) -> None:
        """Tell, unless it was told a moment ago; end here if somebody asked for it."""
        check()
        if done == total or time.monotonic() - self._told >= self._every:
            self._told = time.monotonic()
            self._tell(done, total)


def read_events(run_dir: Path) -> list[dict[str, Any]]:
    """Return all complete events of a run, oldest first; a line cut off by a crash, or damaged, is left out."""
    path = run_dir / EVENTS
    if not path.is_file():
        return []
    events = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # the line being written, or one cut off by a crash: nothing else writes this file
        if (
            isinstance(event, dict)
            and isinstance(event.get("event"), str)
            and isinstance(event.get("time"), int | float)
        ):
            events.append(event)
    return events
