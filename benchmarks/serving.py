"""Time from a photo's bytes to both models' answers with both heatmaps, and the memory that it takes.

Beside the product, the same work the plain way: the same decoder and the same weights, Keras ``model.predict`` and
Grad-CAM of tf-keras-vis, both made once and used again. Each side has processes of its own, taking turns, so that
neither finds the computer busier than the other; loading and a first warming pass are not timed.

    python -m benchmarks.serving [--photos DIR] [--models DIR] [--repeats N] [--json]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.artifacts import WEIGHTS, Artifact, ModelRegistry
from dermnet_core.data.images import Photo, read_photo, squash
from dermnet_core.data.scan import photo_files
from dermnet_core.data.synthetic import example_drawings
from dermnet_core.explain.gradcam import Heatmap, normalised
from dermnet_core.inference import InferenceEngine
from dermnet_core.paths import ROOT, model_dirs

SIDES = {"product": "this project: LiteRT, closed form", "plain": "Keras predict, tf-keras-vis"}
TIMES_FASTER = 15.0
PEAK_MB = 350.0
ROUNDS = 3
MOST_PHOTOS = 20

Answer = tuple[int, Heatmap]
Answerer = Callable[[Photo], Answer]
Explainer = Callable[[Photo, int], Heatmap]
"""A photo and a class to its heatmap, and nothing else."""


def main() -> int:
    """Run the benchmark and return 1 when a target is missed."""
    options = _options()
    if options.side:
        print(json.dumps(_measure(options)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        photos = options.photos or _drawings(Path(folder))
        runs: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        for number in range(1, ROUNDS + 1):
            for side in SIDES:
                print(f"Round {number} of {ROUNDS}: {SIDES[side]}", file=sys.stderr)
                runs[side].append(_in_a_process(side, photos, options))
    report = _report(runs)
    print(json.dumps(report, indent=2) if options.json else _table(report))
    return int(not report["reached"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description="Time and memory of serving.")
    parser.add_argument("--photos", type=Path, metavar="DIR", help=f"{MOST_PHOTOS} of these (the example drawings)")
    parser.add_argument("--models", type=Path, metavar="DIR", help="a folder of models (the installed ones)")
    parser.add_argument("--repeats", type=int, default=3, help="how often a round takes every photo (3)")
    parser.add_argument("--json", action="store_true", help="JSON alone on standard output")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    return parser.parse_args()


def _drawings(folder: Path) -> Path:
    for number, drawing in enumerate(example_drawings()):
        Image.fromarray(drawing.rgb).save(folder / f"{number}.jpg", quality=92)
    return folder


def _in_a_process(side: str, photos: Path, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.serving", "--side", side, "--photos", str(photos.resolve())]
    command += ["--repeats", str(options.repeats)]
    command += ["--models", str(options.models.resolve())] if options.models else []
    environment = os.environ | {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{SIDES[side]} failed with status {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    """Answer every photo with every model, first without and then with the clock."""
    artifacts = ModelRegistry([options.models] if options.models else model_dirs()).artifacts()
    uploads = _uploads(options.photos)
    if len(artifacts) < 2 or not uploads:
        sys.exit(f"Expected two models and some photos, found {len(artifacts)} and {len(uploads)}.")
    make = _product if options.side == "product" else _plain
    made = [make(artifact) for artifact in artifacts]
    answerers = [answerer for answerer, _ in made]
    answers = [_answer(data, answerers) for data in uploads]
    milliseconds = []
    for _ in range(options.repeats):
        for data in uploads:
            started = time.perf_counter()
            _answer(data, answerers)
            milliseconds.append(1000.0 * (time.perf_counter() - started))
    return {
        "models": [artifact.name for artifact in artifacts],
        "milliseconds": milliseconds,
        "explain_milliseconds": _explaining(uploads, [explainer for _, explainer in made], options.repeats),
        "peak_mb": _peak_mb(),
        "classes": [[index for index, _ in both] for both in answers],
        "heatmaps": [[heatmap.values.tolist() for _, heatmap in both] for both in answers],
    }


def _uploads(folder: Path) -> list[bytes]:
    files = photo_files(folder)
    return [path.read_bytes() for path in files[:: max(1, len(files) // MOST_PHOTOS)][:MOST_PHOTOS]]


def _answer(data: bytes, answerers: Sequence[Answerer]) -> list[Answer]:
    photo = read_photo(data)
    return [answerer(photo) for answerer in answerers]


def _explaining(uploads: Sequence[bytes], explainers: Sequence[Explainer], repeats: int) -> list[float]:
    """Take the time of both models' heatmaps of a class that was chosen, for photos that are decoded."""
    photos = [read_photo(data) for data in uploads]
    milliseconds = []
    for number in range(repeats + 1 if repeats else 0):
        for photo in photos:
            started = time.perf_counter()
            for explainer in explainers:
                explainer(photo, 3)
            if number:  # the first round only warms up
                milliseconds.append(1000.0 * (time.perf_counter() - started))
    return milliseconds


