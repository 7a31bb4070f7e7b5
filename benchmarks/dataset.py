"""Time to scan a photo folder, and how the search for near duplicates grows.

    python -m benchmarks.dataset scan DIR [--rounds N]      one process beside all processors, cold; then unchanged
    python -m benchmarks.dataset search [--largest N]       the table of hashes beside comparing all pairs

`scan` runs the command ``dataset`` with a fresh cache each time, in turns, so that neither side finds the computer
busier; both have the environment that the processes of a scan get (one thread, memory kept). `search` looks up
synthetic hashes, each as the windows of one photo do; one in a hundred is a planted variant.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.hash_search import HashTable
from dermnet_core.data.workers import SETTINGS
from dermnet_core.paths import ROOT

TIMES_FASTER = 1.7
CPU_MS = 12.0
MOST_ALL_PAIRS = 32_000
WINDOWS = 101  # of a photo: 100 parts and its mirror image
BITS, APART = 63, 18
PLANTED = 100
NOISE = 0.15
_BLOCK = 128


def main() -> int:
    """Run a benchmark and return 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dataset", description="Scanning and near duplicates.")
    parsers = parser.add_subparsers(required=True)
    scan = parsers.add_parser("scan", help="a folder from a cold start with one process and with all processors")
    scan.add_argument("folder", type=Path, metavar="DIR")
    scan.add_argument("--rounds", type=int, default=3)
    scan.set_defaults(run=_scan)
    search = parsers.add_parser("search", help="synthetic hashes, from 10,000 on")
    search.add_argument("--largest", type=int, default=1_000_000)
    search.set_defaults(run=_search)
    options = parser.parse_args()
    return int(options.run(options))


def _scan(options: argparse.Namespace) -> int:
    processors = os.cpu_count() or 1
    times: dict[int, list[float]] = {1: [], processors: []}
    cpu, again, photos = [], [], 0
    for number in range(1, options.rounds + 1):
        for processes in times:
            print(f"Round {number} of {options.rounds}: {processes} at once", file=sys.stderr)
            with tempfile.TemporaryDirectory() as cache:
                photos, wall, spent = _dataset(options.folder, processes, cache)
                times[processes].append(wall)
                cpu.append(1000 * spent / photos)
                again.append(_dataset(options.folder, processes, cache)[1])
    ratios = [one / all_ for one, all_ in zip(times[1], times[processors], strict=True)]
    ratio, each = float(np.median(ratios)), float(np.median(cpu))
    for processes, walls in times.items():
        wall = float(np.median(walls))
        print(
            f"{processes} at once: {wall:6.1f} s, {photos / wall:6.0f} photos/s ({photos:,} photos, cold, all included)"
        )
    print(f"{ratio:.2f} times faster (rounds: {', '.join(f'{value:.2f}' for value in ratios)}); target {TIMES_FASTER}")
    print(f"{each:.1f} ms of CPU a photo; target below {CPU_MS:.0f}")
    print(f"Unchanged folder, the whole command: {float(np.median(again)):.1f} s")
    reached = ratio >= TIMES_FASTER and each < CPU_MS
    print("Targets reached." if reached else "Targets MISSED.")
    return int(not reached)


def _dataset(folder: Path, processes: int, cache: str) -> tuple[int, float, float]:
    """Run the command in a process of its own; return photos, seconds, and CPU seconds of it and its workers."""
    command = [sys.executable, "-m", "dermnet_core", "dataset", str(folder.resolve()), "--json", "--progress", "none"]
    before = _children_cpu()
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--processes", str(processes)],
        cwd=ROOT,
        env=os.environ | SETTINGS | {"DERMNET_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"The command failed with status {done.returncode}:\n{done.stderr}")
    return int(json.loads(done.stdout)["files"]), wall, _children_cpu() - before


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _search(options: argparse.Namespace) -> int:
    sizes = [size for size in (10_000, 32_000, 100_000, 320_000, 1_000_000) if size <= options.largest]
    print(f"{'hashes':>10}{'s':>9}{'µs a hash':>11}{'planted found':>15}{'all pairs, s':>14}{'ratio':>8}")
    table_times = []
    for size in sizes:
        rng = np.random.default_rng(size)
        codes, doubt = _hashes(size, rng)
        seconds, share = _by_table(codes, doubt, rng)
        table_times.append(seconds)
        line = f"{size:10,}{seconds:9.2f}{1e6 * seconds / size:11.1f}{share:15.3f}"
        if size <= MOST_ALL_PAIRS:
            plain = _by_all_pairs(codes) * WINDOWS
            line += f"{plain:14.1f}{plain / seconds:8.0f}"
        print(line, flush=True)
    if len(sizes) > 1:
        power = float(np.polyfit(np.log(sizes), np.log(table_times), 1)[0])
        print(f"Time grows with the number of hashes to the power of {power:.2f} (1: linear, 2: all pairs).")
        return int(power > 1.25)
    return 0


def _hashes(size: int, rng: np.random.Generator) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
    """Return the signs (as bits) and strengths of random waves; the last hundredth are noisy variants of the first."""
    waves = rng.normal(size=(size, BITS)).astype(np.float32)
    planted = size // PLANTED
    waves[-planted:] = waves[:planted] + rng.normal(0, NOISE, (planted, BITS))
    powers = np.uint64(1) << np.arange(BITS, dtype=np.uint64)
    codes = np.zeros(size, np.uint64)
    for bit in range(BITS):
        codes |= np.where(waves[:, bit] > 0, powers[bit], np.uint64(0))
    return codes, np.abs(waves)


def _by_table(codes: NDArray[np.uint64], doubt: NDArray[np.float32], rng: np.random.Generator) -> tuple[float, float]:
    """Return the seconds to build the table and look every photo's windows up, and the share of variants found."""
    variants = len(codes) // PLANTED
    unrelated = rng.random((_BLOCK * (WINDOWS - 1), BITS), dtype=np.float32)
    found = 0
    started = time.perf_counter()
    table = HashTable.build(codes)
    for start in range(0, len(codes), _BLOCK):
        own = slice(start, start + _BLOCK)
        query, other = table.query(codes[own], doubt[own], APART)
        found += int((query + start + len(codes) - variants == other).sum())
        # A window shows something else than the whole photo: its hash is as good as random.
        count = len(codes[own]) * (WINDOWS - 1)
        table.query(rng.integers(0, 1 << BITS, count, dtype=np.uint64), unrelated[:count], APART)
    return time.perf_counter() - started, found / variants


def _by_all_pairs(codes: NDArray[np.uint64]) -> float:
    """Return the seconds to compare each hash with all others once."""
    started = time.perf_counter()
    for start in range(0, len(codes), _BLOCK):
        np.flatnonzero(np.bitwise_count(codes[start : start + _BLOCK, None] ^ codes[None]) <= APART)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
