"""Explain a model's answer with another method: the command that computes it and the call that runs that command."""

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from dermnet_core import child
from dermnet_core.artifacts import CARD, WEIGHTS, Artifact, ModelRegistry, load_artifact
from dermnet_core.config_json import from_dict
from dermnet_core.data.images import Photo, squash
from dermnet_core.errors import ConfigError
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.explain.methods import METHODS, check_method, compute
from dermnet_core.explain.overlay import overlay
from dermnet_core.inference import InferenceEngine
from dermnet_core.labels import display_name
from dermnet_core.paths import model_dirs

_OPACITY = 0.6


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
    arguments = ["--model", str(artifact.folder.resolve()), "--method", method, "--class-index", str(class_index)]
    squashed = squash(photo.rgb, artifact.card.image_size)
    return Heatmap(child.answer("explain", arguments, squashed, METHODS[method], timeout))


def explain(options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Compute a map in this process and write it; the command ``explain``."""
    child.check_output(options.out)
    photo = child.read_input(options.photo)
    artifact = _find(options.model)
    index = _first_class(artifact, photo) if options.class_index is None else options.class_index
    _check_class(artifact, index)
    with contextlib.redirect_stdout(sys.stderr):  # Keras draws a progress bar; standard output is for the result
        heatmap = _compute(artifact, photo, index, options.method)
    child.write_output(options.out, heatmap.values, lambda: overlay(photo.rgb, heatmap, _OPACITY))
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

    artifact.verify()
    model = load_model(from_dict(artifact.card.recipe).model, artifact.path(WEIGHTS))
    return compute(model, squash(photo.rgb, artifact.card.image_size), class_index, method)


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
