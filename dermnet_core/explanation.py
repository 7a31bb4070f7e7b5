"""Explain a model's answer with another method: the command that computes it and the call that runs that command.

The call starts a process, because TensorFlow's 700 MB are given back only when the process that loaded it ends.
"""

import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dermnet_core.artifacts import CARD, WEIGHTS, Artifact, ModelRegistry, load_artifact
from dermnet_core.config import from_dict
from dermnet_core.data.images import Photo, read_photo, read_photo_file, squash
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.explain.methods import METHODS, check_method, compute
from dermnet_core.explain.overlay import overlay
from dermnet_core.inference import InferenceEngine
from dermnet_core.labels import display_name
from dermnet_core.paths import ROOT, model_dirs

_OPACITY = 0.6
_STDIN = "-"
_ONE_AT_A_TIME = threading.Lock()  # two visitors at once would need twice the memory


def explain_with(artifact: Artifact, photo: Photo, class_index: int, method: str, timeout: float = 120.0) -> Heatmap:
    """Return the map of one class by a method of METHODS, computed in a process that ends afterwards.

    Args:
        artifact: the model.
        photo: the photo that the model answered.
        class_index: column of the logits.
        method: a key of METHODS.
        timeout: seconds after which the process is stopped.

    Raises:
        ConfigError: there is no such method or class.
        RunError: the process failed, was killed, for example for lack of memory, or took too long.
    """
    check_method(method)
    _check_class(artifact, class_index)
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        out = Path(folder) / "map.npy"
        squashed = io.BytesIO()  # through a pipe: a visitor's photo is never written to disk
        Image.fromarray(squash(photo.rgb, artifact.card.image_size)).save(squashed, format="PNG")
        command = [sys.executable, "-m", "dermnet_core", "explain", _STDIN, "--out", str(out)]
        command += ["--model", str(artifact.folder.resolve()), "--method", method, "--class-index", str(class_index)]
        _run(command, squashed.getvalue(), METHODS[method], timeout)
        return Heatmap(np.load(out, allow_pickle=False))


def explain(options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Compute a map in this process and write it; the command ``explain``."""
    if options.out.suffix not in (".npy", ".png"):
        raise ConfigError(f"Expected --out to end in .npy or .png, found {options.out.name}. Rename it.")
    from_pipe = str(options.photo) == _STDIN
    photo = read_photo(sys.stdin.buffer.read()) if from_pipe else read_photo_file(options.photo)
    artifact = _find(options.model)
    index = _first_class(artifact, photo) if options.class_index is None else options.class_index
    _check_class(artifact, index)
    with contextlib.redirect_stdout(sys.stderr):  # Keras draws a progress bar; standard output is for the result
        heatmap = _compute(artifact, photo, index, options.method)
    _write(heatmap, photo, options.out)
    label = artifact.card.classes[index]
    result = {"file": str(options.photo), "model": artifact.name, "method": options.method, "class": label}
    return result | {"strongest": heatmap.strongest_place(), "out": str(options.out)}, 0


def show_explanation(result: dict[str, str]) -> str:
    """Say where the map is strongest and where it was written."""
    title, label = METHODS[result["method"]], display_name(result["class"])
    return f"{title} of {result['model']} for {label}: strongest {result['strongest']}. Written to {result['out']}."


def _compute(artifact: Artifact, photo: Photo, class_index: int, method: str) -> Heatmap:
    os.environ["KERAS_BACKEND"] = "tensorflow"  # tf-keras-vis knows no other
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # oneDNN crashes on gradients of very narrow layers
    from dermnet_core.models.zoo import load_model

    model = load_model(from_dict(artifact.card.recipe).model, artifact.path(WEIGHTS))
    return compute(model, squash(photo.rgb, artifact.card.image_size), class_index, method)


def _run(command: list[str], photo: bytes, title: str, timeout: float) -> None:
    try:
        done = subprocess.run(command, input=photo, cwd=ROOT, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise RunError(
            f"Expected {title} within {timeout:.0f} seconds, found it still at work and stopped it. "
            "Try again when the computer is less busy."
        ) from error
    except OSError as error:
        raise RunError(f"Expected to start a process for {title}, found: {error}. Free some memory.") from error
    if done.returncode < 0:
        raise RunError(
            f"Expected {title}, found that its process was stopped (signal {-done.returncode}), most likely for lack "
            "of memory: it needs about 1 GB. Free some and try again."
        )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        reason = next((line for line in lines if line.startswith("Error: ")), lines[-1]).removeprefix("Error: ")
        raise RunError(f"Expected {title}, found that its process failed: {reason}")


def _find(model: str) -> Artifact:
    """Return an installed model by its name, or any model by its folder."""
    folder = Path(model)
    return load_artifact(folder) if (folder / CARD).is_file() else ModelRegistry(model_dirs()).get(model)


def _first_class(artifact: Artifact, photo: Photo) -> int:
    return InferenceEngine(artifact).predict(photo).ranked(1)[0].index


def _check_class(artifact: Artifact, class_index: int) -> None:
    classes = len(artifact.card.classes)
    if not 0 <= class_index < classes:
        raise ConfigError(f"Expected a class from 0 to {classes - 1}, found {class_index}. Choose one of these.")


def _write(heatmap: Heatmap, photo: Photo, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        with temporary.open("wb") as stream:
            if path.suffix == ".npy":
                np.save(stream, heatmap.values, allow_pickle=False)
            else:
                Image.fromarray(overlay(photo.rgb, heatmap, _OPACITY)).save(stream, format="PNG")
        temporary.replace(path)
    except OSError as error:
        raise RunError(f"Expected to write {path}, found: {error}. Choose another --out.") from error
