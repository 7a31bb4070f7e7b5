"""What each setting of a recipe is worth: short runs of one network that differ in one thing, judged on validation.

Every run of MobileNetV2 starts from the ImageNet weights, every run of the CNN from the same random ones. They train on
the photos of the train folder without the validation photos, and never see a test photo. They are much shorter and
smaller than the recipes that ship, so that a dozen of them fit into an hour on two cores: what a long run makes of a
setting may differ, above all of those against overfitting.

"Top-1" is on validation, the mean of the last three epochs. The base with one more augmented copy of each photo shows
what chance alone does: it is the same recipe with other draws. Runs are kept in the folder; one that was interrupted
goes on.

    python -m benchmarks.ablation DIR --weights FILE --out FOLDER [--model separable_cnn] [--json]
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from dermnet_core.config import (
    AugmentationConfig,
    FitConfig,
    HintConfig,
    MobileNetV2Config,
    ModelName,
    SeparableCNNConfig,
    StageConfig,
    TrainingConfig,
    TransferConfig,
)
from dermnet_core.training.jobs import create_run
from dermnet_core.training.presets import with_weights
from dermnet_core.training.status import read_progress

_LAST = 3
"""Epochs at the end that are averaged."""

BASE = StageConfig(
    "short",
    TransferConfig("block_6_expand", activation_copies=4, image_size=128),
    FitConfig(
        epochs=6, batch_size=64, learning_rate=7e-4, optimizer="adamw", weight_decay=5e-3, schedule="cosine",
        warmup_epochs=1.0, label_smoothing=0.1, class_weights="none",
    ),
    AugmentationConfig(rotation=0.08, zoom=0.25, contrast=0.25, mixup=0.2),
)  # fmt: skip

CNN_BASE = StageConfig(
    "short",
    TransferConfig(activation_copies=4, image_size=128),
    FitConfig(
        epochs=8, batch_size=64, learning_rate=2e-3, optimizer="adamw", weight_decay=5e-2, schedule="cosine",
        warmup_epochs=1.0, label_smoothing=0.0, class_weights="none",
    ),
    AugmentationConfig(rotation=0.05, zoom=0.3, contrast=0.2, sharpness=0.5),
)  # fmt: skip

Levers = Mapping[str, Callable[[StageConfig], StageConfig]]

LEVERS: Levers = {
    "base": lambda stage: stage,
    "base, other draws": lambda stage: replace(stage, transfer=replace(stage.transfer, activation_copies=5)),
    "twice as long": lambda stage: replace(stage, fit=replace(stage.fit, epochs=2 * stage.fit.epochs)),
    "160 px": lambda stage: replace(stage, transfer=replace(stage.transfer, image_size=160)),
    "from block 3": lambda stage: replace(stage, transfer=replace(stage.transfer, trainable_from="block_3_expand")),
    "from block 13": lambda stage: replace(stage, transfer=replace(stage.transfer, trainable_from="block_13_expand")),
    "BatchNorm frozen": lambda stage: replace(stage, transfer=replace(stage.transfer, train_batch_norm=False)),
    "no MixUp": lambda stage: replace(stage, augmentation=replace(stage.augmentation, mixup=0.0)),
    "zoom 0.4": lambda stage: replace(stage, augmentation=replace(stage.augmentation, zoom=0.4)),
    "no augmentation but flips": lambda stage: replace(
        stage, augmentation=AugmentationConfig(rotation=0.0, zoom=0.0, contrast=0.0, mixup=stage.augmentation.mixup)
    ),
    "sharpness 0.5": lambda stage: replace(stage, augmentation=replace(stage.augmentation, sharpness=0.5)),
    "no label smoothing": lambda stage: replace(stage, fit=replace(stage.fit, label_smoothing=0.0)),
    "class weights, root": lambda stage: replace(stage, fit=replace(stage.fit, class_weights="sqrt")),
    "weight decay 0.05": lambda stage: replace(stage, fit=replace(stage.fit, weight_decay=5e-2)),
}
"""Name -> what it changes; the first is what the others are compared with."""
CNN_LEVERS: Levers = {
    "base": lambda stage: stage,
    "base, other draws": LEVERS["base, other draws"],
    "twice as long": LEVERS["twice as long"],
    "hints, weight 2": lambda stage: replace(stage, hints=HintConfig(2.0, image_size=256)),
    "hints, weight 8": lambda stage: replace(stage, hints=HintConfig(8.0, image_size=256)),
    "hints, weight 8, from 128 px": lambda stage: replace(stage, hints=HintConfig(8.0, image_size=128)),
    "MixUp 0.2": lambda stage: replace(stage, augmentation=replace(stage.augmentation, mixup=0.2)),
    "zoom 0.4": LEVERS["zoom 0.4"],
    "no augmentation but flips": LEVERS["no augmentation but flips"],
    "label smoothing 0.1": lambda stage: replace(stage, fit=replace(stage.fit, label_smoothing=0.1)),
    "weight decay 0.01": lambda stage: replace(stage, fit=replace(stage.fit, weight_decay=1e-2)),
}
"""The same for the CNN."""


def main() -> int:
    """Run what is not finished and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description="One setting at a time.")
    parser.add_argument("data", type=Path, metavar="DIR", help="the photo folder")
    parser.add_argument("--weights", type=Path, required=True, metavar="FILE", help="ImageNet weights of MobileNetV2")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the runs are kept")
    parser.add_argument("--model", choices=get_args(ModelName), default="mobilenet_v2", help="which network")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    compared = recipes(options.model, options.weights)
    rows = [{"lever": name, "top1": _top1(config, name, options)} for name, config in compared.items()]
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


def recipes(model: ModelName, weights: Path) -> dict[str, TrainingConfig]:
    """Return the recipe of every run, all with the same validation photos."""
    if model == "mobilenet_v2":
        base = TrainingConfig(model, mobilenet_v2=MobileNetV2Config(weights=str(weights)), stages=(BASE,))
        return {name: replace(base, stages=(change(BASE),)) for name, change in LEVERS.items()}
    network = SeparableCNNConfig(block_filters=(128, 256, 512, 512), block_strides=(2, 2, 2, 1), dropout=0.2)
    base = TrainingConfig(model, separable_cnn=network, stages=(CNN_BASE,))
    changed = {name: replace(base, stages=(change(CNN_BASE),)) for name, change in CNN_LEVERS.items()}
    hinted = {name for name, config in changed.items() if config.stages[0].hints.weight}
    return {name: with_weights(config, weights) if name in hinted else config for name, config in changed.items()}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as Markdown, with the difference to the base in percentage points."""
    base = rows[0]["top1"]
    lines = ["| lever | top-1 | against the base |", "|---|--:|--:|"]
    for row in rows:
        lines.append(f"| {row['lever']} | {100 * row['top1']:.1f} | {100 * (row['top1'] - base):+.1f} |")
    return "\n".join(lines)


def _top1(config: TrainingConfig, name: str, options: argparse.Namespace) -> float:
    folder = options.out / options.model / name.replace(" ", "-").replace(",", "")
    create_run(folder, config, options.data, "trial")
    if read_progress(folder).status != "finished":
        print(f"{name} …", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "dermnet_core.training", str(folder)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    last = [epoch.val_accuracy for epoch in read_progress(folder).epochs][-_LAST:]
    return sum(last) / len(last)


if __name__ == "__main__":
    sys.exit(main())
