"""How training runs stand, read from their folders without TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dermnet_core.errors import RunError
from dermnet_core.i18n import N_, _, count
from dermnet_core.training.jobs import RUN_FILE, Run, open_run
from dermnet_core.training.lock import holder
from dermnet_core.training.presets import stage_title
from dermnet_core.training.progress import EVENTS, read_events

RunStatus = Literal["new", "running", "stopped", "finished", "failed", "interrupted"]
STATUS_WORDS: Mapping[RunStatus, str] = {
    "new": N_("Not started yet."),
    "running": N_("A process is training it."),
    "stopped": N_("You stopped it. Its best weights are kept, and it can go on."),
    "finished": N_("It ran to its end."),
    "failed": N_("It ended with an error. Finished epochs are kept, and it can go on once the cause is mended."),
    "interrupted": N_(
        "Its process disappeared, for example in a power cut. It can go on after its last finished epoch."
    ),
}
"""Each status in one sentence."""
STATUS_TITLES: Mapping[RunStatus, str] = {
    "new": N_("new"),
    "running": N_("running"),
    "stopped": N_("stopped"),
    "finished": N_("finished"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}
"""Each status in one word."""

_ENDINGS: Mapping[str, RunStatus] = {"stopped": "stopped", "failed": "failed", "finished": "finished"}
_FINISHING = {
    "statistics": N_("Measuring the statistics of batch normalization"),
    "novelty": N_("Learning what training photos look like"),
    "calibrate": N_("Calibrating on validation photos"),
    "evaluate": N_("Evaluating on test photos"),
}


@dataclass(frozen=True)
class Epoch:
    """The figures of one finished epoch; both accuracies are shares, ``stage`` and ``epoch`` count from 1."""

    stage: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    photos_per_second: float
    seconds: float
    """Since the run began, pauses left out."""


@dataclass(frozen=True)
class RunProgress:
    """How far a run is."""

    status: RunStatus
    phase: str
    """What it does, in words."""
    done: int
    """Epochs, over all stages."""
    total: int
    fraction: float
    """Of all epochs, from 0 to 1."""
    seconds_left: float | None
    """Of the phase."""
    photos_per_second: float | None
    epochs: tuple[Epoch, ...]
    step: Mapping[str, Any] | None
    """The latest step of the epoch that is under way."""
    stages: tuple[str, ...]
    """Names of the stages."""
    best: Epoch | None
    """The epoch of the highest validation accuracy."""
    message: str
    """Why it failed."""
    notes: tuple[str, ...]
    """What the reader should know about the photos or the recipe."""
    started: float | None
    """Seconds since 1970, as is ``updated``."""
    updated: float | None


@dataclass(frozen=True)
class RunSummary:
    """A run and how it stands."""

    run: Run
    progress: RunProgress


def read_progress(folder: Path) -> RunProgress:
    """Read how far a run is.

    Raises:
        RunError: the folder holds no run, or its events are damaged.
    """
    run, alive = open_run(folder), holder(folder) is not None  # before the events: a run that ends now has its last one
    try:
        return _progress(run, alive, read_events(folder))
    except (OSError, KeyError, IndexError, TypeError, ValueError) as error:
        raise RunError(
            f"Expected the events of a run in {folder / EVENTS}, found them damaged: {error!r}. Delete that file and "
            "resume the run from its last checkpoint."
        ) from error


def _progress(run: Run, alive: bool, events: Sequence[Mapping[str, Any]]) -> RunProgress:
    epochs = _epochs(events)
    lengths = [stage.fit.epochs for stage in run.config.stages]
    status = _status(alive, events)
    stage = next((event["stage"] for event in reversed(events) if "stage" in event), 1)
    step = _step(events) if status == "running" else None
    done = sum(lengths[: stage - 1]) + max((e.epoch for e in epochs if e.stage == stage), default=0)
    if status == "finished" or (events and events[-1]["event"] in _FINISHING):
        done = sum(lengths)
    part = step["step"] / step["steps"] if step else 0.0
    return RunProgress(
        status=status,
        phase=_phase(status, events, run),
        done=done,
        total=sum(lengths),
        fraction=min(1.0, (done + part) / sum(lengths)) if any(lengths) else float(status == "finished"),
        seconds_left=_seconds_left(events, lengths, part) if status == "running" else None,
        photos_per_second=epochs[-1].photos_per_second if epochs else None,
        epochs=tuple(epochs),
        step=step,
        stages=tuple(config.name for config in run.config.stages),
        best=max(epochs, key=lambda epoch: epoch.val_accuracy, default=None),
        message=str(events[-1]["error"]) if status == "failed" else "",
        notes=tuple(dict.fromkeys(str(event["message"]) for event in events if event["event"] == "note")),
        started=events[0]["time"] if events else None,
        updated=events[-1]["time"] if events else None,
    )


def list_runs(folder: Path) -> tuple[list[RunSummary], list[str]]:
    """Return the runs in a folder, the newest first, and a message for each folder that cannot be read as one."""
    runs, problems = [], []
    for config in folder.glob(f"*/{RUN_FILE}"):
        try:
            runs.append(RunSummary(open_run(config.parent), read_progress(config.parent)))
        except RunError as error:
            problems.append(str(error))
    return sorted(runs, key=_age), sorted(problems)


def _age(summary: RunSummary) -> tuple[float, str]:
    folder = summary.run.folder
    return -(summary.progress.started or (folder / RUN_FILE).stat().st_mtime), folder.name


def _status(alive: bool, events: Sequence[Mapping[str, Any]]) -> RunStatus:
    if alive:
        return "running"
    if not events:
        return "new"
    return _ENDINGS.get(events[-1]["event"], "interrupted")


def _epochs(events: Sequence[Mapping[str, Any]]) -> list[Epoch]:
    names = [name for name in Epoch.__dataclass_fields__ if name != "seconds"]
    found, seconds = {}, 0.0
    for before, event in zip([None, *events], events, strict=False):
        if before and event["event"] != "start":  # what lies before a start is a pause
            seconds += max(0.0, event["time"] - before["time"])
        if event["event"] == "epoch":
            # An epoch that was trained again after a crash counts once.
            found[event["stage"], event["epoch"]] = Epoch(**{name: event[name] for name in names}, seconds=seconds)
    return [found[key] for key in sorted(found)]


def _step(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return events[-1] if events and events[-1]["event"] == "step" else None


def _phase(status: RunStatus, events: Sequence[Mapping[str, Any]], run: Run) -> str:
    if status != "running":
        return _(STATUS_WORDS[status])
    last: Mapping[str, Any] = events[-1] if events else {"event": "start"}
    if last["event"] in _FINISHING:
        what = _FINISHING[last["event"]]
        return _("{what}: {n} of {total}").format(what=_(what), **_done(last))
    stages = run.config.stages
    if "stage" not in last:
        return _("Preparing the photos")
    where = {"stage": last["stage"], "stages": len(stages), "name": stage_title(stages[last["stage"] - 1].name)}
    if last["event"] == "extract":
        several = _("Storing activations, stage {stage} of {stages}: {name}, {n} of {total}")
        text = several if len(stages) > 1 else _("Storing activations, {n} of {total}")
        return text.format(**where, **_done(last))
    epoch = last["epoch"] if last["event"] == "step" else last.get("epoch", 0) + 1
    epochs = stages[last["stage"] - 1].fit.epochs
    several = _("Training, stage {stage} of {stages}: {name}, epoch {epoch} of {epochs}")
    text = several if len(stages) > 1 else _("Training, epoch {epoch} of {epochs}")
    return text.format(**where, epoch=min(epoch, epochs), epochs=epochs)


def _done(event: Mapping[str, Any]) -> dict[str, str]:
    return {"n": count(event["done"]), "total": count(event["total"])}


def _seconds_left(events: Sequence[Mapping[str, Any]], lengths: Sequence[int], part: float) -> float | None:
    """Return the seconds that the phase still takes at the pace it has had since the last start."""
    last: Mapping[str, Any] = events[-1] if events else {"event": "start"}
    since = max((i for i, event in enumerate(events) if event["event"] in ("start", "stage")), default=0)
    recent = [event for event in events[since:] if event["event"] == last["event"]]
    if "done" in last:
        gained, seconds = last["done"] - recent[0]["done"], last["time"] - recent[0]["time"]
        return (last["total"] - last["done"]) * seconds / gained if gained > 0 else None
    if "stage" not in last:
        return None
    if last["event"] == "step" and len(recent) > 1:
        steps = (last["epoch"] - recent[0]["epoch"]) * last["steps"] + last["step"] - recent[0]["step"]
        rest = (lengths[last["stage"] - 1] - last["epoch"] + 1 - part) * last["steps"]
        return rest * (last["time"] - recent[0]["time"]) / steps if steps > 0 else None
    ended = [event for event in events[since:] if event["event"] == "epoch"]
    if len(ended) < 2:
        return None
    pace: float = (ended[-1]["time"] - ended[0]["time"]) / (len(ended) - 1)
    return pace * float(lengths[last["stage"] - 1] - ended[-1]["epoch"])
