"""The benchmark that changes one setting at a time changes one setting at a time."""

from pathlib import Path

import pytest

from benchmarks.ablation import CNN_LEVERS, LEVERS, recipes, table
from dermnet_core.config import ModelName
from dermnet_core.config_json import to_dict


def leaves(values: object, path: str = "") -> dict[str, object]:
    if isinstance(values, dict):
        return {key: leaf for name, value in values.items() for key, leaf in leaves(value, f"{path}.{name}").items()}
    if isinstance(values, list):
        return {key: leaf for n, value in enumerate(values) for key, leaf in leaves(value, f"{path}[{n}]").items()}
    return {path: values}


@pytest.mark.parametrize(
    ("model", "name"),
    [*(("mobilenet_v2", name) for name in LEVERS), *(("separable_cnn", name) for name in CNN_LEVERS)],
)
def test_a_lever_changes_one_setting_of_the_base(model: ModelName, name: str):
    found = recipes(model, Path("weights.h5"))
    base, changed = leaves(to_dict(found["base"])), leaves(to_dict(found[name]))
    different = [key for key in base if base[key] != changed[key]]
    assert all(key.startswith(".stages[0]") for key in different)
    several = {"base": 0, "no augmentation but flips": 4 if model == "separable_cnn" else 3}
    hints = [key for key in different if "hints" in key]
    assert len(set(different) - set(hints)) + bool(hints) == several.get(name, 1)


def test_gains_are_counted_against_the_first_row():
    rows = [{"lever": "base", "top1": 0.5}, {"lever": "better", "top1": 0.525}, {"lever": "worse", "top1": 0.49}]
    assert table(rows).splitlines()[2:] == [
        "| base | 50.0 | +0.0 |",
        "| better | 52.5 | +2.5 |",
        "| worse | 49.0 | -1.0 |",
    ]
