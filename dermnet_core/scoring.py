"""Ask a model about labelled photos and score what it says. Never imports TensorFlow."""

import csv
import io
import shlex
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import EVALUATION, LITERT, PREDICTIONS, Artifact, ModelCard, install, write_card, write_json
from dermnet_core.data.cells import harmless
from dermnet_core.data.facts import NearPair
from dermnet_core.data.labelled import LabelledPhotos, labelled_split
from dermnet_core.data.listing import Split
from dermnet_core.data.scan import DatasetIndex, ImageRecord, Progress
from dermnet_core.data.survey import Survey, survey
from dermnet_core.errors import ArtifactError, DatasetError
from dermnet_core.evaluation.metrics import HEADLINE
from dermnet_core.evaluation.record import About, Evaluation
from dermnet_core.evaluations import evaluation_json
from dermnet_core.i18n import N_
from dermnet_core.inference import InferenceEngine
from dermnet_core.kept_batches import KeptBatches
from dermnet_core.near_store import stored_near_pairs
from dermnet_core.outputs import collect_logits

MOST_LEFT_OUT = 0.2
"""Share of the photos that may be missing or unreadable; with more of them the figures would be of other photos."""


def evaluate_photos(
    engine: InferenceEngine,
    photos: LabelledPhotos,
    command: str,
    kept: KeptBatches | None = None,
    progress: Progress | None = None,
) -> tuple[Evaluation, tuple[str, ...]]:
    """Return a model's answers, and one message for each photo that was left out.

    Args:
        engine: the model.
        photos: with labels among the model's classes.
        command: what makes the evaluation again, for the record.
        kept: see ``collect_logits``.
        progress: told how many photos are done.

    Raises:
        ArtifactError: a photo's class is not one of the model's.
        DatasetError: more than MOST_LEFT_OUT of the photos cannot be read, or finished batches cannot be kept.
    """
    labels = label_indices(photos.records, engine.card.classes)
    answers = collect_logits(engine.model, photos.root, photos.records, kept, progress)
    left_out = (*photos.left_out, *answers.unreadable.values())
    rows = [row for row in range(len(photos.records)) if row not in answers.unreadable]
    _check_left_out(left_out, len(rows))
    evaluation = Evaluation(
        about=replace(about(engine.card, photos, command), left_out=len(left_out)),
        classes=engine.card.classes,
        files=tuple(photos.records[row].file for row in rows),
        labels=labels[rows],
        logits=answers.values[rows],
        masks={view: mask[rows] for view, mask in photos.masks.items()},
        groups=None if photos.groups is None else photos.groups[rows],
        attributes={name: tuple(values[row] for row in rows) for name, values in photos.attributes.items()},
    )
    return evaluation, left_out


def evaluate_index(
    engine: InferenceEngine, index: DatasetIndex, split: Split, progress: Progress | None = None
) -> Evaluation:
    """Return a model's answers to one split, with the views that the other photos of the folder allow.

    Raises:
        DatasetError: the split holds no photos, or too few that can be read.
        ArtifactError: a photo's class is not one of the model's.
    """
    near = near_pairs_of(survey(index.root), lambda done, total: None)
    photos = labelled_split(index, split, near)
    return evaluate_photos(engine, photos, evaluate_command(engine.card.name, split=split), progress=progress)[0]


def near_pairs_of(found: Survey, progress: Progress) -> list[NearPair]:
    """Return the near duplicates of a folder by the names of their files.

    Raises:
        DatasetError: they cannot be written to the cache.
    """
    pairs = stored_near_pairs(found, None, progress)
    return [NearPair(found.photos[a].file, found.photos[b].file, kind, similar) for a, b, kind, similar in pairs]


def about(card: ModelCard, photos: LabelledPhotos, command: str) -> About:
    """Return what an evaluation states of its model and photos."""
    return About(
        model=card.name,
        title=card.title,
        architecture=card.architecture,
        image_size=card.image_size,
        temperature=card.temperature,
        abstain_below=card.abstain_below,
        train_counts=dict(card.train_counts),
        model_sha256=card.sha256[LITERT],
        photos=photos.name,
        split=photos.split,
        fingerprint=photos.fingerprint,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        source=photos.source,
    )


