"""What changes of the answers alone, without training, are worth on the validation photos.

- **flip**: the mean of the logits of a photo and of its mirror image;
- **logit adjustment** (Menon et al., 2021, https://arxiv.org/abs/2007.07314): logits minus tau times the logarithm of a
  class's share of the train photos, so that thin classes are given more often;
- **both models**: the mean of the calibrated probabilities of all of them.

Only validation photos are read, which the recipe of the models' cards held back. "Gain" is the change of top-1 in
percentage points against the model without any of them, with its 95 % bootstrap interval over whole groups of photos.

    python -m benchmarks.answer_levers DIR [--models FOLDER …] [--json]
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.shipped import answer, kept_by_all, shipped_models
from dermnet_core.artifacts import Artifact, load_artifact
from dermnet_core.config_json import from_dict
from dermnet_core.data.images import read_photo_file
from dermnet_core.data.scan import scan
from dermnet_core.data.splits import groups
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.metrics import figures
from dermnet_core.evaluation.predictions import Predictions

TAUS = (0.1, 0.15, 0.2, 0.25, 0.5, 1.0)
RESAMPLES = 1000
FIGURES = ("top1", "top3", "macro_f1", "balanced_accuracy")

FloatArray = NDArray[np.floating[Any]]
Labels = NDArray[np.int64]


def main() -> int:
    """Print the table of both shipped models."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer_levers", description="Levers without training.")
    parser.add_argument("data", type=Path, metavar="DIR", help="the photo folder the models were trained on")
    parser.add_argument("--models", type=Path, nargs="+", metavar="FOLDER", help="other models than those that ship")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    rows = measure(options.data, options.models or ())
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


def measure(root: Path, folders: Sequence[Path] = ()) -> list[dict[str, Any]]:
    """Return a row of figures for each model (those that ship, or those in the folders) and lever."""
    index = scan(root)
    artifacts = tuple(map(load_artifact, folders)) or shipped_models(index)
    records = kept_by_all(index, artifacts)
    photos = [read_photo_file(root / record.file).rgb for record in records]
    group = np.unique(groups(records), return_inverse=True)[1]
    classes = artifacts[0].card.classes
    labels = np.array([classes.index(record.label) for record in records])
    rows, shipped = [], []
    for artifact in artifacts:
        plain, flipped = (answer(artifact, shown).logits for shown in (photos, [photo[:, ::-1] for photo in photos]))
        # What ships may be adjusted already.
        ships = from_dict(artifact.card.recipe).logit_adjustment
        plain, flipped = (adjusted(logits, shares(artifact), -ships) for logits in (plain, flipped))
        levers = {"none": plain, "flip": (plain + flipped) / 2.0}
        levers |= {f"logit adjustment, tau {tau}": adjusted(plain, shares(artifact), tau) for tau in TAUS}
        scores = {name: softmax(logits, artifact.card.temperature) for name, logits in levers.items()}
        shipped.append(Predictions(tuple(record.file for record in records), labels, scores["none"], classes))
        rows += [
            {"model": artifact.card.title, "lever": name} | measured(values, shipped[-1].scores, shipped[-1], group)
            for name, values in scores.items()
        ]
    if len(shipped) == 1:
        return rows
    better = max(shipped, key=lambda answers: float((answers.top == labels).mean()))
    both = measured(np.mean([answers.scores for answers in shipped], axis=0), better.scores, better, group)
    return [*rows, {"model": "both models", "lever": "mean probability, against the better one"} | both]


def shares(artifact: Artifact) -> FloatArray:
    """Return each class's share of the train photos, (classes,)."""
    counts = np.array([artifact.card.train_counts[label] for label in artifact.card.classes], dtype=np.float64)
    return np.maximum(counts, 1.0) / counts.sum()


def adjusted(logits: FloatArray, share: FloatArray, tau: float) -> FloatArray:
    """Return logits (n, classes) adjusted for the classes' shares."""
    return logits - tau * np.log(share)


def measured(scores: FloatArray, before: FloatArray, photos: Predictions, group: Labels) -> dict[str, Any]:
    """Return the figures of probabilities (n, classes), and the gain in top-1 against others with its interval."""
    found = figures(replace(photos, scores=scores))
    right, earlier = (values.argmax(axis=1) == photos.labels for values in (scores, before))
    changes = right.astype(float) - earlier
    return {
        "n": found.n,
        **{name: getattr(found, name) for name in FIGURES},
        "gain": [float(changes.mean()), *_interval(changes, group)],
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows in Markdown."""
    lines = [
        f"{rows[0]['n']} validation photos.\n",
        "| model | lever | top-1 | gain | top-3 | macro F1 | balanced accuracy |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        gain, low, high = (f"{100 * value:+.1f}" for value in row["gain"])
        top1, *others = (f"{100 * row[name]:.1f}" for name in FIGURES)
        lines.append(f"| {row['model']} | {row['lever']} | {top1} | {gain} ({low} to {high}) | {' | '.join(others)} |")
    return "\n".join(lines)


def _interval(changes: FloatArray, group: Labels) -> tuple[float, float]:
    sums, sizes = np.bincount(group, changes), np.bincount(group)
    drawn = np.random.default_rng(0).integers(0, len(sizes), (RESAMPLES, len(sizes)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)


if __name__ == "__main__":
    sys.exit(main())
