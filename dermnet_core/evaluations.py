"""Find the evaluations that are here: the user's own, those of the installed models, and those that ship."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dermnet_core.artifacts import PREDICTIONS
from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.record import About, read_about
from dermnet_core.paths import SHIPPED_EVALUATIONS, evaluations_dir, model_dirs


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


def list_evaluations() -> tuple[list[StoredEvaluation], list[str]]:
    """Return the evaluations, those of installed models first, and one message for each that cannot be read."""
    found, problems = [], []
    for folder in _folders():
        try:
            found.append(StoredEvaluation(folder, read_about(folder / PREDICTIONS)))
        except ArtifactError as error:
            problems.append(str(error))
    return found, problems


def _folders() -> Iterator[Path]:
    for parent in (*reversed(model_dirs()), SHIPPED_EVALUATIONS, evaluations_dir()):
        yield from sorted(file.parent for file in parent.glob(f"*/{PREDICTIONS}"))
