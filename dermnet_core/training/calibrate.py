"""What validation photos decide of a trained model: its temperature, and when it should not be leaned on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermnet_core.artifacts import LITERT, NOVELTY, Artifact
from dermnet_core.config import TrainingConfig
from dermnet_core.data.scan import DatasetIndex
from dermnet_core.evaluation.calibration import TEMPERATURES, fit_temperature, softmax
from dermnet_core.evaluation.novelty import NoveltyModel
from dermnet_core.litert import LiteRTModel
from dermnet_core.outputs import collect_outputs
from dermnet_core.scoring import label_indices
from dermnet_core.training.fit import TrainingData
from dermnet_core.training.progress import EventLog
from dermnet_core.training.start import chosen_model

COVERAGE = 0.7
"""Share of the validation photos (`shares_of_train` weighs them) on which a model does not abstain for a low score."""
KNOWN = 0.99
"""Share of the validation photos, weighted likewise, that count as like the training photos."""

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Thresholds:
    """What validation photos decide: temperature, lowest top score to lean on, highest usual novelty."""

    temperature: float
    abstain_below: float
    novelty_limit: float
    control: str | None
    """Name of the model that told how the validation photos that are left differ from all; None without such a one."""


def calibrate(
    folder: Path, config: TrainingConfig, index: DatasetIndex, data: TrainingData, log: EventLog
) -> Thresholds:
    """Fit novelty on train photos and store it, temperature and both thresholds on validation photos.

    A last fit leaves few validation photos (``validation_returned``), and the temperature depends much on which. It is
    therefore multiplied by a ratio that comes from the model which all of them chose: its temperature on all validation
    photos over its temperature on those that are left (a ratio estimate: Cochran, Sampling Techniques, 1977,
    chapter 6). Where either has no best temperature, nothing is corrected.

    Args:
        folder: of the model's LiteRT file, and where the novelty goes.
        config: the recipe.
        index: the folder of photos.
        data: which of them the run trained on and held out.
        log: told of the progress.

    Raises:
        ArtifactError: files of the model that corrects the temperature are damaged.
    """
    served = LiteRTModel(folder / LITERT)
    novelty = NoveltyModel.fit(collect_outputs(served, data.root, data.train, log.progress("novelty")).pooled)
    novelty.save(folder / NOVELTY)
    outputs = collect_outputs(served, data.root, data.validation, log.progress("calibrate"))
    truth = label_indices(data.validation, data.classes)
    temperature = fit_temperature(outputs.logits, truth)
    control = chosen_model(config, index) if config.validation_returned else None
    ratio = _ratio(control, data, log) if control else None
    if ratio:
        temperature = float(np.clip(temperature * ratio, *TEMPERATURES))
    weights = shares_of_train(truth, label_indices(data.train, data.classes), len(data.classes))
    top = softmax(outputs.logits, temperature).max(axis=1)

    def below(values: FloatArray, share: float) -> float:
        return round(float(np.quantile(values, share, weights=weights, method="inverted_cdf")), 4)

    return Thresholds(
        temperature=round(temperature, 4),
        abstain_below=below(top, 1.0 - COVERAGE),
        novelty_limit=below(novelty.score(outputs.pooled), KNOWN),
        control=control.name if control and ratio else None,
    )


def _ratio(control: Artifact, data: TrainingData, log: EventLog) -> float | None:
    """Return the temperature of a model on all validation photos over its temperature on those that are left.

    None where one of them is a bound of the search: every photo is right, or none is better than chance.
    """
    control.verify()
    model, kept = LiteRTModel(control.path(LITERT)), {record.file for record in data.validation}
    logits = collect_outputs(model, data.root, data.chosen_by, log.progress("calibrate")).logits
    truth, left = label_indices(data.chosen_by, data.classes), [record.file in kept for record in data.chosen_by]
    both = fit_temperature(logits, truth), fit_temperature(logits[left], truth[left])
    low, high = TEMPERATURES
    return both[0] / both[1] if all(1.01 * low < each < high / 1.01 for each in both) else None


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
