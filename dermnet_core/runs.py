"""The commands ``train`` and ``runs``: training in the terminal, and what can be done with runs."""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dermnet_core import telling
from dermnet_core.config import ModelName, PresetName, TrainingConfig
from dermnet_core.config_json import read_config
from dermnet_core.data.listing import list_photos
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.paths import data_dir, runs_dir
from dermnet_core.training import control
from dermnet_core.training.jobs import create_run, open_run
from dermnet_core.training.lock import hold
from dermnet_core.training.presets import preset, with_classes, with_weights
from dermnet_core.training.register import register
from dermnet_core.training.status import STATUS_WORDS, RunSummary, list_runs, read_progress
from dermnet_core.training.stopping import Stopped, stoppable

Result = tuple[Any, int]
_STOPPED = 130


def train(options: argparse.Namespace) -> Result:
    """Train a model, or go on with an interrupted run."""
    run = create_run(options.out, _recipe(options), options.data)
    with hold(run.folder), stoppable(), telling.Teller(options.progress) as teller:
        from dermnet_core.training.progress import EventLog
        from dermnet_core.training.run import execute  # loads TensorFlow, which no other command needs

        log = EventLog(run.folder)
        try:
            artifact = execute(run, _announcer(teller))
        except Stopped:
            log.write("stopped")
            telling.say("Stopped. Finished epochs are kept; the same command goes on.")
            return {"run": str(options.out), "artifact": None}, _STOPPED
        except Exception as error:
            log.write("failed", error=str(error), kind=type(error).__name__)
            teller.error(str(error))
            raise
    return {"run": str(options.out), "artifact": str(artifact)}, 0


def show_training(result: dict[str, Any]) -> str:
    """Say where the trained model is."""
    return f"Finished: {result['artifact']}" if result["artifact"] else f"Not finished: {result['run']}"


def runs(options: argparse.Namespace) -> Result:
    """Do one thing with runs."""
    actions: dict[str, Callable[[argparse.Namespace], Result]] = {
        "list": _list, "show": _show, "stop": _stop, "resume": _resume, "delete": _delete, "register": _register,
    }  # fmt: skip
    return actions[options.action](options)


def show_runs(result: dict[str, Any]) -> str:
    """Say in text what an action found or did."""
    if "runs" in result:
        lines = [_row(row) for row in result["runs"]] or [f"No runs in {result['folder']}."]
        return "\n".join([*lines, *result["problems"]])
    if "epochs" in result:
        rows = [
            f"  {e['stage']:>5}  {e['epoch']:>5}  {e['loss']:8.4f}  {100 * e['accuracy']:6.1f} %  {e['val_loss']:8.4f}"
            f"  {100 * e['val_accuracy']:6.1f} %  {e['learning_rate']:.2e}"
            for e in result["epochs"]
        ]
        head = "  stage  epoch      loss  accuracy  val loss  val acc.  rate"
        return "\n".join([_row(result), f"  {result['message'] or result['phase']}", *([head] if rows else []), *rows])
    return str(result["done"])


def _list(options: argparse.Namespace) -> Result:
    folder = options.run_dir or runs_dir()
    found, problems = list_runs(folder)
    return {"folder": str(folder), "runs": [_summary(summary) for summary in found], "problems": problems}, 0


def _show(options: argparse.Namespace) -> Result:
    run = open_run(_required(options))
    progress = read_progress(run.folder)
    epochs = [{name: getattr(epoch, name) for name in epoch.__dataclass_fields__} for epoch in progress.epochs]
    details = {"phase": progress.phase, "message": progress.message, "notes": list(progress.notes), "epochs": epochs}
    return _summary(RunSummary(run, progress)) | details, 0


def _stop(options: argparse.Namespace) -> Result:
    control.stop(_required(options))
    return {"done": f"Stopped {options.run_dir}. Finished epochs and the best weights are kept."}, 0


def _resume(options: argparse.Namespace) -> Result:
    folder = _required(options)
    pid = control.start(folder, finish=options.finish)
    if not options.wait:
        return {"done": f"Process {pid} goes on with {folder}: python -m dermnet_core runs show {folder}"}, 0
    while (progress := read_progress(folder)).status == "running":
        time.sleep(0.5)
    if progress.status == "failed":
        raise RunError(progress.message)
    return {"done": f"{folder}: {STATUS_WORDS[progress.status]}"}, int(progress.status != "finished")


def _delete(options: argparse.Namespace) -> Result:
    control.delete(_required(options))
    return {"done": f"Deleted {options.run_dir}."}, 0


def _register(options: argparse.Namespace) -> Result:
    if not options.name:
        raise ConfigError("Expected --name for the model, found none. Give one of small letters, digits, - and _.")
    artifact = register(_required(options), options.name, data_dir=options.data or data_dir())
    return {"done": f"Registered {artifact.name} in {artifact.folder}."}, 0


def _required(options: argparse.Namespace) -> Path:
    if options.run_dir is None:
        raise ConfigError(f"Expected the folder of a run after {options.action}, found none. Name one.")
    return Path(options.run_dir)


def _summary(summary: RunSummary) -> dict[str, Any]:
    progress, config = summary.progress, summary.run.config
    return {
        "run": str(summary.run.folder),
        "model": config.model_name,
        "status": progress.status,
        "epochs_done": progress.done,
        "epochs_total": progress.total,
        "best_val_accuracy": progress.best.val_accuracy if progress.best else None,
    }


def _row(values: Mapping[str, Any]) -> str:
    best = values["best_val_accuracy"]
    accuracy = f"best validation accuracy {100 * best:.1f} %" if best is not None else "no epoch yet"
    return (
        f"{values['run']}  {values['model']}  {values['status']}  "
        f"{values['epochs_done']} of {values['epochs_total']} epochs  {accuracy}"
    )


def _recipe(options: argparse.Namespace) -> TrainingConfig:
    name: ModelName = options.model
    if options.config:
        config = read_config(options.config)
        if config.model_name != name:
            raise ConfigError(
                f"Expected a recipe for {name} in {options.config}, found {config.model_name}. Change --model."
            )
    else:
        chosen: PresetName = options.preset
        classes = {photo.label for photo in list_photos(options.data).photos}
        config = with_classes(preset(name, chosen), max(2, len(classes)))
    return with_weights(config, options.weights) if options.weights else config


def _announcer(teller: telling.Teller) -> Callable[[str, Mapping[str, Any]], None]:
    """Return what turns the events of a run into progress bars and a line an epoch."""
    phases: dict[str, Callable[[int, int], None]] = {}

    def tell(name: str, done: int, total: int) -> None:
        if name not in phases:
            phases.clear()  # the phase before is over
            phases[name] = teller.phase(name)
        phases[name](done, total)

    def announce(event: str, values: Mapping[str, Any]) -> None:
        if event == "step":
            tell(f"epoch {values['epoch']} of {values['epochs']}", values["step"], values["steps"])
        elif "done" in values:
            tell({"extract": "activations"}.get(event, event), values["done"], values["total"])
        elif event == "epoch":
            teller.line(
                f"stage {values['stage']} epoch {values['epoch']}: loss {values['loss']:.3f}, accuracy "
                f"{100 * values['accuracy']:.1f} %, validation {100 * values['val_accuracy']:.1f} %, "
                f"{values['photos_per_second']:.0f} photos a second"
            )
        elif event in ("note", "stage"):
            teller.line(
                str(values.get("message") or f"Stage {values['stage']} of {values['stages']}: {values['name']}")
            )

    return announce
