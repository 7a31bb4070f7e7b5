"""How well scores tell photos of skin from pictures of anything else: AUROC, by kind of picture.

Photos of skin are the validation photos that the recipe of each model's card holds back; no test photo is read. The
other pictures are made here from a seed or ship with scikit-learn (two photos, and handwritten digits). Scores:

- ``features``: distance of the pooled features from those of the training photos, which the application uses
  (``dermnet_core.evaluation.novelty``), with its limit from the model card;
- ``energy``: minus the log-sum-exp of the logits (Liu et al., 2020, https://arxiv.org/abs/2010.03759);
- ``top score``: one minus the largest probability (Hendrycks and Gimpel, 2017, https://arxiv.org/abs/1610.02136).

    python -m benchmarks.unlike_photos DIR [--json]
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_digits, load_sample_images
from sklearn.metrics import roc_auc_score

from benchmarks.shipped import answer, shipped_models
from dermnet_core.artifacts import LITERT, NOVELTY, Artifact
from dermnet_core.config_json import from_dict
from dermnet_core.data.drawings import example_drawings
from dermnet_core.data.scan import DatasetIndex, scan
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.novelty import NoveltyModel
from dermnet_core.litert import LiteRTModel
from dermnet_core.outputs import Outputs, collect_outputs
from dermnet_core.training.run import cut

SIDE, EACH = 256, 60
"""Pixels along a picture, and pictures of a kind."""
TEXT = "The quick brown fox jumps over the lazy dog. 0123456789 "

Pixels = NDArray[np.uint8]
FloatArray = NDArray[np.float32]


def main() -> int:
    """Print the tables of both shipped models."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unlike_photos", description="AUROC by kind of picture.")
    parser.add_argument("data", type=Path, metavar="DIR", help="the photo folder the models were trained on")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    index = scan(options.data)
    pictures = make_pictures(np.random.default_rng(0))
    reports = [measure(artifact, index, pictures) for artifact in shipped_models(index)]
    print(json.dumps(reports, indent=2) if options.json else "\n".join(map(table, reports)))
    return 0


def measure(artifact: Artifact, index: DatasetIndex, pictures: Mapping[str, list[Pixels]]) -> dict[str, Any]:
    """Return for a model the AUROC of each score, by kind, and the share of pictures that the card's limit marks."""
    recipe = from_dict(artifact.card.recipe)
    _, photos = cut(recipe, index.split("train"))
    model = LiteRTModel(artifact.folder / LITERT)
    novelty = NoveltyModel.load(artifact.folder / NOVELTY)
    usual = _scores(collect_outputs(model, index.root, photos), artifact, novelty)
    kinds = {kind: _scores(answer(artifact, shown), artifact, novelty) for kind, shown in pictures.items()}
    limit = artifact.card.novelty_limit
    every = {name: np.concatenate([scores[name] for scores in kinds.values()]) for name in usual}
    return {
        "model": artifact.card.title,
        "photos": len(photos),
        "limit": limit,
        "photos_marked": float((usual["features"] > limit).mean()),
        "kinds": {
            kind: {
                "pictures": len(scores["features"]),
                "auroc": {name: auroc(usual[name], scores[name]) for name in usual},
                "marked": float((scores["features"] > limit).mean()),
            }
            for kind, scores in ({"all": every} | kinds).items()
        },
    }


def auroc(usual: FloatArray, unusual: FloatArray) -> float:
    """Return how often an unusual picture scores higher than a usual one."""
    truth = np.repeat([0, 1], [len(usual), len(unusual)])
    return float(roc_auc_score(truth, np.concatenate([usual, unusual])))


def make_pictures(rng: np.random.Generator, each: int = EACH) -> dict[str, list[Pixels]]:
    """Return so many pictures of each kind that show no skin; drawings of skin come last."""
    makers: dict[str, Callable[[np.random.Generator], Pixels]] = {
        "noise": _noise, "plain and gradients": _gradient, "stripes and checks": _pattern, "shapes": _shapes,
        "text": _text, "scenes": _scene, "digits": _digit, "drawings of skin": _drawing,
    }  # fmt: skip
    return {kind: [make(rng) for _ in range(each)] for kind, make in makers.items()}


