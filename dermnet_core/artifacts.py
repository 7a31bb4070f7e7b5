"""A trained model as a folder: weights, LiteRT file, card, evaluation; and the registry that finds them."""

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dermnet_core.errors import ArtifactError, DatasetError
from dermnet_core.i18n import N_

SCHEMA = 1
WEIGHTS, LITERT, CARD, EVALUATION = "model.weights.h5", "model.tflite", "card.json", "evaluation.json"
HEAD, NOVELTY, PREDICTIONS = "head.npz", "novelty.npz", "predictions.npz"


@dataclass(frozen=True)
class ModelCard:
    """What a model is, what it was trained on and what can be expected of it (Mitchell et al., 2019)."""

    name: str
    title: str
    architecture: Literal["separable_cnn", "mobilenet_v2"]
    classes: tuple[str, ...]
    """Class folders in the order of the logits."""
    image_size: int
    temperature: float
    abstain_below: float
    """Calibrated top score below which the model should not be leaned on."""
    novelty_limit: float
    """Novelty score above which a photo is called unlike the training photos."""
    train_counts: Mapping[str, int]
    """Photos per class folder that the weights were fitted on."""
    parameters: int
    recipe: Mapping[str, Any]
    """The TrainingConfig as JSON."""
    command: str
    data: Mapping[str, Any]
    """Fingerprint and sizes of the photo folder."""
    figures: Mapping[str, Any]
    """View (official, clean) -> figure -> value, 95 % interval and n."""
    intended_use: str
    limits: tuple[str, ...]
    provenance: tuple[str, ...]
    created: str
    sha256: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA


@dataclass(frozen=True)
class Artifact:
    """A model folder whose card has been read."""

    folder: Path
    card: ModelCard

    @property
    def name(self) -> str:
        """The model's name, as in the card."""
        return self.card.name

    def path(self, name: str) -> Path:
        """Return a file of the artifact.

        Raises:
            ArtifactError: the file is missing.
        """
        path = self.folder / name
        if not path.is_file():
            message = N_("Expected {name} in {folder}, found none. Restore the folder or remove it.")
            raise ArtifactError(message.format(name=name, folder=self.folder))
        return path

    def verify(self) -> None:
        """Compare every file with the card's SHA-256.

        Raises:
            ArtifactError: a file is missing or differs.
        """
        for name, expected in self.card.sha256.items():
            found = file_sha256(self.path(name))
            if found != expected:
                message = N_("Expected SHA-256 {expected}… for {name} in {folder}, found {found}…. Restore the file.")
                raise ArtifactError(
                    message.format(expected=expected[:12], name=name, folder=self.folder, found=found[:12])
                )

    def evaluation(self) -> dict[str, Any]:
        """Return the shipped evaluation as JSON values."""
        return _read_json(self.path(EVALUATION))


class ModelRegistry:
    """The models found in one or more folders of artifacts; earlier folders win on equal names."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def artifacts(self) -> list[Artifact]:
        """Return every readable artifact, sorted by name; the damaged ones are in ``problems``."""
        return [found for found in self._scan() if isinstance(found, Artifact)]

    def problems(self) -> list[str]:
        """Return one message for each folder that looks like an artifact but cannot be read."""
        return [str(found) for found in self._scan() if isinstance(found, ArtifactError)]

    def get(self, name: str) -> Artifact:
        """Return one artifact by name.

        Raises:
            ArtifactError: there is no such model.
        """
        artifacts = self.artifacts()
        for artifact in artifacts:
            if artifact.name == name:
                return artifact
        known = ", ".join(artifact.name for artifact in artifacts) or "none"
        message = N_("Expected an installed model, found {name}. Installed: {known}.")
        raise ArtifactError(message.format(name=repr(name), known=known))

    def _scan(self) -> list[Artifact | ArtifactError]:
        found: dict[str, Artifact | ArtifactError] = {}
        for folder in self._folders:
            for card in sorted(folder.glob(f"*/{CARD}")):
                try:
                    entry: Artifact | ArtifactError = load_artifact(card.parent)
                except ArtifactError as error:
                    entry = error
                found.setdefault(entry.name if isinstance(entry, Artifact) else str(card), entry)
        return [found[name] for name in sorted(found)]


def load_artifact(folder: Path) -> Artifact:
    """Read an artifact's card.

    Raises:
        ArtifactError: no card, not JSON, another schema, or missing entries.
    """
    values = _read_json(folder / CARD)
    if values.get("schema") != SCHEMA:
        message = N_("Expected a card of schema {schema} in {folder}, found {found}. Export the model again.")
        raise ArtifactError(message.format(schema=SCHEMA, folder=folder, found=repr(values.get("schema"))))
    names = {entry.name for entry in dataclasses.fields(ModelCard)}
    missing, unknown = sorted(names - set(values)), sorted(set(values) - names)
    if missing or unknown:
        message = N_(
            "Expected the entries of schema {schema} in {card}, found missing {missing} and unknown {unknown}. Export "
            "the model again."
        )
        raise ArtifactError(message.format(schema=SCHEMA, card=folder / CARD, missing=missing, unknown=unknown))
    for name in ("classes", "limits", "provenance"):
        values[name] = tuple(values[name])
    return Artifact(folder, ModelCard(**values))


def write_card(folder: Path, card: ModelCard) -> ModelCard:
    """Write ``card.json`` with the SHA-256 of the files beside it and return the card as written."""
    names = [name for name in (WEIGHTS, LITERT, HEAD, NOVELTY, EVALUATION, PREDICTIONS) if (folder / name).is_file()]
    card = dataclasses.replace(card, sha256={name: file_sha256(folder / name) for name in names})
    write_json(folder / CARD, dataclasses.asdict(card))
    return card


def install(staged: Path, target: Path) -> Artifact:
    """Move a complete staged folder to its place in one rename, replacing an earlier one, and load it."""
    load_artifact(staged).verify()
    target.parent.mkdir(parents=True, exist_ok=True)
    retired = target.with_name(f".{target.name}.old-{os.getpid()}")
    if target.exists():
        target.rename(retired)
    staged.rename(target)
    shutil.rmtree(retired, ignore_errors=True)
    return load_artifact(target)


def write_text(path: Path, text: str) -> None:
    """Write a text file to a temporary name and rename it, so that readers never see half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def save_text(path: Path, text: str) -> None:
    """Write a text file as ``write_text`` does, making its folder.

    Raises:
        DatasetError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        message = N_(
            "Expected to write {path}, found: {reason}. Free some space, choose another place, or set "
            "DERMNET_CACHE_DIR if it is the cache."
        )
        raise DatasetError(message.format(path=path, reason=error.strerror)) from error


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write JSON as ``write_text`` does."""
    write_text(path, json_text(values))


def json_text(values: Mapping[str, Any]) -> str:
    """Return JSON as the project writes it to files."""
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = N_("Expected JSON in {path}, found: {reason}. Restore the file.")
        raise ArtifactError(message.format(path=path, reason=error)) from error
    if not isinstance(values, dict):
        message = N_("Expected a JSON object in {path}, found {kind}. Restore the file.")
        raise ArtifactError(message.format(path=path, kind=type(values).__name__))
    return values