def evaluate_command(model: str, **options: str | None) -> str:
    """Return the command that makes an evaluation again; ``DIR`` stands for the photo folder."""
    given = [part for name, value in options.items() if value for part in (f"--{name}", value)]
    return shlex.join(["python", "-m", "dermnet_core", "evaluate", "DIR", "--model", model, *given])


def label_indices(records: Sequence[ImageRecord], classes: Sequence[str]) -> NDArray[np.int64]:
    """Return the position of each photo's class in the model's order, int64 (n,).

    Raises:
        ArtifactError: a photo's class is not one of the model's.
    """
    check_labels((record.label for record in records), classes)
    position = {label: i for i, label in enumerate(classes)}
    return np.array([position[record.label] for record in records], dtype=np.int64)


def check_labels(labels: Iterable[str], classes: Sequence[str]) -> None:
    """See that photos are of the model's classes.

    Raises:
        ArtifactError: a photo's class is not one of the model's.
    """
    unknown = sorted(set(labels) - set(classes))
    if unknown:
        raise ArtifactError(
            N_(
                "Expected only the {n} classes of the model, found folders {folders}. Rename or remove them, say with "
                "--mapping which classes they are, or choose a model that was trained on them."
            ).format(n=len(classes), folders=", ".join(unknown))
        )


def store_evaluation(folder: Path, card: ModelCard, evaluation: Evaluation) -> ModelCard:
    """Write an evaluation into a model's folder with its figures in the card, and return the card as written."""
    values = evaluation_json(evaluation)
    evaluation.save(folder / PREDICTIONS)
    write_json(folder / EVALUATION, values)
    return write_card(folder, replace(card, figures=_card_figures(values)))


def rename_evaluation(folder: Path, card: ModelCard) -> None:
    """Let the evaluation that a model's folder holds, if it does, bear the name that the model has now.

    Raises:
        ArtifactError: the evaluation is damaged.
    """
    if not (folder / PREDICTIONS).is_file():
        return
    evaluation = Evaluation.load(folder / PREDICTIONS)
    words = shlex.split(evaluation.about.command)
    renamed = [card.name if before == "--model" else word for before, word in zip(["", *words], words, strict=False)]
    named = replace(evaluation.about, model=card.name, title=card.title, command=shlex.join(renamed))
    store_evaluation(folder, card, replace(evaluation, about=named))


def renew(artifact: Artifact, evaluation: Evaluation) -> Artifact:
    """Replace the evaluation that a model carries, and the figures of its card, in one step.

    Raises:
        ArtifactError: a file of the model is damaged, or the folder cannot be written.
    """
    artifact.verify()
    staged = artifact.folder.with_name(f".{artifact.folder.name}.renewed")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        shutil.copytree(artifact.folder, staged)
        store_evaluation(staged, artifact.card, evaluation)
        return install(staged, artifact.folder)
    except OSError as error:
        raise ArtifactError(
            f"Expected to write {artifact.folder}, found: {error}. Free some space or make it writable."
        ) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def predictions_csv(evaluation: Evaluation) -> str:
    """Return one row a photo: file, label and the calibrated score of each class, with all digits of a float32."""
    predictions = evaluation.predictions()
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([harmless(name) for name in ("file", "label", *predictions.classes)])
    for file, label, scores in zip(predictions.files, predictions.labels, predictions.scores, strict=True):
        names = (harmless(file), harmless(predictions.classes[label]))
        writer.writerow([*names, *(f"{score:.9g}" for score in scores.tolist())])
    return stream.getvalue()


def _card_figures(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return view -> figure -> value, 95 % interval and number of photos."""
    views = {"official": evaluation} | {name: evaluation[name] for name in ("clean", "blocked") if evaluation[name]}
    return {
        name: {
            figure: {"value": view[figure], "interval": view["intervals"][figure], "n": view["n"]}
            for figure in HEADLINE
        }
        for name, view in views.items()
    }


def _check_left_out(messages: Sequence[str], readable: int) -> None:
    total = readable + len(messages)
    if len(messages) > MOST_LEFT_OUT * total or not readable:
        raise DatasetError(
            N_(
                "Expected at least {share} of {total} photos to be readable, found {n} that are not, first {message} "
                "Repair or remove them."
            ).format(
                share=f"{100 * (1 - MOST_LEFT_OUT):.0f} %", total=f"{total:,}", n=f"{len(messages):,}",
                message=messages[0],
            )
        )  # fmt: skip
