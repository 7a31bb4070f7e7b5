"""Every setting of a recipe: its label, what it means, and its range."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st

from dermnet_core.config import ModelName, Optimizer
from dermnet_core.i18n import N_, _

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
        Field("image_size", N_("Photo size, px"), N_("Side of the squared photo that the network sees."), 32, 512, 16),
        Field("stem_filters", N_("Stem channels"), N_("Channels of the first convolutions, each halving the photo.")),
        Field("block_filters", N_("Block channels"), N_("Channels of each residual block.")),
        Field("block_strides", N_("Block strides"), N_("2 halves the map in that block, 1 keeps it.")),
        Field("kernel_size", N_("Kernel, px"), N_("Side of the separable convolutions."), 3, 7, 2),
        Field("dense_units", N_("Hidden units"), N_("Width of the layer before the classes."), 16, 1024, 16),
        Field("dropout", N_("Dropout"), N_("Share of the features left out at random."), 0, 0.9, 0.05),
        Field("l2", N_("L2"), N_("Strength of the penalty on large weights."), 0, 0.1, 1e-6),
    ),
    "mobilenet_v2": (
        Field("image_size", N_("Photo size, px"), N_("Side of the squared photo that the network sees."), 48, 512, 16),
        Field(
            "alpha",
            N_("Width"),
            N_("Share of the channels of the full network; ImageNet weights exist for a few values."),
            0.35,
            1.4,
            0.05,
        ),
        Field("dropout", N_("Dropout"), N_("Share of the features left out at random."), 0, 0.9, 0.05),
        Field(
            "batch_norm_momentum",
            N_("BatchNorm momentum"),
            N_("How slowly the moving statistics follow; 0.999 lags behind short runs."),
            0.5,
            0.999,
            0.01,
        ),
    ),
}
FIT = (
    Field(
        "epochs", N_("Epochs"), N_("Passes over the training photos, at most; 0 keeps the weights as they are."), 0, 500
    ),
    Field("batch_size", N_("Batch"), N_("Photos in one training step."), 1, 512),
    Field("learning_rate", N_("Learning rate"), N_("Size of a training step."), 1e-7, 1.0, 1e-4),
    Field("optimizer", N_("Optimizer"), N_("How weights follow the gradient."), options=get_args(Optimizer)),
    Field("weight_decay", N_("Weight decay"), N_("Share by which weights shrink in each step."), 0, 1, 1e-4),
    Field(
        "schedule",
        N_("Schedule"),
        N_("Cosine lowers the rate smoothly to nothing."),
        options=(N_("constant"), N_("cosine")),
    ),
    Field(
        "warmup_epochs", N_("Warm-up epochs"), N_("Over which the rate rises from nothing; cosine only."), 0, 50, 0.5
    ),
    Field(
        "label_smoothing", N_("Label smoothing"), N_("Share of each label given to the other classes."), 0, 0.9, 0.05
    ),
    Field(
        "class_weights",
        N_("Class weights"),
        N_("Balanced lets rare classes count as much as common ones."),
        options=(N_("none"), N_("sqrt"), N_("balanced")),
    ),
    Field(
        "early_stopping_patience",
        N_("Early stopping"),
        N_("Epochs without a better validation accuracy until the stage ends; 0: never."),
        0,
        100,
    ),
    Field(
        "reduce_on_plateau_patience",
        N_("Lower the rate"),
        N_("Epochs on a plateau until the rate is halved; 0: never."),
        0,
        100,
    ),
)
TRANSFER = (
    Field("trainable_from", N_("Train from layer"), N_("all, head, last_30 (any number), or the name of a layer.")),
    Field(
        "train_batch_norm",
        N_("Train BatchNorm"),
        N_("Off keeps the statistics of the weights that the stage starts from."),
    ),
    Field(
        "activation_copies",
        N_("Stored copies"),
        N_("Augmented copies that the frozen layers see once; 0 runs them in every epoch."),
        0,
        50,
    ),
    Field(
        "image_size",
        N_("Photo size, px"),
        N_("Another size for this stage; 0: that of the model."),
        0,
        512,
        16,
        optional=True,
    ),
)
AUGMENTATION = (
    Field("flip", N_("Flip"), N_("Mirror half of the photos.")),
    Field("rotation", N_("Rotation, turns"), N_("At most so much of a full turn."), 0, 0.5, 0.01),
    Field("zoom", N_("Zoom"), N_("At most so much of the side."), 0, 0.9, 0.05),
    Field("shift", N_("Shift"), N_("At most so much of the side."), 0, 0.9, 0.05),
    Field("contrast", N_("Contrast"), N_("At most so much more or less."), 0, 0.9, 0.05),
    Field(
        "sharpness",
        N_("Sharpness"),
        N_("At most so much of the fine detail more or less; 0: never."),
        0,
        0.9,
        0.1,
    ),
    Field("mixup", N_("MixUp"), N_("Blend photos and labels in pairs; 0: never."), 0, 2, 0.1),
)
TEACHER = (
    Field("share", N_("Teachers' share"), N_("What their answers weigh; the labels weigh the rest."), 0.05, 1, 0.05),
    Field(
        "temperature",
        N_("Temperature"),
        N_("More than 1 makes their answers less sure, so that the second and third class count for more."),
        0.5,
        20,
        0.5,
    ),
    Field(
        "image_size",
        N_("Photo size, px"),
        N_("What the teachers see of stored copies; 0: as the student."),
        0,
        512,
        16,
        optional=True,
    ),
)
HINTS = (
    Field(
        "weight",
        N_("Weight of hints"),
        N_("What feature maps of ImageNet's MobileNetV2 weigh beside the answers; needs stored copies; 0: no hints."),
        0,
        100,
        0.5,
    ),
    Field(
        "image_size",
        N_("Photo size, px"),
        N_("What that network sees: a multiple of 32 times the cells of the last feature map."),
        64,
        512,
        32,
    ),
)
RUN = (
    Field("max_photos", N_("Training photos"), N_("A random part of them; 0: all."), 0, 1_000_000, 500, optional=True),
    Field(
        "validation_fraction",
        N_("Share for validation"),
        N_("Cut from the training photos; copies and series stay together."),
        0.02,
        0.45,
        0.05,
    ),
    Field(
        "validation_returned",
        N_("Validation given back"),
        N_(
            "Share of the validation photos that train as well, 0.5 to 0.9: for the last fit of a recipe that they "
            "have chosen; the rest calibrates. 0: none."
        ),
        0,
        0.9,
        0.05,
    ),
    Field("seed", N_("Seed"), N_("The same one gives the same run."), 0, 10_000),
    Field(
        "logit_adjustment",
        N_("Logit adjustment"),
        N_("How much more often rare classes are answered than the network would; 0: as it learned them."),
        0,
        1,
        0.05,
    ),
    Field(
        "statistics_photos",
        N_("BatchNorm photos"),
        N_("Unchanged training photos on which its statistics are measured at the end; 0: those of training stay."),
        0,
        100_000,
        500,
    ),
)


def ask(field: Field, value: Any, key: str) -> Any:
    """Show the widget of a setting and return what it holds, in the type of the value."""
    if isinstance(value, bool):
        return st.checkbox(_(field.label), value, key=key, help=_(field.help))
    if field.options:
        return st.selectbox(
            _(field.label), field.options, field.options.index(str(value)), key=key, help=_(field.help), format_func=_
        )
    if isinstance(value, tuple):
        text = st.text_input(_(field.label), ", ".join(map(str, value)), key=key, help=_(field.help))
        return tuple(int(part) if part.strip().isdigit() else part for part in text.split(",") if part.strip())
    if isinstance(value, str):
        return st.text_input(_(field.label), value, key=key, help=_(field.help)).strip()
    if isinstance(value, float):
        return _number(field, value, key)
    low, high, step = int(field.low), int(field.high), int(field.step)
    number = st.number_input(
        _(field.label), low, max(high, int(value or 0)), int(value or 0), step, key=key, help=_(field.help)
    )
    return None if field.optional and not number else number


def _number(field: Field, value: float, key: str) -> float:
    low, high = float(min(field.low, value)), float(max(field.high, value))
    form = "%.2e" if field.step < _SMALL else "%.2f"
    return float(
        st.number_input(_(field.label), low, high, value, float(field.step), key=key, help=_(field.help), format=form)
    )
