"""Turn trained weights into an artifact: LiteRT file, temperature, thresholds, evaluation, card."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import (
    HEAD,
    LITERT,
    NOVELTY,
    WEIGHTS,
    ModelCard,
    install,
    load_artifact,
    write_card,
)
from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import to_dict
from dermnet_core.data.scan import DatasetIndex, Progress, count_labels
from dermnet_core.evaluation.calibration import fit_temperature, softmax
from dermnet_core.evaluation.novelty import NoveltyModel
from dermnet_core.export import export_litert, linear_head, round_weights, save_weights, serving_outputs
from dermnet_core.inference import InferenceEngine
from dermnet_core.litert import LiteRTModel
from dermnet_core.outputs import collect_outputs
from dermnet_core.paths import ROOT
from dermnet_core.scoring import evaluate_index, label_indices, store_evaluation
from dermnet_core.training.card_text import INTENDED_USE, TITLES, limits, provenance
from dermnet_core.training.fit import TrainingData
from dermnet_core.training.jobs import Run
from dermnet_core.training.presets import PRESETS, is_preset, recipe_file
from dermnet_core.training.progress import EventLog, Throttled
from dermnet_core.training.start import adjust_logits, found_start
from dermnet_core.training.statistics import measure_statistics
from dermnet_core.training.teacher import find_teachers

COVERAGE = 0.7
"""Share of the validation photos (`shares_of_train` weighs them) on which a model does not abstain for a low score."""
KNOWN = 0.99
"""Share of the validation photos, weighted likewise, that count as like the training photos."""


@dataclass(frozen=True)
class Thresholds:
    """What validation photos decide: temperature, lowest top score to lean on, highest usual novelty."""

    temperature: float
    abstain_below: float
    novelty_limit: float


def finish_run(run: Run, index: DatasetIndex, data: TrainingData, model: keras.Model, log: EventLog) -> Path:
    """Write the artifact of a trained model to ``artifact`` in the run folder and return it.

    Temperature and thresholds come from validation photos; test photos only yield the figures at the end.
    """
    staged = run.folder / f".artifact.{os.getpid()}"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    try:
        if run.config.statistics_photos:
            _measure_statistics(model, run.config, data, log)
        adjust_logits(model, count_labels(data.train, data.classes), run.config.logit_adjustment)
        _write_model(model, staged)
        card = write_card(staged, _card(run, index, data, model, _calibrate(staged, data, log)))
        if any(record.split == "test" for record in index.records):
            engine = InferenceEngine(load_artifact(staged))
            store_evaluation(staged, card, evaluate_index(engine, index, "test", _progress(log, "evaluate")))
        return install(staged, run.folder / "artifact").folder
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _measure_statistics(model: keras.Model, config: TrainingConfig, data: TrainingData, log: EventLog) -> None:
    order = np.random.default_rng(config.seed).permutation(len(data.train))[: config.statistics_photos]
    photos = data.pixels(data.train, config.model.image_size)[order]
    measure_statistics(model, config.stages[-1].transfer, photos, _progress(log, "statistics"))


def _write_model(model: keras.Model, folder: Path) -> None:
    round_weights(model)
    save_weights(model, folder / WEIGHTS)
    export_litert(model, serving_outputs(model), folder / LITERT)
    linear_head(model).save(folder / HEAD)


def _calibrate(folder: Path, data: TrainingData, log: EventLog) -> Thresholds:
    """Fit novelty on train photos, temperature and both thresholds on validation photos."""
    served = LiteRTModel(folder / LITERT)
    novelty = NoveltyModel.fit(collect_outputs(served, data.root, data.train, _progress(log, "novelty")).pooled)
    novelty.save(folder / NOVELTY)
    outputs = collect_outputs(served, data.root, data.validation, _progress(log, "calibrate"))
    truth = label_indices(data.validation, data.classes)
    weights = shares_of_train(truth, label_indices(data.train, data.classes), len(data.classes))
    temperature = fit_temperature(outputs.logits, truth, weights)
    top = softmax(outputs.logits, temperature).max(axis=1)

    def below(values: NDArray[np.floating[Any]], share: float) -> float:
        return round(float(np.quantile(values, share, weights=weights, method="inverted_cdf")), 4)

    return Thresholds(
        temperature=round(temperature, 4),
        abstain_below=below(top, 1.0 - COVERAGE),
        novelty_limit=below(novelty.score(outputs.pooled), KNOWN),
    )


def shares_of_train(validation: NDArray[np.int64], train: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Return what each validation photo weighs, (n,), so that its class has the share that it has in train.

    Copies and series keep together, so a small validation may hold many more photos of a class, or fewer. Where no
    class is on both sides, all photos weigh the same.

    Args:
        validation: (n,) class indices.
        train: (m,) class indices.
        classes: how many there are.
    """
    wanted, found = (np.bincount(labels, minlength=classes) for labels in (train, validation))
    weights = np.asarray(wanted / np.maximum(found, 1), dtype=np.float64)[validation]
    return weights if weights.any() else np.ones(len(validation))


def _card(run: Run, index: DatasetIndex, data: TrainingData, model: keras.Model, thresholds: Thresholds) -> ModelCard:
    name, train_counts = run.config.model_name, count_labels(data.train, data.classes)
    taught, start = run.config.distillation, found_start(run.config)
    return ModelCard(
        name=name,
        title=TITLES[name],
        architecture=name,
        classes=data.classes,
        image_size=run.config.model.image_size,
        temperature=thresholds.temperature,
        abstain_below=thresholds.abstain_below,
        novelty_limit=thresholds.novelty_limit,
        train_counts=train_counts,
        parameters=model.count_params(),
        recipe=_recipe(run),
        command=_command(run),
        data={
            "fingerprint": index.fingerprint(),
            "photos": len(index.records),
            "train": len(data.train),
            "validation": len(data.validation),
        },
        figures={},
        intended_use=INTENDED_USE,
        limits=limits(train_counts),
        provenance=provenance(
            run.config, [found.card for found in find_teachers(taught)] if taught else (), start.card if start else None
        ),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _command(run: Run) -> str:
    known = [kind for kind in PRESETS if is_preset(run.config, kind)]
    file = recipe_file(run.config)
    recipe = f"--preset {known[0]}" if known else f"--config {file.relative_to(ROOT) if file else 'RECIPE.json'}"
    return f"python -m dermnet_core train --model {run.config.model_name} --data DIR --out RUN_DIR {recipe}"


def _recipe(run: Run) -> dict[str, Any]:
    recipe = to_dict(run.config)
    # The card travels: a path of this machine says nothing elsewhere.
    for part in (recipe["mobilenet_v2"], *(stage["hints"] for stage in recipe["stages"])):
        if part and part["weights"]:
            part["weights"] = Path(part["weights"]).name
    return recipe


def _progress(log: EventLog, event: str) -> Progress:
    return Throttled(lambda done, total: log.write(event, done=done, total=total))
