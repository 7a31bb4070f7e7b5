"""Twenty visitors at once: how long they wait for both heatmaps, and how much memory the server holds.

Starts the application on this computer, or takes one that runs, and sends visitors without browsers. Each comes in,
brings photo after photo, looks at both heatmaps, moves the opacity, and leaves; the next one takes the place. A wait is
counted from the first byte of the file to the last byte of the second heatmap. Then the same beside visitors who are
slow: one whose file trickles in, one who never reads, one whose photo is as large as is allowed.

    python -m benchmarks.load [--visitors 20] [--predictions 2000] [--think 3] [--port N] [--json]
"""

import argparse
import asyncio
import io
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.visitor import Visitor
from dermnet_core.data.drawings import example_drawings
from dermnet_core.paths import ROOT

P95_MS, MOST_MB, GROWTH = 500.0, 450.0, 0.05
_VISIT = 6
"""Photos that one visitor brings."""
_SLOW_PREDICTIONS = 100
_START_SECONDS = 60


@dataclass
class Waits:
    """What the visitors of one part of the test met with."""

    answers_ms: list[float] = field(default_factory=list)
    """From the file's first byte to the second heatmap's last."""
    looks_ms: list[float] = field(default_factory=list)
    """From moving the opacity to both new heatmaps."""
    errors: list[str] = field(default_factory=list)
    left: int = 0
    """Predictions that are still to be asked for."""
    memory_mb: list[float] = field(default_factory=list)
    seconds: float = 0.0


def main() -> int:
    """Run the test and return 1 when a target is missed."""
    options = _options()
    if options.usual:
        os.environ["STREAMLIT_RUNNER_POST_SCRIPT_GC"] = "true"
    with served(options.port) as (address, pid):
        report = asyncio.run(_test(address, pid, options))
    print(json.dumps(report, indent=2) if options.json else _table(report))
    return int(not report["reached"])


async def _test(address: str, pid: int | None, options: argparse.Namespace) -> dict[str, object]:
    photos = _photos()
    warm = await _crowd(address, pid, photos, options, options.warm)
    calm = await _crowd(address, pid, photos, options, options.predictions)
    slow = await _beside_slow_ones(address, pid, photos, options)
    return _report(warm, calm, slow, options)


async def _crowd(
    address: str, pid: int | None, photos: list[bytes], options: argparse.Namespace, predictions: int
) -> Waits:
    """Let visitors come and go until so many predictions have been made."""
    waits, started = Waits(left=predictions), time.monotonic()
    watching = asyncio.create_task(_watch(pid, waits))
    places = (_place(address, photos, waits, options.think, number) for number in range(options.visitors))
    await asyncio.gather(*places)
    watching.cancel()
    waits.seconds = time.monotonic() - started
    waits.memory_mb.append(memory_mb(pid))
    return waits


async def _place(address: str, photos: list[bytes], waits: Waits, think: float, number: int) -> None:
    """One visitor after the other on the same place."""
    pick = random.Random(number)
    await asyncio.sleep(pick.uniform(0, think))
    while waits.left > 0:
        try:
            async with Visitor(address) as visitor:
                for _ in range(_VISIT):
                    if waits.left <= 0:
                        break
                    waits.left -= 1
                    await one_photo(visitor, pick.choice(photos) + pick.randbytes(8), waits)
                    await asyncio.sleep(pick.uniform(0.5, 1.5) * think / 2)
                    await _one_look(visitor, pick.randint(0, 100), waits)
                    await asyncio.sleep(pick.uniform(0.5, 1.5) * think / 2)
        except (OSError, TimeoutError, LookupError, RuntimeError) as error:
            waits.errors.append(f"{type(error).__name__}: {error}")


async def one_photo(visitor: Visitor, data: bytes, waits: Waits) -> None:
    started = time.perf_counter()
    file = await visitor.upload("photo.jpg", data)
    box = WidgetState(id=visitor.screen.all("file_uploader")[0].id)
    box.file_uploader_state_value.uploaded_file_info.append(file)
    await visitor.run([box])
    await _heatmaps(visitor, waits)
    waits.answers_ms.append(1000.0 * (time.perf_counter() - started))


async def _one_look(visitor: Visitor, opacity: int, waits: Waits) -> None:
    started = time.perf_counter()
    slider = WidgetState(id=visitor.screen.all("slider")[0].id)
    slider.double_array_value.data.append(opacity)
    await visitor.run([slider], visitor.screen.fragment_of("slider"))
    await _heatmaps(visitor, waits)
    waits.looks_ms.append(1000.0 * (time.perf_counter() - started))


async def _heatmaps(visitor: Visitor, waits: Waits) -> None:
    """Fetch both heatmaps as a browser would; whatever is wrong counts as an error."""
    waits.errors += visitor.screen.problems()
    for address in visitor.screen.pictures()[-2:]:
        status, _, data = await visitor.request("GET", address)
        if status != 200 or not data.startswith(b"\xff\xd8\xff"):
            waits.errors.append(f"Expected a heatmap at {address}, found status {status}.")


