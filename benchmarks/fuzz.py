"""Send the application thousands of damaged, forged and oversized files, as a visitor could.

Each file goes the way of an upload: read, measured, answered by both models, drawn and saved. It has to give an answer
or a sentence that says what is wrong; within a cap of memory and of time; and nothing of its metadata may come out
again. The work is done in a process of its own, so that a crash in a decoder is seen and the rest goes on. A file at
fault is kept, and its number and the seed make it again.

    python -m benchmarks.fuzz [--files 10000] [--seed 0] [--first N] [--keep DIR] [--json]
"""

import argparse
import base64
import contextlib
import io
import json
import os
import re
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.hostile import SECRET, HostileFile, hostile_file
from dermnet_core.paths import ROOT
from dermnet_ui.case import Case, Refused
from dermnet_ui.export import as_json, report
from dermnet_ui.markup import encode
from dermnet_ui.picture import picture
from dermnet_ui.resources import Models, installed

CAP_MB = 350.0
"""How much the process may grow over one file."""
CAP_SECONDS = 15.0
"""Of processor time for one file."""
_ADDRESS_SPACE = 6 * 2**30
"""Bytes after which the process gets no more memory at all, so that a fault does not take the computer along."""
_SAVE_EVERY = 10
_STATUS = Path(os.sep, "proc", "self") if sys.platform == "linux" else None
# Freed memory goes back at once, so that each file's own growth is seen.
_MALLOC = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}


@dataclass
class Outcome:
    """What became of a series of files."""

    seed: int
    files: int = 0
    answered: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """Reason -> count."""
    saved: int = 0
    """Of the answered ones, those whose picture, report and data were made and looked through."""
    faults: list[str] = field(default_factory=list)
    most_mb: float = 0.0
    most_mb_of: str = ""
    longest_seconds: float = 0.0
    longest_of: str = ""
    seconds: float = 0.0


def main() -> int:
    """Run a series and return 1 when a file is at fault."""
    options = _options()
    if options.child:
        _work(options.seed, options.first, options.files)
        return 0
    outcome = fuzz(options.seed, options.first, options.files, options.keep)
    print(json.dumps(asdict(outcome), indent=2) if options.json else _table(outcome))
    return int(bool(outcome.faults))


def fuzz(seed: int, first: int, files: int, keep: Path) -> Outcome:
    """Send files ``first`` to ``first + files - 1`` of a series; those at fault are written into ``keep``."""
    outcome, started, number, end = Outcome(seed), time.monotonic(), first, first + files
    while number < end:
        number = _in_a_process(outcome, number, end, keep)
    outcome.seconds = round(time.monotonic() - started, 1)
    return outcome


def _in_a_process(outcome: Outcome, first: int, end: int, keep: Path) -> int:
    """Let a process take files until it is through or dies, and return the number to go on with."""
    options = {"cwd": ROOT, "env": os.environ | _MALLOC, "stdout": subprocess.PIPE, "bufsize": 0}
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(_command(outcome.seed, first, end - first), stderr=errors, **options) as child,
    ):
        number = first
        try:
            for message in _messages(child):
                if "begun" in message:
                    number = message["begun"]
                else:
                    _count(outcome, message, keep)
        except TimeoutError:
            _fault(outcome, number, f"took longer than {4 * CAP_SECONDS:.0f} s", keep)
        finally:
            child.kill()
            status = child.wait()
        if number == end:
            return end
        if not outcome.faults or f"file {number} " not in outcome.faults[-1]:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines() or [""]
            _fault(outcome, number, f"ended the process with status {status}: {said[-1]}", keep)
    return number + 1


def _command(seed: int, first: int, files: int) -> list[str]:
    numbers = ["--seed", str(seed), "--first", str(first), "--files", str(files)]
    return [sys.executable, "-m", "benchmarks.fuzz", "--child", *numbers]


