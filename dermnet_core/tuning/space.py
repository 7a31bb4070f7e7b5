"""The space of the search, that of the original report, and what a point in it means; no TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from dermnet_core.config import (
    AugmentationConfig,
    FitConfig,
    Optimizer,
    SeparableCNNConfig,
    StageConfig,
    TrainingConfig,
)
from dermnet_core.errors import ConfigError
from dermnet_core.i18n import N_

Value = int | float | str
_STRIDED = 2
"""The first blocks halve the photo's side; further ones would leave nothing of a small photo."""
_PATIENCE = 3
_PLATEAU = 2


@dataclass(frozen=True)
class Parameter:
    """One hyperparameter: a few ``choices``, or a range from ``low`` to ``high`` in steps or on a log scale."""

    name: str
    title: str
    meaning: str
    choices: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    whole: bool = False
    blocks: int = 0
    """Only used by networks with at least so many blocks."""


SPACE: tuple[Parameter, ...] = (
    Parameter("blocks", N_("Blocks"), N_("how many residual blocks the network has"), (2, 3, 4)),
    *(
        Parameter(f"filters_{n}", title, meaning, low=32, high=256, step=32, whole=True, blocks=n if n > 2 else 0)
        for n, title, meaning in (
            (1, N_("Filters 1"), N_("channels of block 1")),
            (2, N_("Filters 2"), N_("channels of block 2")),
            (3, N_("Filters 3"), N_("channels of block 3")),
            (4, N_("Filters 4"), N_("channels of block 4")),
        )
    ),
    Parameter("kernel", N_("Kernel"), N_("side of the separable convolutions, in pixels"), (3, 5)),
    Parameter("dropout", N_("Dropout"), N_("share of the features left out at random"), low=0.0, high=0.6, step=0.1),
    Parameter("dense", N_("Dense units"), N_("width of the hidden layer"), low=256, high=512, step=64, whole=True),
    Parameter("l2", N_("L2"), N_("strength of the penalty on large weights"), low=1e-6, high=1e-3),
    Parameter("learning_rate", N_("Learning rate"), N_("size of a training step"), (1e-3, 5e-4, 1e-4)),
    Parameter("optimizer", N_("Optimizer"), N_("how weights follow the gradient"), ("adam", "rmsprop", "sgd")),
    Parameter("batch", N_("Batch"), N_("photos in a training step"), (16, 32)),
    Parameter(
        "label_smoothing", N_("Label smoothing"), N_("share of each label given to the other classes"),
        (0.0, 0.05, 0.1),
    ),
)  # fmt: skip


def configuration(
    values: Mapping[str, Value], *, classes: int, image_size: int, epochs: int, max_photos: int | None, seed: int
) -> TrainingConfig:
    """Return the recipe that a point of the space stands for.

    Args:
        values: name -> value; those of blocks that the network lacks may be missing.
        classes: of the photo folder.
        image_size: pixels.
        epochs: at most; training ends early when validation accuracy no longer rises.
        max_photos: of the training photos, validation included; None for all.
        seed: of the split, the subset and the training.

    Raises:
        ConfigError: a value is missing or out of range.
    """
    try:
        blocks = int(values["blocks"])
        network = SeparableCNNConfig(
            image_size=image_size,
            block_filters=tuple(int(values[f"filters_{number}"]) for number in range(1, blocks + 1)),
            block_strides=tuple(2 if number < _STRIDED else 1 for number in range(blocks)),
            kernel_size=int(values["kernel"]),
            dense_units=int(values["dense"]),
            dropout=round(float(values["dropout"]), 3),
            l2=float(values["l2"]),
            classes=classes,
        )
        fit = FitConfig(
            epochs=epochs,
            batch_size=int(values["batch"]),
            learning_rate=float(values["learning_rate"]),
            optimizer=cast(Optimizer, values["optimizer"]),
            label_smoothing=float(values["label_smoothing"]),
            class_weights="none",  # balanced weights work against val_accuracy, which the search maximises
            early_stopping_patience=_PATIENCE,
            reduce_on_plateau_patience=_PLATEAU,
        )
    except KeyError as error:
        raise ConfigError(f"Expected a value for every hyperparameter, found none for {error}. Add it.") from error
    augmentation = AugmentationConfig(rotation=0.1, zoom=0.1, contrast=0.1)
    return TrainingConfig(
        "separable_cnn",
        separable_cnn=network,
        stages=(StageConfig(fit=fit, augmentation=augmentation),),
        max_photos=max_photos,
        seed=seed,
    )
