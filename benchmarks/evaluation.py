"""Photos a second of ``evaluate``, which reads and decodes them, beside the bare interpreter on pixels in memory.

All sides run the same LiteRT file in the same process and take turns, so that none finds the computer busier than the
others. The bare interpreter has two threads and gets its batches as ready float32 arrays, in the size that it is
fastest with; decoding, squashing, keeping finished batches and collecting are what ``evaluate`` has on top. The plain
loop reads each batch and then runs it, as anybody would write it. What a scan of the folder takes is in none: that is
done once a folder, and kept.

    python -m benchmarks.evaluation DIR [--model NAME] [--photos N] [--rounds N] [--json]
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from dermnet_core.artifacts import LITERT, Artifact, ModelRegistry
from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.scan import ImageRecord, photo_files
from dermnet_core.kept_batches import KeptBatches
from dermnet_core.litert import LiteRTModel
from dermnet_core.outputs import BATCH, collect_logits
from dermnet_core.paths import model_dirs

TARGET = 0.8
THREADS = 2
RAW_BATCHES = (8, 32)

FloatArray = NDArray[np.float32]


class RawInterpreter:
    """The interpreter without any of this project's code, for one batch size."""

    def __init__(self, path: Path, batches: Sequence[FloatArray]) -> None:
        self._batches = batches
        self._interpreter = Interpreter(str(path), num_threads=THREADS)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._interpreter.resize_tensor_input(self._input, batches[0].shape)
        self._interpreter.allocate_tensors()
        details = self._interpreter.get_signature_runner().get_output_details()
        self._logits = details["logits"]["index"]

    def seconds(self) -> float:
        """Run every batch once."""
        started = time.perf_counter()
        for batch in self._batches:
            self._interpreter.set_tensor(self._input, batch)
            self._interpreter.invoke()
            self._interpreter.get_tensor(self._logits)
        return time.perf_counter() - started


def main() -> int:
    """Run the benchmark and return 1 when the target is missed."""
    options = _options()
    registry = ModelRegistry(model_dirs())
    artifacts = [registry.get(options.model)] if options.model else registry.artifacts()
    files = photo_files(options.data)
    files = files[:: max(1, len(files) // options.photos)][: options.photos // max(RAW_BATCHES) * max(RAW_BATCHES)]
    if not files:
        sys.exit(f"Expected at least {max(RAW_BATCHES)} photos in {options.data}, found too few. Take another folder.")
    reports = [_measure(artifact, options.data, files, options.rounds) for artifact in artifacts]
    print(json.dumps(reports, indent=2) if options.json else _table(reports))
    return int(not all(report["reached"] for report in reports))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description="Photos a second of evaluate.")
    parser.add_argument("data", type=Path, metavar="DIR", help="a folder with photos, read recursively")
    parser.add_argument("--model", metavar="NAME", help="one model (all that are installed)")
    parser.add_argument("--photos", type=int, default=1024, metavar="N", help="how many a round takes (1024)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="turns of each side (5)")
    parser.add_argument("--json", action="store_true", help="JSON alone on standard output")
    return parser.parse_args()


def _measure(artifact: Artifact, root: Path, files: Sequence[Path], rounds: int) -> dict[str, Any]:
    path, size = artifact.path(LITERT), artifact.card.image_size
    records = [ImageRecord(file.relative_to(root).as_posix(), "all", "") for file in files]
    model = LiteRTModel(path, THREADS)
    pixels = np.stack([squash(read_photo_file(file).rgb, size) for file in files]).astype(np.float32)
    raw = {
        batch: RawInterpreter(path, [pixels[i : i + batch] for i in range(0, len(pixels), batch)])
        for batch in RAW_BATCHES
    }
    classes = len(artifact.card.classes)
    evaluate_seconds: list[float] = []
    plain_seconds: list[float] = []
    raw_seconds: dict[int, list[float]] = {batch: [] for batch in RAW_BATCHES}
    for number in range(rounds + 1):
        print(f"{artifact.name}: round {number} of {rounds}", file=sys.stderr)
        found = [(batch, side.seconds()) for batch, side in raw.items()]
        plain = _plain_seconds(model, files)
        taken = _evaluate_seconds(model, root, records, classes)
        if number:  # the first one only warms up
            evaluate_seconds.append(taken)
            plain_seconds.append(plain)
            for batch, seconds in found:
                raw_seconds[batch].append(seconds)
    best = min(RAW_BATCHES, key=lambda batch: float(np.median(raw_seconds[batch])))
    ratios = [bare / ours for bare, ours in zip(raw_seconds[best], evaluate_seconds, strict=True)]
    return {
        "model": artifact.name,
        "photos": len(files),
        "evaluate": round(len(files) / float(np.median(evaluate_seconds)), 1),
        "plain": round(len(files) / float(np.median(plain_seconds)), 1),
        "raw": {batch: round(len(files) / float(np.median(raw_seconds[batch])), 1) for batch in RAW_BATCHES},
        "raw_batch": best,
        "ratio": round(float(np.median(ratios)), 3),
        "ratio_of_each_round": [round(ratio, 3) for ratio in ratios],
        "reached": float(np.median(ratios)) >= TARGET,
    }


def _plain_seconds(model: LiteRTModel, files: Sequence[Path]) -> float:
    started = time.perf_counter()
    for start in range(0, len(files), BATCH):
        photos = [squash(read_photo_file(file).rgb, model.input_shape[0]) for file in files[start : start + BATCH]]
        model.run(np.stack(photos))
    return time.perf_counter() - started


def _evaluate_seconds(model: LiteRTModel, root: Path, records: Sequence[ImageRecord], classes: int) -> float:
    with tempfile.TemporaryDirectory() as folder, KeptBatches("benchmark", BATCH, classes) as kept:
        kept.path = Path(folder) / "kept.batches"
        started = time.perf_counter()
        collect_logits(model, root, records, kept)
        return time.perf_counter() - started


def _table(reports: Sequence[dict[str, Any]]) -> str:
    sizes = "".join(f"{f'raw, {size} at once':>18}" for size in RAW_BATCHES)
    lines = [f"{'photos a second':16}{'evaluate':>10}{'plain loop':>12}{sizes}{'ratio':>8}   of each round"]
    for report in reports:
        raw = "".join(f"{report['raw'][size]:18.0f}" for size in RAW_BATCHES)
        each = " ".join(f"{ratio:.2f}" for ratio in report["ratio_of_each_round"])
        reached = "" if report["reached"] else "  MISSED"
        speeds = f"{report['evaluate']:10.0f}{report['plain']:12.0f}{raw}"
        lines.append(f"{report['model']:16}{speeds}{report['ratio']:8.2f}   {each}{reached}")
    lines.append(f"Target: {TARGET} of the faster bare interpreter, medians of {reports[0]['photos']} photos a round.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
