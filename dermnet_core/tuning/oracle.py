"""The search space as Keras Tuner knows it, and the Bayesian optimisation over it."""

import json
from pathlib import Path
from typing import Any

import keras_tuner
import keras_tuner.src.utils

from dermnet_core.artifacts import write_text
from dermnet_core.tuning.search import SearchSettings
from dermnet_core.tuning.space import SPACE, Parameter

_RANDOM_SHARE = 3
"""One trial in so many is drawn at random before the model of the space is trusted."""


class Oracle(keras_tuner.oracles.BayesianOptimizationOracle):  # type: ignore[misc]
    """Bayesian optimisation (Snoek et al., 2012, https://arxiv.org/abs/1206.2944) that tries nothing twice."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the values of the next trial; a point that was tried before is replaced by a random one."""
        answer: dict[str, Any] = super().populate_space(trial_id)
        if answer["values"] is not None and self._duplicate(answer["values"]):
            answer = self._random_populate_space()
        return answer


def build_oracle(settings: SearchSettings) -> Oracle:
    """Return the oracle of a search: highest val_accuracy, no retries, no end after failures."""
    return Oracle(
        objective=keras_tuner.Objective("val_accuracy", "max"),
        max_trials=settings.trials,
        num_initial_points=max(2, settings.trials // _RANDOM_SHARE),
        hyperparameters=hyperparameters(),
        allow_new_entries=False,
        tune_new_entries=False,
        seed=settings.seed,
        max_consecutive_failed_trials=settings.trials + 1,
    )


def hyperparameters() -> keras_tuner.HyperParameters:
    """Return the space of the original report."""
    space = keras_tuner.HyperParameters()
    for parameter in SPACE:
        if parameter.blocks:
            with space.conditional_scope("blocks", [n for n in (2, 3, 4) if n >= parameter.blocks]):
                _add(space, parameter)
        else:
            _add(space, parameter)
    return space


def _add(space: keras_tuner.HyperParameters, parameter: Parameter) -> None:
    name = parameter.name
    if parameter.choices:
        space.Choice(name, list(parameter.choices))
    elif parameter.whole:
        space.Int(name, int(parameter.low), int(parameter.high), step=int(parameter.step or 1))
    elif parameter.step:
        space.Float(name, parameter.low, parameter.high, step=parameter.step)
    else:
        space.Float(name, parameter.low, parameter.high, sampling="log")


def _save_whole(path: str, state: Any) -> str:
    """Write the state of an oracle or a trial; Keras Tuner itself empties the file first, for a reader or a crash."""
    text = json.dumps(state)
    write_text(Path(path), text)
    return text


keras_tuner.src.utils.save_json = _save_whole
