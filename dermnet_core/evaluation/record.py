"""What one model answered to one set of labelled photos, as one file: every figure can be made from it again."""

import dataclasses
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.predictions import Predictions

SCHEMA = 1
OFFICIAL, CLEAN, BLOCKED = "official", "clean", "blocked"
VIEWS = (OFFICIAL, CLEAN, BLOCKED)
"""All photos; without byte copies of train photos; also without near duplicates and series neighbours of them."""


@dataclass(frozen=True)
class About:
    """Which model answered, and to which photos."""

    model: str
    title: str
    architecture: str
    image_size: int
    temperature: float
    """That the card states; chosen on validation photos."""
    abstain_below: float
    """Calibrated top score below which the model abstains, from the card."""
    train_counts: Mapping[str, int]
    """Photos per class folder that the model was trained on."""
    model_sha256: str
    """Of the LiteRT file."""
    photos: str
    """What the photos are, in a few words: "DermNet test photos"."""
    split: str
    """test, train or all; "outside" for photos of another source."""
    fingerprint: str
    """SHA-256 over names and contents of the photos."""
    command: str
    """What makes this evaluation again."""
    created: str
    """ISO 8601 in UTC."""
    left_out: int = 0
    """Photos that were missing or could not be read."""
    source: str = ""
    """Where photos of another source are from and on which terms."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The raw answers of one model to n labelled photos, and what is known about the photos."""

    about: About
    classes: tuple[str, ...]
    """Class folders in the order of the logits."""
    files: tuple[str, ...]
    """Relative to the photo folder, with forward slashes."""
    labels: NDArray[np.int64]
    """(n,) index of the true class."""
    logits: NDArray[np.float32]
    """(n, c)."""
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """View name ("clean", "blocked") -> (n,) whether a photo is in it; only the views that are known."""
    groups: NDArray[np.int64] | None = None
    """(n,) number of the group of photos that belong together: copies and neighbours of a series. None: not known."""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What else is known of each photo, such as "diagnosis" or "fitzpatrick"; an empty text where it is not."""

    @property
    def views(self) -> tuple[str, ...]:
        """Return the names of the views that hold photos, in the order of ``VIEWS``."""
        return tuple(view for view in VIEWS if view == OFFICIAL or (view in self.masks and self.masks[view].any()))

    @property
    def key(self) -> str:
        """Return a digest that tells this evaluation from all others."""
        digest = hashlib.sha256(json.dumps(dataclasses.asdict(self.about), sort_keys=True).encode())
        for array in (self.logits, self.labels, *self.masks.values()):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def mask(self, view: str) -> NDArray[np.bool_]:
        """Return whether each photo is in a view, (n,).

        Raises:
            ArtifactError: the view is not known for these photos.
        """
        if view == OFFICIAL:
            return np.ones(len(self.files), dtype=np.bool_)
        if view not in self.masks:
            raise ArtifactError(
                f"Expected one of the views {', '.join(self.views)}, found {view!r}. Evaluate the model again on a "
                "folder that holds the train photos too."
            )
        return self.masks[view]

    def predictions(self, view: str = OFFICIAL, *, calibrated: bool = True) -> Predictions:
        """Return labels and scores of the photos of a view.

        Args:
            view: one of ``views``.
            calibrated: softmax at the card's temperature; otherwise at 1.

        Raises:
            ArtifactError: the view is not known or empty, or a logit is not finite.
        """
        scores = softmax(self.logits, self.about.temperature if calibrated else 1.0)
        return Predictions(self.files, self.labels, scores, self.classes).select(self.mask(view))

    def attribute(self, name: str, view: str = OFFICIAL) -> tuple[str, ...]:
        """Return one attribute of the photos of a view; empty texts when it is not known."""
        values = self.attributes.get(name, ("",) * len(self.files))
        return tuple(values[i] for i in np.flatnonzero(self.mask(view)))

    def groups_in(self, view: str = OFFICIAL) -> NDArray[np.int64] | None:
        """Return the group of each photo of a view, (n,); None when groups are not known."""
        return None if self.groups is None else self.groups[self.mask(view)]

    def save(self, path: Path) -> None:
        """Write one ``.npz`` file, under a temporary name first."""
        arrays: dict[str, NDArray[Any]] = {
            "schema": np.array(SCHEMA),
            "about": np.array(json.dumps(dataclasses.asdict(self.about), ensure_ascii=False)),
            "classes": np.array(self.classes),
            "files": np.array(self.files),
            "labels": self.labels.astype(np.int16),
            "logits": self.logits.astype(np.float32),
        }
        arrays |= {f"view {name}": mask for name, mask in self.masks.items()}
        arrays |= {f"attribute {name}": np.array(values) for name, values in self.attributes.items()}
        if self.groups is not None:
            arrays["groups"] = self.groups.astype(np.int32)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that ``save`` wrote.

        Raises:
            ArtifactError: no such file, damaged, of another version, or arrays that do not match.
        """
        try:
            return cls._from_arrays(_arrays(path))
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path, error) from error

    @classmethod
    def _from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        found = cls(
            about=About(**json.loads(str(arrays["about"]))),
            classes=_texts(arrays["classes"]),
            files=_texts(arrays["files"]),
            labels=arrays["labels"].astype(np.int64),
            logits=arrays["logits"].astype(np.float32),
            masks={name[5:]: mask.astype(np.bool_) for name, mask in arrays.items() if name.startswith("view ")},
            groups=arrays["groups"].astype(np.int64) if "groups" in arrays else None,
            attributes={name[10:]: _texts(values) for name, values in arrays.items() if name.startswith("attribute ")},
        )
        n, c = len(found.files), len(found.classes)
        columns = [found.labels, *found.masks.values(), *([found.groups] if found.groups is not None else [])]
        if found.logits.shape != (n, c) or any(column.shape != (n,) for column in columns):
            raise ValueError(f"arrays that do not fit {n} photos and {c} classes")
        if any(len(values) != n for values in found.attributes.values()):
            raise ValueError(f"attributes that do not fit {n} photos")
        return found


def read_about(path: Path) -> About:
    """Return what a file of ``Evaluation.save`` states of model and photos, without reading the answers.

    Raises:
        ArtifactError: as ``Evaluation.load``.
    """
    try:
        return About(**json.loads(str(_arrays(path, ("about",))["about"])))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error


def _arrays(path: Path, names: tuple[str, ...] = ()) -> dict[str, NDArray[Any]]:
    """Return the named arrays of a file, or all, after a look at its version."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            found = int(stored["schema"]) if "schema" in stored.files else None
            arrays = {name: stored[name] for name in names or stored.files} if found == SCHEMA else {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ArtifactError(
            f"Expected an evaluation in {_place(path)}, found: {reason}. Evaluate the model again."
        ) from error
    if found != SCHEMA:
        raise ArtifactError(
            f"Expected an evaluation of version {SCHEMA} in {_place(path)}, found {found}. Evaluate the model again."
        )
    return arrays


def _damaged(path: Path, error: Exception) -> ArtifactError:
    return ArtifactError(
        f"Expected the entries of an evaluation in {_place(path)}, found a problem with {error}. "
        "Evaluate the model again."
    )


def _place(path: Path) -> str:
    """Return the end of a path: visitors of a public server read these messages, and the rest is not theirs."""
    return f"{path.parent.name}/{path.name}"


def _texts(values: NDArray[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values.tolist())
