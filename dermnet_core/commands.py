"""What each command of the command line does: options in, JSON values and exit status out."""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from dermnet_core.artifacts import ModelRegistry
from dermnet_core.data.images import Photo, read_photo
from dermnet_core.data.scan import photo_files
from dermnet_core.errors import DatasetError, ImageError
from dermnet_core.explain.overlay import overlay
from dermnet_core.inference import InferenceEngine, Prediction
from dermnet_core.labels import display_name
from dermnet_core.paths import model_dirs

Result = tuple[Any, int]
_OPACITY = 0.6


def predict(options: argparse.Namespace) -> Result:
    """Answer every photo with every chosen model; a photo that cannot be read does not stop the others."""
    registry = ModelRegistry(model_dirs())
    artifacts = [registry.get(options.model)] if options.model else registry.artifacts()
    engines = [InferenceEngine(artifact) for artifact in artifacts]
    answers: list[dict[str, Any]] = []
    for number, path in enumerate(_expanded(options.photos)):
        try:
            answers += [_answer(engine, path, number, options) for engine in engines]
        except (ImageError, OSError) as error:
            answers.append({"file": str(path), "error": str(error)})
    return answers, int(any("error" in answer for answer in answers))


def models(options: argparse.Namespace) -> Result:
    """List the installed models; damaged ones are named on standard error."""
    registry = ModelRegistry(model_dirs())
    problems = registry.problems()
    for problem in problems:
        print(f"Error: {problem}", file=sys.stderr)
    return [dataclasses.asdict(artifact.card) for artifact in registry.artifacts()], int(bool(problems))


def show_predictions(answers: list[dict[str, Any]]) -> str:
    """Say predictions in text."""
    lines = []
    for answer in answers:
        if "error" in answer:
            lines.append(f"{answer['file']}: {answer['error']}")
            continue
        lines.append(f"{answer['file']}  {answer['model']}  {answer['milliseconds']:.0f} ms")
        lines += [f"  {100 * entry['score']:5.1f}  {display_name(entry['class'])}" for entry in answer["predictions"]]
        lines += [f"  note: {reason}" for reason in answer["reasons"]]
    return "\n".join(lines)


def show_models(cards: list[dict[str, Any]]) -> str:
    """Say one line a model."""
    lines = [
        f"{card['name']}: {card['title']}, {card['parameters']:,} parameters, {card['image_size']} px" for card in cards
    ]
    return "\n".join(lines) or f"No models in {', '.join(map(str, model_dirs()))}."


def _answer(engine: InferenceEngine, path: Path, number: int, options: argparse.Namespace) -> dict[str, Any]:
    data = path.read_bytes()
    prediction = engine.predict_bytes(data)
    heatmap = None
    if options.heatmaps:
        heatmap = options.heatmaps / f"{number:04d}-{path.stem}-{prediction.model}.png"
        _write_heatmap(read_photo(data), prediction, heatmap)
    return {
        "file": str(path),
        "model": prediction.model,
        "predictions": [
            {"class": entry.label, "score": round(entry.score, 6)} for entry in prediction.ranked(options.top)
        ],
        "abstained": prediction.abstained,
        "reasons": list(prediction.reasons),
        "milliseconds": round(prediction.milliseconds, 2),
        "heatmap": str(heatmap) if heatmap else None,
    }


def _write_heatmap(photo: Photo, prediction: Prediction, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    Image.fromarray(overlay(photo.rgb, prediction.top_heatmap, _OPACITY)).save(temporary, format="PNG")
    temporary.replace(path)


def _expanded(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = photo_files(path) if path.is_dir() else [path]
        if not inside:
            raise DatasetError(f"Expected photos in {path}, found none. Give another folder or the photos themselves.")
        found += inside
    return found
