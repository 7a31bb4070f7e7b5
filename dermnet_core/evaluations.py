"""Find, keep and delete evaluations: the user's own, those of the installed models, and those that ship."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermnet_core.artifacts import EVALUATION, PREDICTIONS, write_json
from dermnet_core.errors import ArtifactError, ConfigError
from dermnet_core.evaluation.record import About, Evaluation, read_about
from dermnet_core.evaluation.report import evaluate
from dermnet_core.i18n import N_
from dermnet_core.paths import SHIPPED_EVALUATIONS, evaluations_dir, model_dirs

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class StoredEvaluation:
    """A folder with ``predictions.npz`` and, beside it, ``evaluation.json``."""

    folder: Path
    about: About

    @property
    def file(self) -> Path:
        """The file that ``Evaluation.load`` takes."""
        return self.folder / PREDICTIONS

    @property
    def name(self) -> str:
        """The folder's name, unique among the evaluations of its kind."""
        return self.folder.name

    @property
    def own(self) -> bool:
        """Whether the user made it, apart from any model."""
        return self.folder.parent == evaluations_dir()


def list_evaluations() -> tuple[list[StoredEvaluation], list[str]]:
    """Return the evaluations, those of installed models first, and one message for each that cannot be read."""
    found, problems = [], []
    for folder in _folders():
        try:
            found.append(StoredEvaluation(folder, read_about(folder / PREDICTIONS)))
        except ArtifactError as error:
            problems.append(str(error))
    return found, problems


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return the figures of an evaluation with their intervals, as ``evaluation.json`` holds them."""
    names = ("model", "photos", "split", "fingerprint", "left_out", "command")
    return {name: getattr(evaluation.about, name) for name in names} | evaluate(evaluation).to_json()


def own_folder(name: str) -> Path:
    """Return the folder for an evaluation of the user's own.

    Raises:
        ConfigError: the name is not usable.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            N_(
                "Expected a name of letters, digits, dots, - and _, at most 80 of them, found {name}. Choose another."
            ).format(name=repr(name))
        )
    return evaluations_dir() / name


def check_folder(folder: Path) -> None:
    """See that a folder for an evaluation is new, empty or holds an evaluation.

    Raises:
        ConfigError: it is something else, which writing would destroy.
    """
    if folder.exists() and not (folder.is_dir() and ((folder / PREDICTIONS).is_file() or not any(folder.iterdir()))):
        raise ConfigError(
            N_(
                "Expected a new folder or one of an evaluation, found something else at {folder}. Choose another name."
            ).format(folder=folder)
        )


def save_evaluation(evaluation: Evaluation, folder: Path) -> StoredEvaluation:
    """Write an evaluation as a folder, in one step; an earlier one of that name is replaced.

    Raises:
        ConfigError: as ``check_folder``.
        ArtifactError: it cannot be written, or a logit is not finite.
    """
    check_folder(folder)
    staged, retired = (folder.with_name(f".{folder.name}.{word}-{os.getpid()}") for word in ("new", "old"))
    try:
        staged.mkdir(parents=True)
        evaluation.save(staged / PREDICTIONS)
        write_json(staged / EVALUATION, evaluation_json(evaluation))
        if folder.exists():
            folder.rename(retired)
        staged.rename(folder)
    except OSError as error:
        if retired.exists() and not folder.exists():
            retired.rename(folder)
        raise ArtifactError(
            N_("Expected to write {folder}, found: {error}. Free some space, or set DERMNET_EVALUATIONS_DIR.").format(
                folder=folder, error=error
            )
        ) from error
    finally:
        for rest in (staged, retired):
            shutil.rmtree(rest, ignore_errors=True)
    return StoredEvaluation(folder, evaluation.about)


def delete_evaluation(stored: StoredEvaluation) -> None:
    """Delete an evaluation that the user made.

    Raises:
        ArtifactError: it belongs to a model or ships with the application, or it cannot be deleted.
    """
    if not stored.own:
        raise ArtifactError(
            f"Expected an evaluation of your own, found {stored.name}, which belongs to a model or to the application. "
            "It stays."
        )
    retired = stored.folder.with_name(f".{stored.name}.old-{os.getpid()}")
    try:
        stored.folder.rename(retired)  # first, so that no reader sees half of it
        shutil.rmtree(retired)
    except OSError as error:
        raise ArtifactError(
            N_("Expected to delete {folder}, found: {error}. Delete it by hand.").format(
                folder=stored.folder, error=error
            )
        ) from error


def _folders() -> Iterator[Path]:
    for parent in (*reversed(model_dirs()), SHIPPED_EVALUATIONS, evaluations_dir()):
        files = sorted(parent.glob(f"*/{PREDICTIONS}"))
        yield from (file.parent for file in files if not file.parent.name.startswith("."))
