"""Every setting of a recipe: its label, what it means, and its range."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st

from dermnet_core.config import ModelName, Optimizer

_SMALL = 1e-2
"""Steps below are written with an exponent."""


@dataclass(frozen=True)
class Field:
    """One setting: a box to tick, a choice of ``options``, or a number from ``low`` to ``high``."""

    name: str
    label: str
    help: str
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    options: tuple[str, ...] = ()
    optional: bool = False
    """0 in the box stands for none."""


MODEL: Mapping[ModelName, tuple[Field, ...]] = {
    "separable_cnn": (
        Field("image_size", "Photo size, px", "Side of the squared photo that the network sees.", 32, 512, 16),
        Field("stem_filters", "Stem channels", "Channels of the first convolutions, each halving the photo."),
        Field("block_filters", "Block channels", "Channels of each residual block."),
        Field("block_strides", "Block strides", "2 halves the map in that block, 1 keeps it."),
        Field("kernel_size", "Kernel, px", "Side of the separable convolutions.", 3, 7, 2),
        Field("dense_units", "Hidden units", "Width of the layer before the classes.", 16, 1024, 16),
        Field("dropout", "Dropout", "Share of the features left out at random.", 0, 0.9, 0.05),
        Field("l2", "L2", "Strength of the penalty on large weights.", 0, 0.1, 1e-6),
    ),
    "mobilenet_v2": (
        Field("image_size", "Photo size, px", "Side of the squared photo that the network sees.", 48, 512, 16),
        Field(
            "alpha",
            "Width",
            "Share of the channels of the full network; ImageNet weights exist for a few values.",
            0.35,
            1.4,
            0.05,
        ),
        Field("dropout", "Dropout", "Share of the features left out at random.", 0, 0.9, 0.05),
        Field(
            "batch_norm_momentum",
            "BatchNorm momentum",
            "How slowly the moving statistics follow; 0.999 lags behind short runs.",
            0.5,
            0.999,
            0.01,
        ),
    ),
}
FIT = (
    Field("epochs", "Epochs", "Passes over the training photos, at most.", 1, 500),
    Field("batch_size", "Batch", "Photos in one training step.", 1, 512),
    Field("learning_rate", "Learning rate", "Size of a training step.", 1e-7, 1.0, 1e-4),
    Field("optimizer", "Optimizer", "How weights follow the gradient.", options=get_args(Optimizer)),
    Field("weight_decay", "Weight decay", "Share by which weights shrink in each step.", 0, 1, 1e-4),
    Field("schedule", "Schedule", "Cosine lowers the rate smoothly to nothing.", options=("constant", "cosine")),
    Field("warmup_epochs", "Warm-up epochs", "Over which the rate rises from nothing; cosine only.", 0, 50, 0.5),
    Field("label_smoothing", "Label smoothing", "Share of each label given to the other classes.", 0, 0.9, 0.05),
    Field(
        "class_weights",
        "Class weights",
        "Balanced lets rare classes count as much as common ones.",
        options=("none", "sqrt", "balanced"),
    ),
    Field(
        "early_stopping_patience",
        "Early stopping",
        "Epochs without a better validation accuracy until the stage ends; 0: never.",
        0,
        100,
    ),
    Field(
        "reduce_on_plateau_patience",
        "Lower the rate",
        "Epochs on a plateau until the rate is halved; 0: never.",
        0,
        100,
    ),
)
TRANSFER = (
    Field("trainable_from", "Train from layer", "all, head, last_30 (any number), or the name of a layer."),
    Field("train_batch_norm", "Train BatchNorm", "Off keeps the statistics of the weights that the stage starts from."),
    Field(
        "activation_copies",
        "Stored copies",
        "Augmented copies that the frozen layers see once; 0 runs them in every epoch.",
        0,
        50,
    ),
    Field(
        "image_size", "Photo size, px", "Another size for this stage; 0: that of the model.", 0, 512, 16, optional=True
    ),
)
AUGMENTATION = (
    Field("flip", "Flip", "Mirror half of the photos."),
    Field("rotation", "Rotation, turns", "At most so much of a full turn.", 0, 0.5, 0.01),
    Field("zoom", "Zoom", "At most so much of the side.", 0, 0.9, 0.05),
    Field("shift", "Shift", "At most so much of the side.", 0, 0.9, 0.05),
    Field("contrast", "Contrast", "At most so much more or less.", 0, 0.9, 0.05),
    Field("mixup", "MixUp", "Blend photos and labels in pairs; 0: never.", 0, 2, 0.1),
)
RUN = (
    Field("max_photos", "Training photos", "A random part of them; 0: all.", 0, 1_000_000, 500, optional=True),
    Field(
        "validation_fraction",
        "Share for validation",
        "Cut from the training photos; copies and series stay together.",
        0.02,
        0.45,
        0.05,
    ),
    Field("seed", "Seed", "The same one gives the same run.", 0, 10_000),
)


def ask(field: Field, value: Any, key: str) -> Any:
    """Show the widget of a setting and return what it holds, in the type of the value."""
    if isinstance(value, bool):
        return st.checkbox(field.label, value, key=key, help=field.help)
    if field.options:
        return st.selectbox(field.label, field.options, field.options.index(str(value)), key=key, help=field.help)
    if isinstance(value, tuple):
        text = st.text_input(field.label, ", ".join(map(str, value)), key=key, help=field.help)
        return tuple(int(part) if part.strip().isdigit() else part for part in text.split(",") if part.strip())
    if isinstance(value, str):
        return st.text_input(field.label, value, key=key, help=field.help).strip()
    if isinstance(value, float):
        return _number(field, value, key)
    low, high, step = int(field.low), int(field.high), int(field.step)
    number = st.number_input(
        field.label, low, max(high, int(value or 0)), int(value or 0), step, key=key, help=field.help
    )
    return None if field.optional and not number else number


def _number(field: Field, value: float, key: str) -> float:
    low, high = float(min(field.low, value)), float(max(field.high, value))
    form = "%.2e" if field.step < _SMALL else "%.2f"
    return float(
        st.number_input(field.label, low, high, value, float(field.step), key=key, help=field.help, format=form)
    )
