"""Evaluate a model on labelled photos: the command ``evaluate``."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dermnet_core import telling
from dermnet_core.artifacts import LITERT, ModelRegistry, json_text, save_text
from dermnet_core.data.labelled import LabelledPhotos, labelled_split
from dermnet_core.data.listing import list_photos
from dermnet_core.data.mapping import identity, read_mapping
from dermnet_core.data.outside import folder_photos, table_photos
from dermnet_core.data.scan import DatasetIndex, ImageRecord
from dermnet_core.data.survey import survey
from dermnet_core.errors import ConfigError, DatasetError, DermnetError
from dermnet_core.evaluation.metrics import HEADLINE
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluations import check_folder, evaluation_json, own_folder, save_evaluation
from dermnet_core.inference import InferenceEngine
from dermnet_core.kept_batches import KeptBatches, batches_key
from dermnet_core.outputs import BATCH
from dermnet_core.paths import ROOT, model_dirs
from dermnet_core.scoring import check_labels, evaluate_command, evaluate_photos, near_pairs_of, predictions_csv, renew

Result = tuple[dict[str, Any], int]
_NAMED = 10  # left-out photos that are named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command, without those that all commands have."""
    parser.add_argument(
        "data", type=Path, metavar="DIR", help="<DIR>/{train,test}/<class>/ or <DIR>/<class>/, or see --mapping"
    )
    parser.add_argument("--model", required=True, metavar="NAME", help="an installed model")
    parser.add_argument(
        "--split", choices=("test", "train", "all"), help="which photos (test, or all of a folder without splits)"
    )
    outside = parser.add_argument_group("photos of another source, which are evaluated and never trained on")
    outside.add_argument(
        "--mapping", type=Path, metavar="FILE", help="JSON that says which class of the model each label is"
    )
    outside.add_argument(
        "--labels", type=Path, metavar="FILE", help="CSV with the columns file and label, and others to keep"
    )
    parser.add_argument("--photos", metavar="NAME", help='what to call the photos: "DermNet test photos"')
    where = parser.add_argument_group("where to write; the figures are shown in any case")
    where.add_argument("--out", type=Path, metavar="PATH", help="FILE.json, or a folder for the evaluation as a whole")
    where.add_argument("--keep", metavar="NAME", help="a folder of that name among those that the page Evaluate lists")
    where.add_argument("--predictions", type=Path, metavar="FILE", help="CSV: file, label and the score of each class")
    where.add_argument(
        "--renew", action="store_true", help="the evaluation that the model itself carries, and the figures of its card"
    )


def run(options: argparse.Namespace) -> Result:
    """Evaluate a model; the same command again goes on with one that was stopped."""
    check_options(options)
    with telling.stoppable(), telling.Teller(options.progress) as teller:
        try:
            return _evaluate(options, teller), 0
        except DermnetError as error:
            teller.error(str(error))
            raise


def show(result: dict[str, Any]) -> str:
    """Say the figures of each view as a small table."""
    lines = [f"{result['model']} on {result['photos']}:"]
    if result["left_out"]:
        lines.append(f"  left out, missing or unreadable: {result['left_out']:,}")
    views = {"all photos": result} | {name: result[name] for name in ("clean", "blocked") if result[name]}
    for title, view in views.items():
        figures = "  ".join(f"{name} {view[name]:.3f}" for name in HEADLINE)
        lines.append(f"  {title}, n = {view['n']:,}: {figures}")
    return "\n".join(lines)


def check_options(options: argparse.Namespace) -> None:
    """Refuse what cannot be written or does not go together, before anything is computed.

    Raises:
        ConfigError: with what to do.
    """
    if options.renew and (options.mapping or options.labels or options.split not in (None, "test")):
        raise ConfigError(
            "Expected --renew with the test photos of the atlas, found another split or another source. Leave --renew "
            "out; --keep NAME keeps such an evaluation."
        )
    if options.predictions and options.predictions.suffix.lower() != ".csv":
        raise ConfigError(f"Expected --predictions to end in .csv, found {options.predictions.name}. Rename it.")
    if options.out and not _is_json(options.out):
        check_folder(options.out)
    if options.keep:
        check_folder(own_folder(options.keep))