async def _beside_slow_ones(address: str, pid: int | None, photos: list[bytes], options: argparse.Namespace) -> Waits:
    """Measure a few waits while slow visitors are about."""
    large = encoded(Image.new("RGB", (8000, 5000), (200, 150, 130)), "PNG")
    async with Visitor(address) as deaf, Visitor(address) as owner:
        idle = asyncio.create_task(_never_reads(deaf))
        trickle = asyncio.create_task(asyncio.to_thread(_trickle, address, 60.0))
        heavy = asyncio.create_task(_large_photos(owner, large))
        waits = await _crowd(address, pid, photos, options, _SLOW_PREDICTIONS)
        for task in (idle, trickle, heavy):
            task.cancel()
    return waits


async def _never_reads(visitor: Visitor) -> None:
    """Ask for the page again and again and read nothing of it."""
    while True:
        await visitor.ask()
        await asyncio.sleep(1.0)


async def _large_photos(visitor: Visitor, data: bytes) -> None:
    while True:
        file = await visitor.upload("large.png", data + os.urandom(8))
        box = WidgetState(id=visitor.screen.all("file_uploader")[0].id)
        box.file_uploader_state_value.uploaded_file_info.append(file)
        await visitor.run([box])


def _trickle(address: str, seconds: float) -> None:
    """Begin to send a file and let it come by the byte."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                connection.sendall(b"x")
                time.sleep(0.5)
        except OSError:
            return  # the server has had enough of it, as it may


async def _watch(pid: int | None, waits: Waits) -> None:
    while True:
        waits.memory_mb.append(memory_mb(pid))
        await asyncio.sleep(1.0)


def _photos() -> list[bytes]:
    """Return drawings as photos of three sizes: a web page's, a screen's and a phone's."""
    made = []
    for number, drawing in enumerate(example_drawings()):
        size = ((720, 540), (1600, 1200), (720, 540), (4032, 3024), (1024, 768))[number]
        pixels = np.asarray(Image.fromarray(drawing.rgb).resize(size), dtype=np.int16)
        noise = np.random.default_rng(number).integers(-6, 7, pixels.shape, dtype=np.int16)
        made.append(encoded(Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8)), "JPEG"))
    return made


def encoded(image: Image.Image, form: str) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form)
    return stream.getvalue()


@contextmanager
def served(port: int | None = None) -> Iterator[tuple[str, int | None]]:
    """Start the application on a free port, or take the one on ``port``; its process is None when not ours."""
    if port is not None:
        yield f"http://127.0.0.1:{port}", None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", "--server.headless=true"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"Expected the application within {_START_SECONDS} s, found none at {address}.")


def memory_mb(pid: int | None) -> float:
    """Return what a process holds, in MB; 0 where it is not ours or this is not Linux."""
    status = Path(os.sep, "proc", str(pid), "status")
    if pid is None or not status.is_file():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


def _report(warm: Waits, calm: Waits, slow: Waits, options: argparse.Namespace) -> dict[str, object]:
    calm_p95, slow_p95 = (float(np.percentile(waits.answers_ms, 95)) for waits in (calm, slow))
    window = max(1, len(calm.memory_mb) // 10)
    start, end = (float(np.mean(part)) for part in (calm.memory_mb[:window], calm.memory_mb[-window:]))
    errors = [*warm.errors, *calm.errors, *slow.errors]
    targets = {
        "no errors": not errors,
        f"95 % of the waits below {P95_MS:.0f} ms": calm_p95 < P95_MS,
        f"95 % of the waits beside slow visitors below {P95_MS:.0f} ms": slow_p95 < P95_MS,
        f"memory at the end below {MOST_MB:.0f} MB": end < MOST_MB,
        f"memory flat within {100 * GROWTH:.0f} %": end <= start * (1 + GROWTH),
    }
    return {
        "visitors": options.visitors,
        "think_seconds": options.think,
        "predictions": len(calm.answers_ms),
        "predictions_a_second": round(len(calm.answers_ms) / calm.seconds, 1),
        "answers_ms": _spread(calm.answers_ms),
        "looks_ms": _spread(calm.looks_ms),
        "answers_beside_slow_visitors_ms": _spread(slow.answers_ms),
        "memory_mb": {"first tenth": round(start), "last tenth": round(end), "most": round(max(calm.memory_mb))},
        "load_of_the_computer": [round(value, 1) for value in os.getloadavg()],
        "errors": len(errors),
        "first_errors": errors[:5],
        "targets": targets,
        "reached": all(targets.values()),
    }


def _spread(values: list[float]) -> dict[str, float]:
    found = np.percentile(values, (50, 95, 100))
    return {name: round(float(value), 1) for name, value in zip(("median", "p95", "most"), found, strict=True)}


def _table(report: dict[str, object]) -> str:
    lines = [f"{name.replace('_', ' '):34}{value}" for name, value in report.items() if name != "targets"]
    targets = report["targets"]
    assert isinstance(targets, dict)
    lines += [f"{'reached' if reached else 'MISSED':10}{target}" for target, reached in targets.items()]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="Many visitors at once.")
    parser.add_argument("--visitors", type=int, default=20, help="at once (20)")
    parser.add_argument("--predictions", type=int, default=2000, help="to be counted (2000)")
    parser.add_argument("--warm", type=int, default=400, help="before these, not counted (400)")
    parser.add_argument("--think", type=float, default=3.0, help="seconds a visitor looks at a photo (3); 0 is a flood")
    parser.add_argument("--usual", action="store_true", help="collect garbage after every run, as Streamlit does")
    parser.add_argument("--port", type=int, help="of an application that runs; its memory is not seen then")
    parser.add_argument("--json", action="store_true", help="JSON alone on standard output")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
