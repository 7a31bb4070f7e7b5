"""The trials of a search as a table, read from its folder or from the search that ships; no TensorFlow."""

import csv
import dataclasses
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dermnet_core.config import TrainingConfig
from dermnet_core.errors import RunError
from dermnet_core.i18n import N_, _, count, decimal
from dermnet_core.paths import ASSETS
from dermnet_core.training.lock import holder
from dermnet_core.training.progress import read_events
from dermnet_core.training.status import RunProgress, read_progress
from dermnet_core.tuning.search import TRIALS, TUNER, SearchSettings, open_search, settings_from_json, settings_to_json
from dermnet_core.tuning.space import SPACE, Value

TrialStatus = Literal["waiting", "running", "completed", "failed"]
SearchStatus = Literal["new", "running", "stopped", "finished", "failed", "interrupted"]
ASSET = ASSETS / "tuning.json"
TRIAL_WORDS: Mapping[TrialStatus, str] = {
    "waiting": N_("Goes on when the search does"),
    "running": N_("Trains now"),
    "completed": N_("Completed"),
    "failed": N_("Failed"),
}


@dataclass(frozen=True)
class Trial:
    """One configuration and what became of it."""

    id: str
    number: int
    """From 1, in the order of their start."""
    values: Mapping[str, Value]
    status: TrialStatus
    val_accuracy: float | None
    best_epoch: int | None
    epochs: int
    """Finished ones."""
    seconds: float | None
    """Of training."""
    parameters: int | None
    message: str = ""
    """Why it failed."""
    folder: Path | None = None
    """The run; None for a search from elsewhere."""


@dataclass(frozen=True)
class SearchTable:
    """A search and its trials."""

    name: str
    settings: SearchSettings
    status: SearchStatus
    message: str
    trials: tuple[Trial, ...]
    started: float | None = None
    """Seconds since 1970."""

    @property
    def completed(self) -> tuple[Trial, ...]:
        """The trials that have a validation accuracy."""
        return tuple(trial for trial in self.trials if trial.status == "completed")

    @property
    def best(self) -> Trial | None:
        """The completed trial of the highest validation accuracy."""
        return max(self.completed, key=lambda trial: trial.val_accuracy or 0.0, default=None)

    @property
    def note(self) -> str:
        """What was reduced against a full training, in a sentence."""
        settings = self.settings
        every = _(
            "Each trial saw all training photos, a part of them held back for validation, at {size} px for at "
            "most {epochs} epochs: enough to compare configurations, too little for a good model."
        )
        some = _(
            "Each trial saw {n} training photos, a part of them held back for validation, at {size} px for at "
            "most {epochs} epochs: enough to compare configurations, too little for a good model."
        )
        text = every if settings.max_photos is None else some
        seen = text.format(n=count(settings.max_photos or 0), size=settings.image_size, epochs=settings.epochs)
        return f"{seen} {self._noise}".rstrip()

    @property
    def _noise(self) -> str:
        """Say how far two accuracies may differ by chance: two independent proportions, 95 %."""
        photos, best = self.settings.max_photos, self.best
        if photos is None or best is None or best.val_accuracy is None:
            return ""
        held = round(photos * TrainingConfig.validation_fraction)
        points = 196.0 * math.sqrt(2.0 * best.val_accuracy * (1.0 - best.val_accuracy) / held)
        chance = _("With about {n} validation photos, differences below {points} points may be chance.")
        return chance.format(n=count(held), points=decimal(points, 0))