def _evaluate(options: argparse.Namespace, teller: telling.Teller) -> dict[str, Any]:
    artifact = ModelRegistry(model_dirs()).get(options.model)
    engine = InferenceEngine(artifact)
    classes = engine.card.classes
    photos, command = _photos(options, classes, teller)
    contents = [record.sha256 for record in photos.records]
    with KeptBatches(batches_key(engine.card.sha256[LITERT], contents, BATCH), BATCH, len(classes)) as kept:
        evaluation, left_out = evaluate_photos(engine, photos, command, kept, teller.phase("answers"))
        _name_left_out(left_out, teller)
        teller.phase("figures")(0, 1)
        result = evaluation_json(evaluation)
        _write(options, evaluation, result)
        if options.renew:
            renew(artifact, evaluation)
        kept.remove()
    return result


def _photos(options: argparse.Namespace, classes: Sequence[str], teller: telling.Teller) -> tuple[LabelledPhotos, str]:
    """Return the photos and the command that evaluates the model on them again."""
    given = {"mapping": options.mapping, "labels": options.labels}
    paths = {name: _portable(path, options.data) for name, path in given.items() if path}
    if not paths:
        photos = _atlas_photos(options, classes, teller)
        split: str | None = photos.split
    else:
        photos, split = _outside_photos(options, classes, teller), options.split
    if options.photos:
        photos = replace(photos, name=options.photos)
    return photos, evaluate_command(options.model, split=split, **paths, photos=options.photos)


def _atlas_photos(options: argparse.Namespace, classes: Sequence[str], teller: telling.Teller) -> LabelledPhotos:
    listed = list_photos(options.data).photos
    wanted = (options.split or "test", "all")
    check_labels((photo.label for photo in listed if photo.split in wanted), classes)  # before minutes of work
    found = survey(options.data, progress=teller.phase("photos"))
    index = DatasetIndex(
        root=found.root,
        classes=tuple(sorted({photo.label for photo in found.photos})),
        records=tuple(ImageRecord(photo.file, photo.split, photo.label, photo.sha256) for photo in found.photos),
        unreadable=tuple(f"{photo.file}: {photo.reason}" for photo in found.unreadable),
    )
    if not index.records:
        raise DatasetError(f"Expected photos that can be read in {options.data}, found none. Look at the files.")
    return labelled_split(index, options.split, near_pairs_of(found, teller.phase("near duplicates")))


def _outside_photos(options: argparse.Namespace, classes: Sequence[str], teller: telling.Teller) -> LabelledPhotos:
    name = options.data.resolve().name
    mapping = read_mapping(options.mapping) if options.mapping else identity(name, classes)
    mapping.check(classes, str(options.mapping))
    table = options.labels or (options.data / mapping.table if mapping.table else None)
    progress = teller.phase("photos")
    if table is None:
        return folder_photos(options.data, options.split, mapping, progress)
    if options.split:
        raise ConfigError(f"Expected no --split with a labels file, found {options.split}. Leave it out.")
    return table_photos(options.data, table, mapping, progress)


def _portable(path: Path, data: Path) -> str:
    """Return a path as it says something on another computer: from the photo folder, or from the project."""
    full = path.resolve()
    if full.is_relative_to(data.resolve()):
        return f"DIR/{full.relative_to(data.resolve()).as_posix()}"
    return full.relative_to(ROOT).as_posix() if full.is_relative_to(ROOT) else full.name


def _name_left_out(messages: Sequence[str], teller: telling.Teller) -> None:
    for message in messages[:_NAMED]:
        teller.line(f"Left out, {message}")
    if len(messages) > _NAMED:
        teller.line(f"Left out, {len(messages) - _NAMED:,} more.")


def _write(options: argparse.Namespace, evaluation: Evaluation, result: dict[str, Any]) -> None:
    if options.out and _is_json(options.out):
        save_text(options.out, json_text(result))
    elif options.out:
        save_evaluation(evaluation, options.out)
    if options.keep:
        save_evaluation(evaluation, own_folder(options.keep))
    if options.predictions:
        save_text(options.predictions, predictions_csv(evaluation))


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"
