"""How well a part of the validation photos gives a model's temperature, in several ways.

A last fit leaves few validation photos. Whole groups are drawn until they are a share of all; each model's temperature
comes from the part, and its calibration error and log-likelihood from the rest:

- **part**: the temperature of lowest negative log-likelihood on the part;
- **part, classes as in train**: the same with each class weighing what it does in train;
- **part, corrected**: that of the part, times another model's temperature on all photos over its temperature on the
  part, as `dermnet_core/training/calibrate.py` does it; every other model corrects once;
- **part, both**: both;
- **all**: the temperature on all photos, which a last fit cannot have.

    python -m benchmarks.few_to_calibrate DIR --models FOLDER FOLDER … [--share 0.31] [--draws 60] [--json]
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from benchmarks.shipped import answer, kept_by_all
from dermnet_core.artifacts import load_artifact
from dermnet_core.data.images import read_photo_file
from dermnet_core.data.scan import scan
from dermnet_core.data.splits import groups
from dermnet_core.evaluation.calibration import TEMPERATURES, expected_calibration_error, softmax
from dermnet_core.training.calibrate import shares_of_train

FloatArray = NDArray[np.floating[Any]]
Labels = NDArray[np.int64]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.few_to_calibrate", description="Ways to a temperature.")
    parser.add_argument("data", type=Path, metavar="DIR", help="the photo folder the models were trained on")
    parser.add_argument(
        "--models", type=Path, nargs="+", metavar="FOLDER", required=True, help="two or more, of one cut"
    )
    parser.add_argument("--share", type=float, default=0.31, help="of the validation photos that the part holds")
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    if len(options.models) < 2 or not 0.0 < options.share < 0.9 or options.draws < 1:
        parser.error("expected two models or more, a share between 0 and 0.9 and at least one draw")
    rows = measure(options.data, options.models, options.share, options.draws)
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


def measure(root: Path, folders: Sequence[Path], share: float, draws: int) -> list[dict[str, Any]]:
    """Return for each way the mean error and likelihood on the rest, over draws and models."""
    index, artifacts = scan(root), [load_artifact(folder) for folder in folders]
    records = kept_by_all(index, artifacts)
    photos = [read_photo_file(root / record.file).rgb for record in records]
    classes = artifacts[0].card.classes
    if any(artifact.card.classes != classes for artifact in artifacts):
        sys.exit("Expected models of the same classes, found others. Compare models of one cut.")
    labels = np.array([classes.index(record.label) for record in records])
    counts = [artifacts[0].card.train_counts[label] for label in classes]
    logits = [answer(artifact, photos).logits for artifact in artifacts]
    found: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for part in drawn_parts(np.unique(groups(records), return_inverse=True)[1], share, draws):
        for way, model, temperature in temperatures(logits, labels, part, counts):
            scores, truth = softmax(logits[model][~part], temperature), labels[~part]
            error = expected_calibration_error(scores.max(axis=1), scores.argmax(axis=1) == truth)
            found[way].append((error, -float(np.log(scores[np.arange(len(truth)), truth]).mean()), temperature))
    means = {way: np.mean(values, axis=0).tolist() for way, values in found.items()}
    return [
        {"way": way, "n": len(records), "ece": ece, "nll": nll, "temperature": temperature}
        for way, (ece, nll, temperature) in means.items()
    ]


def drawn_parts(group: Labels, share: float, draws: int) -> Iterator[NDArray[np.bool_]]:
    """Yield which photos are in a part, (n,), each time other whole groups until there are enough."""
    rng, sizes = np.random.default_rng(0), np.bincount(group)
    for _draw in range(draws):
        order = rng.permutation(len(sizes))
        enough = int(np.searchsorted(np.cumsum(sizes[order]), share * len(group))) + 1
        yield np.isin(group, order[:enough])


def temperatures(
    logits: Sequence[FloatArray], labels: Labels, part: NDArray[np.bool_], counts: Sequence[int]
) -> Iterator[tuple[str, int, float]]:
    """Yield (way, model, temperature) for every model and every other that corrects it."""
    train = np.repeat(np.arange(len(counts)), counts)
    weights = shares_of_train(labels[part], train, len(counts)), shares_of_train(labels, train, len(counts))
    plain = [fitted(each[part], labels[part]) for each in logits]
    shared = [fitted(each[part], labels[part], weights[0]) for each in logits]
    whole = [fitted(each, labels) for each in logits]
    whole_shared = [fitted(each, labels, weights[1]) for each in logits]
    for model, control in permutations(range(len(logits)), 2):
        yield "part", model, plain[model]
        yield "part, classes as in train", model, shared[model]
        yield "part, corrected", model, plain[model] * whole[control] / plain[control]
        yield "part, both", model, shared[model] * whole_shared[control] / shared[control]
        yield "all", model, whole[model]


def fitted(logits: FloatArray, labels: Labels, weights: FloatArray | None = None) -> float:
    """Return the temperature of lowest weighted negative log-likelihood."""

    def loss(log_temperature: float) -> float:
        scores = softmax(logits, float(np.exp(log_temperature)))[np.arange(len(labels)), labels]
        return -float(np.average(np.log(np.maximum(scores, 1e-30)), weights=weights))

    return float(np.exp(minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded").x))


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows in Markdown."""
    lines = [
        f"{rows[0]['n']} validation photos.\n",
        "| temperature from | ECE on the rest | negative log-likelihood | mean temperature |",
        "|---|--:|--:|--:|",
    ]
    lines += [f"| {row['way']} | {row['ece']:.3f} | {row['nll']:.3f} | {row['temperature']:.3f} |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