def _messages(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """Yield what a process says, line by line.

    Raises:
        TimeoutError: it says nothing for longer than making a large file and four times the allowed time can take.
    """
    assert child.stdout is not None
    while True:
        ready, _, _ = select.select([child.stdout], [], [], 60 + 4 * CAP_SECONDS)
        if not ready:
            raise TimeoutError
        line = child.stdout.readline()
        if not line:
            return
        yield json.loads(line)


def _count(outcome: Outcome, message: dict[str, Any], keep: Path) -> None:
    outcome.files += 1
    outcome.answered += message["answered"]
    outcome.saved += message["saved"]
    if message["refused"]:
        outcome.refused[message["refused"]] = outcome.refused.get(message["refused"], 0) + 1
    name = f"file {message['number']} ({message['made']})"
    if message["mb"] > outcome.most_mb:
        outcome.most_mb, outcome.most_mb_of = message["mb"], name
    if message["seconds"] > outcome.longest_seconds:
        outcome.longest_seconds, outcome.longest_of = message["seconds"], name
    for fault in message["faults"]:
        _fault(outcome, message["number"], fault, keep)


def _fault(outcome: Outcome, number: int, fault: str, keep: Path) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    file = hostile_file(outcome.seed, number)
    path = keep / f"seed-{outcome.seed}-file-{number}.bin"
    path.write_bytes(file.data)
    outcome.faults.append(f"file {number} ({file.made}): {fault}; kept as {path.name}")


def _work(seed: int, first: int, files: int) -> None:
    """Take the files one by one in this process and say what became of each."""
    if _STATUS:
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    models = Models([options[0] for options in installed().values()])
    for number in range(first, first + files):
        print(json.dumps({"begun": number}), flush=True)
        file = hostile_file(seed, number)
        print(json.dumps(_judged(models, file)), flush=True)
    print(json.dumps({"begun": first + files}), flush=True)


def _judged(models: Models, file: HostileFile) -> dict[str, Any]:
    """Send one file and return what is to be counted."""
    before, started = _begin_measuring(), time.process_time()
    result: Case | Refused | None = None
    faults, saved = [], 0
    try:
        result = models.examine(file.data, file.name)
        if isinstance(result, Case) and file.number % _SAVE_EVERY == 0:
            saved = 1
            faults += leaks(saved_files(result))
    except Exception as error:  # whatever comes out here would have reached the page
        faults.append(f"raised {type(error).__name__}: {error}")
    seconds, growth = time.process_time() - started, _growth(before)
    if growth > CAP_MB:
        faults.append(f"took {growth:.0f} MB, more than {CAP_MB:.0f} MB")
    if seconds > CAP_SECONDS:
        faults.append(f"took {seconds:.1f} s, more than {CAP_SECONDS:.0f} s")
    refused = result.message if isinstance(result, Refused) else ""
    if refused and not (refused.startswith("Expected ") and ", found " in refused):
        faults.append(f"was refused with a message that does not say what to do: {refused}")
    return {
        "number": file.number,
        "made": file.made,
        "answered": int(isinstance(result, Case)),
        "saved": saved,
        "refused": re.sub(r"\d+ × \d+|\d+\.\d", "N", refused).partition(". ")[0],
        "faults": faults,
        "seconds": round(seconds, 3),
        "mb": round(growth, 1),
    }


def saved_files(case: Case) -> list[bytes]:
    """Return everything of a case that leaves the server: pictures of the page, and what can be saved."""
    html = report(case, "", 0.5, "No medical device.")
    inside = re.findall(r"data:image/\w+;base64,([A-Za-z0-9+/=]+)", html)
    pictures = [encode(case.rgb), picture(case, "", 0.5, ""), *(base64.b64decode(text) for text in inside)]
    return [html.encode(), as_json([case]).encode(), *pictures]


def leaks(files: Sequence[bytes]) -> list[str]:
    """Return what is wrong with files that leave the server: words or metadata of the visitor's file in them."""
    found = []
    for data in files:
        if SECRET.encode() in data or SECRET.encode("utf-16-be") in data:
            found.append("put its metadata into what is saved")
        if data[:4] in (b"\xff\xd8\xff\xe0", b"\x89PNG"):
            with Image.open(io.BytesIO(data)) as image:
                extra = set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
                if extra or image.getexif():
                    found.append(f"left metadata in a picture: {sorted(extra)}")
    return found


def _begin_measuring() -> float:
    """Start to measure this process's peak of memory anew, and return what it holds now, in MB."""
    if _STATUS is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    with contextlib.suppress(OSError):  # not permitted everywhere; growth is then that of the whole process
        (_STATUS / "clear_refs").write_text("5")
    return _status_mb("VmRSS")


def _growth(before: float) -> float:
    if _STATUS is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6 - before
    return _status_mb("VmHWM") - before


def _status_mb(entry: str) -> float:
    assert _STATUS is not None
    lines = (_STATUS / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(entry)).split()[1]) * 1024 / 1e6


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description="Hostile uploads, by the thousand.")
    parser.add_argument("--files", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the series (0)")
    parser.add_argument("--first", type=int, default=0, help="number of the first file (0)")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-faults"), help="where files at fault are written")
    parser.add_argument("--json", action="store_true", help="JSON alone on standard output")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _table(outcome: Outcome) -> str:
    refused = sum(outcome.refused.values())
    reasons = sorted(outcome.refused.items(), key=lambda entry: -entry[1])
    lines = [
        f"Seed {outcome.seed}: {outcome.files:,} files in {outcome.seconds:.0f} s",
        f"{'answered':28}{outcome.answered:8,}   (of {outcome.saved:,} all that can be saved was looked through)",
        f"{'refused with a reason':28}{refused:8,}",
        *(f"    {count:8,}  {reason}" for reason, count in reasons),
        f"{'at fault':28}{len(outcome.faults):8,}",
        *(f"    {fault}" for fault in outcome.faults),
        f"Most memory for one file: {outcome.most_mb:.0f} MB, {outcome.most_mb_of}; cap {CAP_MB:.0f} MB",
        f"Longest: {outcome.longest_seconds:.1f} s, {outcome.longest_of}; cap {CAP_SECONDS:.0f} s",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
