"""How much each hyperparameter mattered in a search."""

from collections.abc import Mapping

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from dermnet_core.tuning.space import SPACE, Parameter, Value
from dermnet_core.tuning.table import SearchTable

FEWEST = 8
"""Completed trials below which nothing can be said."""
_TREES = 300
_REPEATS = 20


def importance(table: SearchTable) -> list[tuple[str, float]]:
    """Return (name, share) of each hyperparameter, the largest first; the shares add to 1.

    Permutation importance (Breiman, 2001) of a random forest that predicts validation accuracy from the values. Rough:
    a search tries promising values more often, and a few dozen trials cannot tell close ones apart.

    Returns an empty list for fewer than `FEWEST` completed trials, or when nothing the forest sees matters.
    """
    trials = table.completed
    if len(trials) < FEWEST:
        return []
    x = np.array([[_number(parameter, trial.values) for parameter in SPACE] for trial in trials])
    y = np.array([trial.val_accuracy for trial in trials])
    forest = RandomForestRegressor(_TREES, min_samples_leaf=2, random_state=0).fit(x, y)
    found = permutation_importance(forest, x, y, n_repeats=_REPEATS, random_state=0).importances_mean.clip(0.0)
    if found.sum() <= 0.0:
        return []
    shares = [(parameter.name, float(share)) for parameter, share in zip(SPACE, found / found.sum(), strict=True)]
    return sorted(shares, key=lambda entry: -entry[1])


def _number(parameter: Parameter, values: Mapping[str, Value]) -> float:
    value = values.get(parameter.name)
    if value is None:
        return -1.0  # a block that the network lacks
    if parameter.choices:
        return float(parameter.choices.index(value)) if value in parameter.choices else -1.0
    return float(np.log10(value)) if parameter.step is None else float(value)
