"""Run folders with hand-written events, and tiny recipes that train in seconds."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from dermnet_core.config import AugmentationConfig, FitConfig, StageConfig, TrainingConfig
from dermnet_core.training.jobs import Run, create_run
from tests.factories import tiny_recipe

START = 1_700_000_000.0


def recipe(*epochs: int, classes: int = 3) -> TrainingConfig:
    """Return a tiny CNN recipe of 48 px with a stage for each number of epochs."""
    stages = tuple(
        StageConfig(
            f"stage {number}",
            fit=FitConfig(epochs=count, batch_size=8, learning_rate=3e-3),
            augmentation=AugmentationConfig(rotation=0.0, zoom=0.0, contrast=0.0),
        )
        for number, count in enumerate(epochs, start=1)
    )
    return replace(tiny_recipe("separable_cnn", classes=classes, size=48), stages=stages, validation_fraction=0.25)


def planted(folder: Path, events: list[tuple[float, str, dict[str, Any]]], *epochs: int) -> Run:
    """Write a run whose events happened so many seconds after its start."""
    run = create_run(folder, recipe(*(epochs or (4, 2))), folder.parent)
    lines = (json.dumps({"time": START + after, "event": event, **values}) for after, event, values in events)
    (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return run


def epoch(stage: int, number: int, accuracy: float = 0.5, epochs: int = 4) -> dict[str, Any]:
    """Return the values of an event of a finished epoch."""
    return {
        "stage": stage, "epoch": number, "epochs": epochs, "loss": 1.0, "accuracy": 0.6, "val_loss": 1.2,
        "val_accuracy": accuracy, "learning_rate": 0.001, "photos_per_second": 50.0,
    }  # fmt: skip
