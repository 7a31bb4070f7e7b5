"""Run folders: the configuration of a training run on disk; read and written without TensorFlow."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dermnet_core.artifacts import write_json
from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import from_dict, to_dict
from dermnet_core.errors import ConfigError, RunError

RUN_FILE = "config.json"
SCHEMA = 1
Purpose = Literal["model", "trial"]


@dataclass(frozen=True)
class Run:
    """A run folder: the recipe, the photo folder that it trains on, and what it is for.

    A run of purpose "model" ends with an artifact. One of purpose "trial" belongs to a search: it ends with its
    validation accuracy and never looks at test photos.
    """

    folder: Path
    config: TrainingConfig
    data_dir: Path
    purpose: Purpose = "model"


def create_run(folder: Path, config: TrainingConfig, data_dir: Path, purpose: Purpose = "model") -> Run:
    """Write the configuration of a new run, or return the run that is there to go on with it.

    Raises:
        RunError: the folder holds a run of another configuration or photo folder, or cannot be written.
    """
    run = Run(folder, config, data_dir.resolve(), purpose)
    if (folder / RUN_FILE).is_file():
        if open_run(folder) != run:
            raise RunError(
                f"Expected an empty folder or the same run in {folder}, found a run with other settings. "
                "Choose another --out or delete the folder."
            )
        return run
    try:
        folder.mkdir(parents=True, exist_ok=True)
        values = {"schema": SCHEMA, "data_dir": str(run.data_dir), "purpose": purpose, "training": to_dict(config)}
        write_json(folder / RUN_FILE, values)
    except OSError as error:
        raise RunError(f"Expected to write in {folder}, found: {error}. Choose another --out.") from error
    return run


def open_run(folder: Path) -> Run:
    """Read a run's configuration.

    Raises:
        RunError: there is none, it cannot be read, or a newer version of this program wrote it.
    """
    try:
        values = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        schema = values.get("schema", SCHEMA)
        if schema == SCHEMA:
            return Run(folder, from_dict(values["training"]), Path(values["data_dir"]), _purpose(values))
    except (OSError, ValueError, KeyError, AttributeError, ConfigError) as error:
        raise RunError(f"Expected a run in {folder}, found: {error!r}. Start one with the train command.") from error
    raise RunError(
        f"Expected a run of schema {SCHEMA} in {folder}, found schema {schema!r}, which another version of this "
        "program wrote. Update the program to go on with it."
    )


def _purpose(values: dict[str, Any]) -> Purpose:
    purpose = values.get("purpose", "model")
    if purpose not in ("model", "trial"):
        raise ValueError(f"purpose {purpose!r}")
    return "trial" if purpose == "trial" else "model"