def _product(artifact: Artifact) -> tuple[Answerer, Explainer]:
    engine = InferenceEngine(artifact)

    def answer(photo: Photo) -> Answer:
        prediction = engine.predict(photo)
        return prediction.ranked(1)[0].index, prediction.top_heatmap

    return answer, lambda photo, index: engine.predict(photo).heatmap(index)


def _plain(artifact: Artifact) -> tuple[Answerer, Explainer]:
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    from dermnet_core.config_json import from_dict
    from dermnet_core.models.zoo import load_model

    model = load_model(from_dict(artifact.card.recipe).model, artifact.path(WEIGHTS))
    explainer = Gradcam(model)
    layer = {"penultimate_layer": "features", "seek_penultimate_conv_layer": False}

    def answer(photo: Photo) -> Answer:
        pixels = squash(photo.rgb, artifact.card.image_size)[np.newaxis].astype(np.float32)
        index = int(model.predict(pixels, verbose=0)[0].argmax())
        return index, _cam(pixels, index)

    def explain(photo: Photo, index: int) -> Heatmap:
        return _cam(squash(photo.rgb, artifact.card.image_size)[np.newaxis].astype(np.float32), index)

    def _cam(pixels: NDArray[np.float32], index: int) -> Heatmap:
        cam = explainer(CategoricalScore([index]), pixels, **layer, expand_cam=False, normalize_cam=False)
        return normalised(np.asarray(cam)[0])

    return answer, explain


def _peak_mb() -> float:
    """Return the most memory held, in MB, by this process or, where that is more, by the one that started it."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _report(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    sides = {}
    for side, rounds in runs.items():
        times = np.concatenate([found["milliseconds"] for found in rounds])
        median, slow = np.percentile(times, (50, 95))
        peak = max(found["peak_mb"] for found in rounds)
        explain = float(np.median(np.concatenate([found["explain_milliseconds"] for found in rounds])))
        sides[side] = {"median_ms": round(float(median), 2), "p95_ms": round(float(slow), 2), "peak_mb": round(peak)}
        sides[side]["explain_ms"] = round(explain, 2)
    medians = {side: [float(np.median(found["milliseconds"])) for found in rounds] for side, rounds in runs.items()}
    ratios = [plain / product for plain, product in zip(medians["plain"], medians["product"], strict=True)]
    ratio = float(np.median(ratios))
    first, other = runs["product"][0], runs["plain"][0]
    return {
        "models": first["models"],
        "photos": len(first["classes"]),
        "timed": len(runs["product"]) * len(first["milliseconds"]),
        **sides,
        "ratio": round(ratio, 1),
        "ratio_of_each_round": [round(value, 1) for value in ratios],
        "same_classes": first["classes"] == other["classes"],
        "heatmap_difference": _difference(first["heatmaps"], other["heatmaps"]),
        "targets": {"ratio": TIMES_FASTER, "peak_mb": PEAK_MB},
        "reached": ratio >= TIMES_FASTER and sides["product"]["peak_mb"] < PEAK_MB,
    }


def _difference(one: list[list[Any]], other: list[list[Any]]) -> float:
    pairs = [pair for a, b in zip(one, other, strict=True) for pair in zip(a, b, strict=True)]
    return float(max(np.abs(np.array(a) - np.array(b)).max() for a, b in pairs))


def _table(report: dict[str, Any]) -> str:
    lines = [f"Upload bytes to answers and heatmaps of {' and '.join(report['models'])}, {report['photos']} photos"]
    lines.append(f"{'':36}{'median ms':>10}{'95 % ms':>10}{'heatmaps ms':>13}{'peak MB':>10}")
    for side, title in SIDES.items():
        found = report[side]
        times = f"{found['median_ms']:10.1f}{found['p95_ms']:10.1f}{found['explain_ms']:13.1f}"
        lines.append(f"{title:36}{times}{found['peak_mb']:10}")
    rounds = ", ".join(f"{value:.1f}" for value in report["ratio_of_each_round"])
    lines.append(f"{report['ratio']:.1f} times faster (rounds: {rounds}); target {TIMES_FASTER:.0f}")
    lines.append(f"Peak memory target: below {PEAK_MB:.0f} MB. {'Reached' if report['reached'] else 'MISSED'}.")
    same = "the same classes" if report["same_classes"] else "DIFFERENT CLASSES"
    lines.append(f"Both ways give {same}; largest difference of a heatmap {report['heatmap_difference']:.1e}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