def table(report: dict[str, Any]) -> str:
    """Return one model's figures in Markdown."""
    names = list(report["kinds"]["all"]["auroc"])
    lines = [
        f"{report['model']}: {report['photos']} validation photos, of which the limit {report['limit']} marks "
        f"{100 * report['photos_marked']:.1f} %.",
        "",
        f"| pictures | n | {' | '.join(f'AUROC, {name}' for name in names)} | marked, % |",
        f"|---|--:|{'--:|' * len(names)}--:|",
    ]
    for kind, found in report["kinds"].items():
        values = " | ".join(f"{found['auroc'][name]:.3f}" for name in names)
        lines.append(f"| {kind} | {found['pictures']} | {values} | {100 * found['marked']:.0f} |")
    return "\n".join([*lines, ""])


def _scores(outputs: Outputs, artifact: Artifact, novelty: NoveltyModel) -> dict[str, FloatArray]:
    top = softmax(outputs.logits, artifact.card.temperature).max(axis=1)
    return {
        "features": novelty.score(outputs.pooled),
        "energy": -np.logaddexp.reduce(outputs.logits, axis=1),
        "top score": np.asarray(1.0 - top, np.float32),
    }


def _colours(rng: np.random.Generator, n: int) -> list[tuple[int, int, int]]:
    return [tuple(map(int, colour)) for colour in rng.integers(0, 256, (n, 3))]


def _noise(rng: np.random.Generator) -> Pixels:
    """Return white noise, blurred or not."""
    side = int(rng.choice([8, 32, SIDE]))
    values = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(values).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _gradient(rng: np.random.Generator) -> Pixels:
    first, last = rng.uniform(0, 255, (2, 3))
    steps = np.linspace(0, 1, SIDE)[:, None, None] * rng.choice([0.0, 1.0])
    rows = np.broadcast_to(first + steps * (last - first), (SIDE, SIDE, 3))
    return np.ascontiguousarray(np.rot90(rows, rng.integers(4)), dtype=np.uint8)


def _pattern(rng: np.random.Generator) -> Pixels:
    """Return stripes or checks of two colours at any angle."""
    y, x = np.mgrid[:SIDE, :SIDE]
    angle, period = rng.uniform(0, np.pi), rng.uniform(6, 60)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    on = np.sin(2 * np.pi * along / period) > 0
    if rng.random() < 0.5:
        on ^= np.sin(2 * np.pi * across / period) > 0
    first, last = rng.integers(0, 256, (2, 3))
    return np.where(on[..., None], first, last).astype(np.uint8)


def _shapes(rng: np.random.Generator) -> Pixels:
    """Return plain discs, boxes and triangles on a plain ground, as a blurred photo would show them."""
    ground, *colours = _colours(rng, int(rng.integers(2, 9)))
    image = Image.new("RGB", (SIDE, SIDE), ground)
    draw = ImageDraw.Draw(image)
    for colour in colours:
        corner, size = rng.uniform(0, SIDE * 0.8, 2), rng.uniform(20, 140, 2)
        box = [*map(float, corner), *map(float, corner + size)]
        [draw.ellipse, draw.rectangle][rng.integers(2)](box, fill=colour)
        draw.polygon([tuple(map(float, point)) for point in rng.uniform(0, SIDE, (3, 2))], fill=colour)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1)))


def _text(rng: np.random.Generator) -> Pixels:
    paper, ink = sorted(_colours(rng, 2), key=sum, reverse=True)
    image = Image.new("RGB", (SIDE, SIDE), paper)
    draw = ImageDraw.Draw(image)
    size = float(rng.uniform(10, 40))
    for line in range(int(SIDE / size)):
        start = int(rng.integers(len(TEXT)))
        draw.text((4, line * size), (TEXT[start:] + TEXT * 2)[:60], fill=ink, font_size=size)
    return np.asarray(image)


def _scene(rng: np.random.Generator) -> Pixels:
    """Return a part of a photo of a temple or of a flower."""
    image = load_sample_images().images[rng.integers(2)]
    side = int(rng.integers(160, 427))
    top, left = rng.integers(0, 427 - side + 1), rng.integers(0, 640 - side + 1)
    return np.ascontiguousarray(image[top : top + side, left : left + side])


def _digit(rng: np.random.Generator) -> Pixels:
    images = load_digits().images
    image = Image.fromarray((images[rng.integers(len(images))] * 15.9).astype(np.uint8))
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC).convert("RGB"))


def _drawing(rng: np.random.Generator) -> Pixels:
    """Return a part of one of the application's own drawings, which are meant to look like skin."""
    drawings = example_drawings()
    image = drawings[rng.integers(len(drawings))].rgb
    side = int(rng.integers(240, 481))
    top, left = rng.integers(0, 480 - side + 1), rng.integers(0, 640 - side + 1)
    return np.ascontiguousarray(np.rot90(image[top : top + side, left : left + side], rng.integers(4)))


if __name__ == "__main__":
    sys.exit(main())
