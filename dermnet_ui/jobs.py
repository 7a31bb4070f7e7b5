"""Long commands as child processes that outlive the visitor who started them: scans, evaluations; no Streamlit."""

import json
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dermnet_core.i18n import N_, _, count, decimal
from dermnet_core.paths import ROOT

State = Literal["running", "finished", "stopped", "failed"]
_PATIENCE = 10.0
"""Seconds that a process has to end by itself after SIGTERM."""


@dataclass(frozen=True)
class Work:
    """What is said of a kind of work that did not finish, in English."""

    unstarted: str
    """With the place ``{error}``."""
    stopped: str
    killed: str
    """With the place ``{signal}``."""


SCAN = Work(
    N_("Expected to start a process for the scan, found: {error}. Free some memory."),
    N_("You stopped the scan. What it has measured is kept: the next scan goes on from there."),
    N_(
        "Expected the scan to finish, found that its process was ended ({signal}), most likely for lack of memory. "
        "Free some and scan again."
    ),
)
EVALUATION = Work(
    N_("Expected to start a process for the evaluation, found: {error}. Free some memory."),
    N_("You stopped the evaluation. Finished photos are kept: the same evaluation goes on from there."),
    N_(
        "Expected the evaluation to finish, found that its process was ended ({signal}), most likely for lack of "
        "memory. Free some and start it again."
    ),
)


@dataclass(frozen=True)
class Step:
    """How far the work is."""

    phase: str = "starting"
    done: int = 0
    total: int = 0
    rate: float = 0.0
    """Photos a second; 0 when not known."""

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds that the rest of this phase takes at this rate; None when not known."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


class Job:
    """One command in a process of its own; a thread reads its progress."""

    def __init__(self, command: Sequence[str], work: Work = SCAN) -> None:
        self._work = work
        self.step = Step()
        self.state: State = "running"
        self.message = ""
        """Why it failed or that it was stopped, in English, for it belongs to all visitors; `retold` translates it."""
        self._stopping = False
        try:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        except OSError as error:
            self.message = work.unstarted.format(error=error)
            self.state = "failed"
            return
        threading.Thread(target=self._follow, daemon=True).start()

    def stop(self) -> None:
        """Ask the process to end with SIGTERM, and end it if it does not."""
        if self.state != "running":
            return
        self._stopping = True
        self._process.terminate()
        threading.Thread(target=self._insist, daemon=True).start()

    def wait(self, timeout: float) -> State:
        """Return the state when it has ended, or after so many seconds."""
        deadline = time.monotonic() + timeout
        while self.state == "running" and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.state

    def _insist(self) -> None:
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _follow(self) -> None:
        """Read the process's lines until it ends; what is not JSON is kept to explain a failure."""
        error, others = "", deque[str](maxlen=5)
        with self._process as process:
            for line in process.stderr or ():
                text = line.decode(errors="replace").strip()
                told = _parsed(text)
                if told is None:
                    others.append(text)
                elif "error" in told:
                    error = str(told["error"])
                else:
                    self.step = _step(told)
            status = process.wait()
        last = next((text for text in reversed(others) if text), "no message")
        self.message = self._ending(status, error or last.removeprefix("Error: "))
        # Last, because whoever sees that it has ended reads the message.
        self.state = "finished" if status == 0 else "stopped" if self._stopping else "failed"

    def _ending(self, status: int, reason: str) -> str:
        if status == 0:
            return ""
        if self._stopping:
            return self._work.stopped
        if status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
            return self._work.killed.format(signal=name)
        return reason


class Jobs:
    """The work of one kind on this server, by the folder that it reads or writes; shared by all visitors."""

    def __init__(self, work: Work = SCAN) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._jobs: dict[Path, Job] = {}

    def get(self, folder: Path) -> Job | None:
        """Return the work on a folder, also one that has ended; None if there was none."""
        with self._lock:
            return self._jobs.get(folder.resolve())

    def running(self) -> list[Path]:
        """Return the folders that are worked on, the first started first."""
        with self._lock:
            return [folder for folder, job in self._jobs.items() if job.state == "running"]

    def start(self, folder: Path, command: Sequence[str]) -> Job:
        """Start a command, or return the one that is running for this folder."""
        folder = folder.resolve()
        with self._lock:
            job = self._jobs.get(folder)
            if job is None or job.state != "running":
                job = self._jobs[folder] = Job(command, self._work)
            return job


def progress_text(step: Step, titles: Mapping[str, str], rated: Collection[str] = ("photos",)) -> str:
    """Return what a process is doing, how fast, and how long it takes.

    Args:
        step: how far it is.
        titles: name of a phase -> what is said of it, in English.
        rated: phases whose rate is in photos.
    """
    parts = [_(titles.get(step.phase, step.phase.capitalize()))]
    if step.total > 1:
        parts.append(_("{n} of {total}").format(n=count(step.done), total=count(step.total)))
    if step.rate > 0 and step.phase in rated:
        parts.append(_("{n} photos a second").format(n=decimal(step.rate, 0)))
    left = step.seconds_left
    if left is not None and step.done < step.total:
        seconds, minutes = _("about {n} s left"), _("about {n} min left")
        parts.append(seconds.format(n=decimal(left, 0)) if left < 90 else minutes.format(n=decimal(left / 60, 0)))
    return " · ".join(parts)


def _parsed(text: str) -> dict[str, object] | None:
    try:
        told = json.loads(text)
    except json.JSONDecodeError:
        return None
    return told if isinstance(told, dict) and ("phase" in told or "error" in told) else None


def _step(told: dict[str, object]) -> Step:
    number = {key: value for key, value in told.items() if isinstance(value, int | float)}
    return Step(
        str(told["phase"]), int(number.get("done", 0)), int(number.get("total", 0)), float(number.get("rate", 0.0))
    )
