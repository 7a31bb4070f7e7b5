"""The recipes that ship with the project."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

from dermnet_core.config import (
    AugmentationConfig,
    DistillationConfig,
    FitConfig,
    HintConfig,
    MobileNetV2Config,
    ModelName,
    PresetName,
    SeparableCNNConfig,
    StageConfig,
    TrainingConfig,
    TransferConfig,
)
from dermnet_core.config_json import read_config
from dermnet_core.errors import ConfigError
from dermnet_core.i18n import N_, _
from dermnet_core.paths import SHIPPED_RECIPES

PRESETS: tuple[PresetName, ...] = get_args(PresetName)

_ORIGINAL_AUGMENTATION = AugmentationConfig(rotation=0.1, zoom=0.1, contrast=0.1)
# How sharp a photo is says where it came from in this data set, not what it shows (docs/RESULTS.md).
_STRONG_AUGMENTATION = AugmentationConfig(rotation=0.08, zoom=0.35, contrast=0.3, sharpness=0.5, mixup=0.2)
# For the network that starts from nothing: no MixUp, which made it worse.
_MILD_AUGMENTATION = AugmentationConfig(rotation=0.05, zoom=0.3, contrast=0.2, sharpness=0.5)
# The most that costs no top-1 on validation (benchmarks/answer_levers.py).
_ADJUSTMENT = 0.25
_ORIGINAL_FIT = FitConfig(early_stopping_patience=5, reduce_on_plateau_patience=2)
_COSINE_FIT = FitConfig(batch_size=64, optimizer="adamw", schedule="cosine", class_weights="none", warmup_epochs=1.0)


def preset(model: ModelName, name: PresetName) -> TrainingConfig:
    """Return a recipe; the cards of the models that ship name their own.

    "original" is the report's, "best" what two processor cores do in an hour or two, "quick" a try of a few minutes.
    """
    return {"original": _original, "best": _best, "quick": _quick}[name](model)


def stage_title(name: str) -> str:
    """Return the name of a stage in the visitor's language where it is one of a preset; a visitor's own as it is."""
    return _(name) if name else name


def with_classes(config: TrainingConfig, classes: int) -> TrainingConfig:
    """Return the recipe for a folder with another number of classes, which no model that the recipe names knows."""
    if classes != config.model.classes:
        config = replace(config, distillation=None, start_from=())
    if config.separable_cnn:
        return replace(config, separable_cnn=replace(config.separable_cnn, classes=classes))
    assert config.mobilenet_v2  # a recipe holds one of the two
    return replace(config, mobilenet_v2=replace(config.mobilenet_v2, classes=classes))


def with_weights(config: TrainingConfig, weights: Path) -> TrainingConfig:
    """Return the recipe with ImageNet weights from a file.

    Raises:
        ConfigError: the recipe has no use for ImageNet weights.
    """
    if not config.mobilenet_v2 and not any(stage.hints.weight for stage in config.stages):
        raise ConfigError(
            f"Expected weights for mobilenet_v2 or a recipe with hints only, found {weights} for a recipe of "
            f"{config.model_name} without. Leave it out."
        )
    return _with_source(config, str(weights))


def with_download(config: TrainingConfig) -> TrainingConfig:
    """Return the recipe with the ImageNet weights that Keras downloads, whatever file it names."""
    return _with_source(config, "imagenet")


def _with_source(config: TrainingConfig, weights: str) -> TrainingConfig:
    stages = (
        replace(stage, hints=replace(stage.hints, weights=weights)) if stage.hints.weight else stage
        for stage in config.stages
    )
    network = replace(config.mobilenet_v2, weights=weights) if config.mobilenet_v2 else None
    return replace(config, mobilenet_v2=network, stages=tuple(stages))


def is_preset(config: TrainingConfig, name: PresetName) -> bool:
    """Say whether a recipe is a preset, wherever its ImageNet weights came from and however many classes it has."""
    return with_classes(preset(config.model_name, name), config.model.classes) == with_download(config)


def recipe_file(config: TrainingConfig) -> Path | None:
    """Return the file of this project that holds a recipe, wherever its ImageNet weights came from; None for others."""
    files = sorted(SHIPPED_RECIPES.glob("*.json"))
    return next((path for path in files if read_config(path) == with_download(config)), None)


def _original(model: ModelName) -> TrainingConfig:
    if model == "separable_cnn":
        stage = StageConfig(N_("train"), fit=replace(_ORIGINAL_FIT, epochs=30), augmentation=_ORIGINAL_AUGMENTATION)
        return TrainingConfig(model, separable_cnn=SeparableCNNConfig(image_size=224), stages=(stage,))
    frozen = StageConfig(
        N_("frozen base"), TransferConfig("head", activation_copies=1), _ORIGINAL_FIT, _ORIGINAL_AUGMENTATION
    )
    tuned = StageConfig(
        N_("last 30 layers"),
        TransferConfig("last_30", train_batch_norm=False, activation_copies=4),
        replace(_ORIGINAL_FIT, learning_rate=1e-5),
        _ORIGINAL_AUGMENTATION,
    )
    return TrainingConfig(model, mobilenet_v2=MobileNetV2Config(), stages=(frozen, tuned))


def _best(model: ModelName) -> TrainingConfig:
    if model == "separable_cnn":
        return _best_cnn()
    # Most epochs at 160 px on stored activations, because the first blocks cost most of the time and change least;
    # the last ones at the size that serves.
    bulk = StageConfig(
        N_("from block 3 at 160 px"),
        TransferConfig("block_3_expand", activation_copies=12, image_size=160),
        replace(_COSINE_FIT, epochs=40, learning_rate=7e-4, weight_decay=1e-2),
        _STRONG_AUGMENTATION,
    )
    finish = StageConfig(
        N_("from block 6 at 224 px"),
        TransferConfig("block_6_expand", activation_copies=4),
        replace(_COSINE_FIT, epochs=10, learning_rate=2.5e-4, weight_decay=1e-2),
        _STRONG_AUGMENTATION,
    )
    return TrainingConfig(model, mobilenet_v2=MobileNetV2Config(), stages=(bulk, finish), logit_adjustment=_ADJUSTMENT)


def _best_cnn() -> TrainingConfig:
    # Small photos first: most of what a network from scratch learns early it learns at a third of the cost.
    stages = (
        _hinted(N_("at 128 px"), 128, copies=8, epochs=56, rate=2e-3, seen=256),
        _hinted(N_("at 160 px"), 160, copies=4, epochs=8, rate=8e-4, seen=160),
        _hinted(N_("at 224 px"), None, copies=3, epochs=4, rate=3e-4, seen=224),
    )
    network = SeparableCNNConfig(
        image_size=224, block_filters=(128, 256, 512, 512), block_strides=(2, 2, 2, 1), dropout=0.2
    )
    teacher = DistillationConfig(("mobilenet_v2",), share=0.6, image_size=160)
    # Its logits are not adjusted: those of its teacher are, and more of it costs top-1 on validation.
    return TrainingConfig("separable_cnn", separable_cnn=network, stages=stages, distillation=teacher)


def _hinted(name: str, size: int | None, copies: int, epochs: int, rate: float, seen: int) -> StageConfig:
    return StageConfig(
        name,
        TransferConfig(activation_copies=copies, image_size=size),
        replace(_COSINE_FIT, epochs=epochs, learning_rate=rate, weight_decay=5e-2, label_smoothing=0.0),
        _MILD_AUGMENTATION,
        HintConfig(8.0, image_size=seen),
    )


def _quick(model: ModelName) -> TrainingConfig:
    fit = replace(_COSINE_FIT, epochs=3, warmup_epochs=0.0, learning_rate=2e-3)
    if model == "separable_cnn":
        config = SeparableCNNConfig(image_size=96)
        return TrainingConfig(model, separable_cnn=config, stages=(StageConfig(fit=fit),), max_photos=2000)
    head = StageConfig(N_("frozen base"), TransferConfig("head", activation_copies=1), fit)
    return TrainingConfig(model, mobilenet_v2=MobileNetV2Config(image_size=96), stages=(head,), max_photos=2000)