def read_search(folder: Path) -> SearchTable:
    """Read a search folder.

    Raises:
        RunError: it holds no search, or its files are damaged.
    """
    search, alive = open_search(folder), holder(folder) is not None
    events = read_events(folder)
    last = events[-1] if events else {"event": ""}
    endings: Mapping[str, SearchStatus] = {"stopped": "stopped", "finished": "finished", "failed": "failed"}
    status: SearchStatus = "running" if alive else endings.get(last["event"], "interrupted") if events else "new"
    try:
        stored = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob(f"{TUNER}/trial_*/trial.json"))]
        trials = tuple(_trial(values, number, folder) for number, values in enumerate(stored, start=1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"Expected the trials of Keras Tuner in {folder / TUNER}, found: {error!r}. Restore or delete it."
        ) from error
    message = str(last.get("error", "")) if status == "failed" else ""
    return SearchTable(folder.name, search.settings, status, message, trials, events[0]["time"] if events else None)


def list_searches(folder: Path) -> tuple[list[SearchTable], list[str]]:
    """Return the searches in a folder, the newest first, and a message for each that cannot be read."""
    tables, problems = [], []
    for path in folder.glob("*/search.json"):
        try:
            tables.append(read_search(path.parent))
        except RunError as error:
            problems.append(str(error))
    return sorted(tables, key=lambda table: (-(table.started or 0.0), table.name)), sorted(problems)


def read_asset(path: Path = ASSET) -> SearchTable | None:
    """Return the search that ships; None where there is none.

    Raises:
        RunError: the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"Expected the trials of a search in {path}, found: {error!r}. Restore the file.") from error


def to_json(table: SearchTable) -> dict[str, Any]:
    """Return a table as JSON values without the paths of this computer."""
    values = dataclasses.asdict(table) | {"settings": settings_to_json(table.settings) | {"data_dir": "DIR"}}
    values["trials"] = [dataclasses.asdict(trial) | {"folder": None} for trial in table.trials]
    return values


def from_json(values: Mapping[str, Any]) -> SearchTable:
    """Return the table of JSON values."""
    trials = tuple(Trial(**trial) for trial in values["trials"])
    return SearchTable(**(dict(values) | {"settings": settings_from_json(values["settings"]), "trials": trials}))


def trials_csv(table: SearchTable) -> str:
    """Return one row a trial."""
    names = ["number", "status", "val_accuracy", "best_epoch", "epochs", "seconds", "parameters"]
    settings = [parameter.name for parameter in SPACE]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, *settings, "message"])
    for trial in table.trials:
        row = [getattr(trial, name) for name in names]
        writer.writerow([*row, *(trial.values.get(name, "") for name in settings), trial.message])
    return text.getvalue()


def _trial(stored: Mapping[str, Any], number: int, folder: Path) -> Trial:
    run = folder / TRIALS / str(stored["trial_id"])
    progress = read_progress(run) if (run / "config.json").is_file() else None
    status = _status(str(stored["status"]), progress)
    best = progress.best if progress else None
    epochs = progress.epochs if progress else ()
    return Trial(
        id=str(stored["trial_id"]),
        number=number,
        values=dict(stored["hyperparameters"]["values"]),
        status=status,
        val_accuracy=best.val_accuracy if best and status == "completed" else None,
        best_epoch=best.epoch if best else None,
        epochs=len(epochs),
        seconds=round(epochs[-1].seconds, 1) if epochs else None,
        parameters=_parameters(run),
        message=_message(stored, progress) if status == "failed" else "",
        folder=run if progress else None,
    )


def _status(stored: str, progress: RunProgress | None) -> TrialStatus:
    if stored == "COMPLETED":
        return "completed"
    if stored in ("FAILED", "INVALID"):
        return "failed"
    return "running" if progress and progress.status == "running" else "waiting"


def _message(stored: Mapping[str, Any], progress: RunProgress | None) -> str:
    if progress and progress.message:
        return progress.message
    lines = str(stored.get("message") or "").strip().splitlines()
    # Keras Tuner keeps the traceback, whose last line is the error after its type.
    return lines[-1].split(": ", 1)[-1] if lines else N_("Its process disappeared. See its log.")


def _parameters(run: Path) -> int | None:
    return next((event["parameters"] for event in read_events(run) if "parameters" in event), None)
