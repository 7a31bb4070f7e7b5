"""Make a model that every page can use: of a finished run, a model folder, or weights that were trained elsewhere."""

import json
import os
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from dermnet_core.artifacts import CARD, WEIGHTS, Artifact, install, load_artifact, write_card
from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import from_dict
from dermnet_core.errors import ArtifactError, ConfigError, RunError
from dermnet_core.paths import SHIPPED_MODELS, installed_models_dir, runs_dir
from dermnet_core.scoring import rename_evaluation
from dermnet_core.training import control
from dermnet_core.training.jobs import RUN_FILE, Run, create_run
from dermnet_core.training.status import STATUS_WORDS, read_progress

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_POLL = 0.5


def register(source: Path, name: str, *, data_dir: Path | None = None, models_dir: Path | None = None) -> Artifact:
    """Copy a model under a name to the folder of registered models and return it.

    Args:
        source: a finished run, a model folder, or a folder with ``model.weights.h5`` and ``config.json`` (a recipe or
            that of a run) made elsewhere; the latter is calibrated and evaluated first, which takes minutes.
        name: of the model: small letters, digits, ``-`` and ``_``.
        data_dir: the photos that weights made elsewhere are calibrated on.
        models_dir: where it goes; the user's folder of models by default.

    Raises:
        ConfigError: the name is not usable or taken.
        ArtifactError: the model is damaged or of another version.
        RunError: the run is not finished, the folder holds no model, or the process for weights failed.
    """
    target = (models_dir or installed_models_dir()) / name
    _check_name(name, target)
    found = load_artifact(_model_folder(source, name, data_dir))
    found.verify()
    staged = target.with_name(f".{name}.{os.getpid()}")
    try:
        shutil.copytree(found.folder, staged)
        rename_evaluation(staged, write_card(staged, replace(found.card, name=name, title=f"{_plain(found)} · {name}")))
        return install(staged, target)
    except OSError as error:
        raise ArtifactError(f"Expected to write {target}, found: {error}. Free space or make it writable.") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def adopt(source: Path, folder: Path, data_dir: Path) -> Run:
    """Make a run of weights that were trained elsewhere; ``control.start(folder, finish=True)`` makes the model.

    Args:
        source: holds ``model.weights.h5`` and ``config.json``: a recipe, or the one of a run.
        folder: of the new run.
        data_dir: photos with the same class folders as those that the weights were trained on.

    Raises:
        RunError: a file is missing, or the run folder is taken.
        ConfigError: the recipe is not valid.
    """
    weights = source / WEIGHTS
    if not weights.is_file() or not (source / RUN_FILE).is_file():
        raise RunError(
            f"Expected a finished run, a model folder, or {WEIGHTS} beside {RUN_FILE} in {source}, found neither. "
            "Point at another folder."
        )
    config = _recipe(source / RUN_FILE)
    run = create_run(folder, config, data_dir)
    last = folder / "checkpoints" / f"stage{len(config.stages)}.weights.h5"
    last.parent.mkdir(exist_ok=True)
    shutil.copyfile(weights, last.with_name(f"unfinished.{last.name}"))
    last.with_name(f"unfinished.{last.name}").replace(last)
    return run


def _check_name(name: str, target: Path) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"Expected a name of small letters, digits, - and _, at most 41 of them, found {name!r}. Choose another."
        )
    if target.exists() or (SHIPPED_MODELS / name).exists():
        raise ConfigError(f"Expected a new name, found that there is a model {name!r} already. Choose another.")


def _model_folder(source: Path, name: str, data_dir: Path | None) -> Path:
    for folder in (source, source / "artifact"):
        if (folder / CARD).is_file():
            return folder
    if (source / "events.jsonl").is_file():
        words = STATUS_WORDS[read_progress(source).status]
        raise RunError(
            f"Expected a finished run in {source}, found: {words} Resume it, or use its best weights so far."
        )
    if data_dir is None and (source / WEIGHTS).is_file():
        raise RunError(
            f"Expected a photo folder to calibrate the weights in {source} on, found none. Name one, or set "
            "DERMNET_DATA_DIR."
        )
    return _calibrated(adopt(source, runs_dir() / name, data_dir or Path()).folder) / "artifact"


def _calibrated(folder: Path) -> Path:
    control.start(folder, finish=True)
    while (progress := read_progress(folder)).status == "running":
        time.sleep(_POLL)
    if progress.status != "finished":
        raise RunError(f"Expected the weights in {folder} to become a model, found: {progress.message or 'a stop'}.")
    return folder


def _recipe(path: Path) -> TrainingConfig:
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"Expected a recipe as JSON in {path}, found: {error}. Give another file.") from error
    recipe = dict(values.get("training", values))
    if isinstance(recipe.get("mobilenet_v2"), dict):
        recipe["mobilenet_v2"] = {**recipe["mobilenet_v2"], "weights": None}  # a path of the other computer
    return from_dict(recipe)


def _plain(artifact: Artifact) -> str:
    return artifact.card.title.split(" · ")[0]
