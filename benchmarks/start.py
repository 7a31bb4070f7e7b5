"""Seconds from starting the server to the first visitor's first answer, and the memory that it then holds.

Beside it what Keras needs before it can answer: a process that loads the same two models with TensorFlow and answers
one photo, without any page. Both start from nothing in each round and take turns.

    python -m benchmarks.start [--rounds 3] [--json]
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.load import Waits, encoded, memory_mb, one_photo, served
from benchmarks.visitor import Visitor
from dermnet_core.data.drawings import example_drawings
from dermnet_core.paths import ROOT

SECONDS, MOST_MB = 3.0, 300.0


def main() -> int:
    """Run the benchmark and return 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description="From the start to an answer.")
    parser.add_argument("--rounds", type=int, default=3, help="of both sides (3)")
    parser.add_argument("--json", action="store_true", help="JSON alone on standard output")
    options = parser.parse_args()
    rounds = [(_ours(), _keras()) for _ in range(options.rounds)]
    seconds, megabytes = (float(np.median([ours[i] for ours, _ in rounds])) for i in (0, 1))
    plain = float(np.median([keras for _, keras in rounds]))
    report = {
        "seconds": round(seconds, 2),
        "keras_seconds": round(plain, 2),
        "ratio": round(plain / seconds, 1),
        "memory_mb": round(megabytes),
        "reached": seconds < SECONDS and megabytes < MOST_MB,
    }
    print(json.dumps(report, indent=2) if options.json else _table(report))
    return int(not report["reached"])


def _ours() -> tuple[float, float]:
    """Start the application, come in, bring a photo; return the seconds to its two heatmaps and the memory in MB."""
    started = time.perf_counter()
    with served() as (address, pid):
        asyncio.run(_first_answer(address))
        return time.perf_counter() - started, memory_mb(pid)


async def _first_answer(address: str) -> None:
    waits = Waits()
    async with Visitor(address) as visitor:
        await one_photo(visitor, encoded(Image.fromarray(example_drawings()[0].rgb), "JPEG"), waits)
    if waits.errors:
        sys.exit(f"Expected an answer, found: {waits.errors[0]}")


def _keras() -> float:
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(example_drawings()[0].rgb).save(Path(folder) / "0.jpg")
        command = [sys.executable, "-m", "benchmarks.serving", "--side", "plain", "--photos", folder, "--repeats", "0"]
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        return time.perf_counter() - started


def _table(report: dict[str, float | bool]) -> str:
    return "\n".join(
        [
            f"Start of the server to the first answer: {report['seconds']} s; target below {SECONDS} s",
            f"Keras, loading the same models to the first answer: {report['keras_seconds']} s, {report['ratio']} times",
            f"Memory then: {report['memory_mb']} MB; target below {MOST_MB:.0f} MB",
            "Reached." if report["reached"] else "MISSED.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
