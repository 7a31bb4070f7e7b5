"""The optimizer and learning rate schedule of a stage."""

import math

import keras

from dermnet_core.config import FitConfig


def build_optimizer(fit: FitConfig, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of a stage; weight decay leaves biases and BatchNorm alone."""
    rate: float | keras.optimizers.schedules.LearningRateSchedule = fit.learning_rate
    if fit.schedule == "cosine":
        warmup = math.ceil(fit.warmup_epochs * steps_per_epoch)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else fit.learning_rate,
            max(1, fit.epochs * steps_per_epoch - warmup),
            warmup_target=fit.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    kinds = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    decay = fit.weight_decay if fit.weight_decay or fit.optimizer == "adamw" else None
    optimizer = kinds[fit.optimizer](rate, weight_decay=decay)
    if fit.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
