"""Intervals of an evaluation beside scikit-learn in a loop, and how long the Evaluate page takes to change its view.

Both on 4,002 made-up answers over 23 classes, the size of the published test set. The usual way scores each resample
with scikit-learn's functions, as anybody would write it; it is timed on a few resamples and taken times their number.

    python -m benchmarks.figures [--resamples N] [--json]
"""

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import streamlit as st
from sklearn import metrics as sk
from streamlit.testing.v1 import AppTest

from dermnet_core.artifacts import PREDICTIONS
from dermnet_core.evaluation.compare import compare
from dermnet_core.evaluation.intervals import bootstrap
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.record import About, Evaluation
from dermnet_core.labels import CLASSES
from dermnet_core.paths import ROOT

PHOTOS = 4002
LABELS = tuple(entry.folder for entry in CLASSES)
SECTIONS = ("Overview", "Per class", "One class", "Confusion", "Photos", "Confidence")
BOOTSTRAP_SECONDS, REDRAW_SECONDS = 1.0, 0.3
_FEW = 5
"""Resamples that the usual way is timed on."""


def main() -> int:
    """Measure, print, and return 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures", description="Intervals and redraws.")
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measured(options.resamples)
    if options.json:
        print(json.dumps(found))
    else:
        print(f"{PHOTOS:,} photos, {len(LABELS)} classes, {options.resamples:,} resamples\n")
        print(f"all figures with intervals: {found['bootstrap']:.2f} s; scikit-learn in a loop {found['usual']:.0f} s;")
        print(f"{found['usual'] / found['bootstrap']:.0f} times faster. Two models compared: {found['compare']:.2f} s")
        print("\n| section | another view, first time | seen before |\n|---|--:|--:|")
        for section, (first, again) in found["redraws"].items():
            print(f"| {section} | {1000 * first:.0f} ms | {1000 * again:.0f} ms |")
    slowest = max(first for first, _ in found["redraws"].values())
    return int(found["bootstrap"] >= BOOTSTRAP_SECONDS or slowest >= REDRAW_SECONDS)


def measured(resamples: int) -> dict[str, Any]:
    """Return seconds: bootstrap, usual, compare, and for each section the first and the next redraw of a view."""
    first, second = (evaluation(seed).predictions() for seed in (1, 2))
    usual = _seconds(lambda: _usual(first, _FEW)) * resamples / _FEW
    return {
        "bootstrap": _seconds(lambda: bootstrap(first, resamples)),
        "usual": usual,
        "compare": _seconds(lambda: compare(first, second)),
        "redraws": _redraws(),
    }


def evaluation(seed: int) -> Evaluation:
    """Return made-up answers to photos of all classes, about half of them right."""
    rng = np.random.default_rng(seed)
    labels = np.random.default_rng(0).integers(0, len(LABELS), PHOTOS)
    about = About(
        f"made-up-{seed}", "Made up", ("separable_cnn", "mobilenet_v2")[seed % 2], 224, 1.0, 0.3,
        dict.fromkeys(LABELS, 400), "0" * 64, "made-up photos", "test", "0" * 64, "none", "2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return Evaluation(
        about, LABELS, tuple(f"{i}.jpg" for i in range(PHOTOS)), labels,
        (rng.normal(0, 2, (PHOTOS, len(LABELS))) + 4.0 * np.eye(len(LABELS))[labels]).astype(np.float32),
        {"clean": np.arange(PHOTOS) % 8 > 0, "blocked": np.arange(PHOTOS) % 4 == 0},
    )  # fmt: skip


def _usual(predictions: Predictions, resamples: int) -> None:
    rng, names = np.random.default_rng(0), np.arange(len(LABELS))
    for _ in range(resamples):
        drawn = rng.integers(0, PHOTOS, PHOTOS)
        truth, scores = predictions.labels[drawn], predictions.scores[drawn]
        answers = scores.argmax(axis=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sk.accuracy_score(truth, answers)
            sk.balanced_accuracy_score(truth, answers)
            for mean in ("macro", "weighted"):
                sk.precision_recall_fscore_support(truth, answers, average=mean, zero_division=0)
            for k in (3, 5):
                sk.top_k_accuracy_score(truth, scores, k=k, labels=names)


def _redraws() -> dict[str, tuple[float, float]]:
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        for seed in (1, 2):
            (Path(folder) / str(seed)).mkdir()
            evaluation(seed).save(Path(folder) / str(seed) / PREDICTIONS)
        return {section: _redraw(section, Path(folder)) for section in SECTIONS}


def _redraw(section: str, folder: Path) -> tuple[float, float]:
    """Return seconds to show another view for the first time and the next time."""
    st.cache_resource.clear()
    st.cache_data.clear()
    with patch.dict("os.environ", {"DERMNET_EVALUATIONS_DIR": str(folder)}):
        app = AppTest.from_file(str(ROOT / "pages" / "evaluate.py"), default_timeout=120)
        app.session_state["evaluation-section"] = section
        app.run()
        app.selectbox(key="evaluation-first").set_value(str(folder / "1"))
        app.selectbox(key="evaluation-second").set_value(str(folder / "2")).run()
        app.segmented_control(key="evaluation-view").set_value("clean").run()
        first = _seconds(lambda: app.segmented_control(key="evaluation-view").set_value("official").run(), 1)
        app.segmented_control(key="evaluation-view").set_value("clean").run()
        again = _seconds(lambda: app.segmented_control(key="evaluation-view").set_value("official").run(), 1)
    if app.exception:
        sys.exit(f"Expected the section {section}, found an error on the page.")
    return first, again


def _seconds(work: Callable[[], Any], rounds: int = 3) -> float:
    """Return the shortest of a few rounds: other work on the computer only ever adds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    sys.exit(main())
