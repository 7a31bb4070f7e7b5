"""All benchmarks in one table, each beside the usual way of doing the same.

    python -m benchmarks [--data DIR] [--weights FILE] [--only serving start load scan evaluate figures train]

Without ``--data`` what needs photos is left out, without ``--weights`` (ImageNet weights of MobileNetV2) training,
which takes an hour. Each row is a benchmark of its own, which says more: ``python -m benchmarks.serving`` and so on.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dermnet_core.paths import ROOT

Row = tuple[str, str, str, str]
"""What is done, the usual way, ours, times faster."""
_CPU_INFO = Path(os.sep, "proc", "cpuinfo")


def main() -> int:
    """Run the benchmarks and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="All benchmarks in one table.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a photo folder, for scan, evaluate and train")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="ImageNet weights, for train")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="some of them (all)")
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.only:
        if (name in ("scan", "evaluate", "train") and not options.data) or (name == "train" and not options.weights):
            print(f"{name}: left out; it needs --data{' and --weights' if name == 'train' else ''}", file=sys.stderr)
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += PARTS[name](options)
    print(f"{machine()}\n\n| | the usual way | here | times |\n|---|---|---|--:|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return 0


def machine() -> str:
    """Describe this computer in one line, with how busy it is."""
    model = platform.processor() or platform.machine()
    if _CPU_INFO.is_file():
        model = next(
            (line.split(": ")[1] for line in _CPU_INFO.read_text().splitlines() if "model name" in line), model
        )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} processors ({model}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; other work on it: load {busy:.1f}"
    )


def _serving(_: argparse.Namespace) -> list[Row]:
    found = _json("serving", "--json")
    usual, ours = found["plain"], found["product"]
    return [
        (
            "answer a photo: both models, both heatmaps",
            f"{usual['median_ms']:.0f} ms, {usual['peak_mb']} MB (Keras `predict`, tf-keras-vis)",
            f"{ours['median_ms']:.0f} ms, {ours['peak_mb']} MB",
            f"{found['ratio']:.1f}",
        ),
        (
            "explain: both heatmaps of a chosen class",
            f"{usual['explain_ms']:.0f} ms (tf-keras-vis, made once)",
            f"{ours['explain_ms']:.0f} ms",
            f"{usual['explain_ms'] / ours['explain_ms']:.1f}",
        ),
    ]


def _start(_: argparse.Namespace) -> list[Row]:
    found = _json("start", "--json")
    usual = f"{found['keras_seconds']:.1f} s (TensorFlow, the same models, no page)"
    ours = f"{found['seconds']:.1f} s, {found['memory_mb']} MB"
    return [("start to the first answer", usual, ours, f"{found['ratio']:.1f}")]


def _load(_: argparse.Namespace) -> list[Row]:
    short = ("--json", "--predictions", "300", "--warm", "60")
    usual, ours = _json("load", *short, "--usual"), _json("load", *short)
    ratio = usual["answers_ms"]["p95"] / ours["answers_ms"]["p95"]
    words = f"{ours['visitors']} visitors at once, 95 % of the waits for both heatmaps"
    beside = f"{usual['answers_ms']['p95']:.0f} ms (garbage collected after every run)"
    memory = ours["memory_mb"]["last tenth"]
    return [
        (words, beside, f"{ours['answers_ms']['p95']:.0f} ms, {memory} MB, {ours['errors']} errors", f"{ratio:.1f}")
    ]


def _scan(options: argparse.Namespace) -> list[Row]:
    text = _output("dataset", "scan", str(options.data))
    ratio = _number(r"([\d.]+) times faster", text)
    speeds = re.findall(r"([\d]+) photos/s", text)
    return [("scan a folder, near duplicates included", f"{speeds[0]}/s (one process)", f"{speeds[-1]}/s", ratio)]


def _evaluate(options: argparse.Namespace) -> list[Row]:
    rows = []
    for found in _json("evaluation", str(options.data), "--json"):
        usual = f"{found['plain']:.0f}/s (read a batch, run it)"
        ratio = f"{found['evaluate'] / found['plain']:.1f}"
        rows.append((f"evaluate {found['model']}", usual, f"{found['evaluate']:.0f}/s", ratio))
    return rows


def _figures(_: argparse.Namespace) -> list[Row]:
    found = _json("figures", "--json")
    usual, ours = f"{found['usual']:.0f} s (scikit-learn in a loop)", f"{found['bootstrap']:.2f} s"
    words = "all figures of an evaluation with intervals, 1,000 resamples"
    return [(words, usual, ours, f"{found['usual'] / found['bootstrap']:.0f}")]


def _train(options: argparse.Namespace) -> list[Row]:
    text = _output("training", "--data", str(options.data), "--weights", str(options.weights), "--photos", "3000")
    stages = re.findall(r"\| (stage \d) \| ([\d.]+ s) \| ([\d.]+ s) \| ([\d.]+) \|", text)
    return [
        (f"train the original recipe, {stage}", f"{usual} (`fit`)", ours, times) for stage, usual, ours, times in stages
    ]


PARTS: dict[str, Callable[[argparse.Namespace], list[Row]]] = {
    "serving": _serving,
    "start": _start,
    "load": _load,
    "scan": _scan,
    "evaluate": _evaluate,
    "figures": _figures,
    "train": _train,
}


def _output(module: str, *arguments: str) -> str:
    """Return what a benchmark prints; a missed target, its status 1, is no failure here."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1) or not done.stdout.strip():
        sys.exit(f"benchmarks.{module} ended with status {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def _json(module: str, *arguments: str) -> Any:
    return json.loads(_output(module, *arguments))


def _number(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"Expected {pattern} in what the benchmark printed, found:\n{text}")
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
