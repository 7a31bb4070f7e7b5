"""Turn trained weights into an artifact: LiteRT file, temperature, thresholds, evaluation, card."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dermnet_core.artifacts import (
    HEAD,
    LITERT,
    WEIGHTS,
    ModelCard,
    install,
    load_artifact,
    write_card,
)
from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import to_dict
from dermnet_core.data.scan import DatasetIndex, count_labels
from dermnet_core.export import export_litert, linear_head, round_weights, save_weights, serving_outputs
from dermnet_core.inference import InferenceEngine
from dermnet_core.paths import ROOT
from dermnet_core.scoring import evaluate_index, store_evaluation
from dermnet_core.training.calibrate import Thresholds, calibrate
from dermnet_core.training.card_text import INTENDED_USE, TITLES, limits, provenance
from dermnet_core.training.fit import TrainingData
from dermnet_core.training.jobs import Run
from dermnet_core.training.presets import PRESETS, is_preset, recipe_file
from dermnet_core.training.progress import EventLog
from dermnet_core.training.start import adjust_logits, found_starts
from dermnet_core.training.statistics import measure_statistics
from dermnet_core.training.teacher import find_teachers


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
        card = write_card(staged, _card(run, index, data, model, calibrate(staged, run.config, index, data, log)))
        if any(record.split == "test" for record in index.records):
            engine = InferenceEngine(load_artifact(staged))
            store_evaluation(staged, card, evaluate_index(engine, index, "test", log.progress("evaluate")))
        return install(staged, run.folder / "artifact").folder
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _measure_statistics(model: keras.Model, config: TrainingConfig, data: TrainingData, log: EventLog) -> None:
    order = np.random.default_rng(config.seed).permutation(len(data.train))[: config.statistics_photos]
    photos = data.pixels(data.train, config.model.image_size)[order]
    measure_statistics(model, config.stages[-1].transfer, photos, log.progress("statistics"))


def _write_model(model: keras.Model, folder: Path) -> None:
    round_weights(model)
    save_weights(model, folder / WEIGHTS)
    export_litert(model, serving_outputs(model), folder / LITERT)
    linear_head(model).save(folder / HEAD)


def _card(run: Run, index: DatasetIndex, data: TrainingData, model: keras.Model, thresholds: Thresholds) -> ModelCard:
    name, train_counts = run.config.model_name, count_labels(data.train, data.classes)
    taught = run.config.distillation
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
            run.config,
            [found.card for found in find_teachers(taught)] if taught else (),
            [found.card for found in found_starts(run.config)],
            thresholds.control,
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
