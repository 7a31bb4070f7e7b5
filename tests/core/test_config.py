import json
from dataclasses import replace
from pathlib import Path

import pytest

from dermnet_core.config import FitConfig, SeparableCNNConfig, TrainingConfig
from dermnet_core.config_json import from_dict, read_config, to_dict
from dermnet_core.errors import ConfigError
from dermnet_core.paths import SHIPPED_RECIPES
from dermnet_core.training.presets import PRESETS, is_preset, preset, recipe_file, with_classes, with_weights


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("model", ["separable_cnn", "mobilenet_v2"])
def test_presets_survive_json(model, name):
    config = preset(model, name)
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config
    assert config.model_name == model
    assert is_preset(config, name)


@pytest.mark.parametrize(("value", "names"), [(None, ()), ("earlier", ("earlier",))])
def test_a_recipe_of_the_time_when_it_started_from_one_model_or_none_is_read(value, names):
    assert from_dict(to_dict(preset("separable_cnn", "quick")) | {"start_from": value}).start_from == names


def test_preset_is_recognised_whatever_its_classes_and_weights(tmp_path):
    config = with_weights(with_classes(preset("mobilenet_v2", "best"), 5), tmp_path / "weights.h5")
    assert config.model.classes == 5
    assert is_preset(config, "best")
    assert not is_preset(config, "original")


@pytest.mark.parametrize("path", sorted(SHIPPED_RECIPES.glob("*.json")), ids=lambda path: path.stem)
def test_a_recipe_that_ships_is_known_wherever_its_weights_come_from(path, tmp_path):
    config = read_config(path)
    if config.mobilenet_v2 or config.stages[0].hints.weight:
        config = with_weights(config, tmp_path / "weights.h5")
    assert recipe_file(config) == path
    assert recipe_file(replace(config, seed=21)) is None


def test_a_recipe_without_use_for_a_weights_file():
    with pytest.raises(ConfigError, match="Expected weights for mobilenet_v2 or a recipe with hints only"):
        with_weights(preset("separable_cnn", "original"), Path("weights.h5"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"speed": 3}, "found speed"),
        ({"model_name": "resnet"}, "found 'resnet'"),
        ({"separable_cnn": None}, "Expected the settings of separable_cnn"),
        ({"seed": "twenty"}, r"Expected a whole number for configuration.seed, found 'twenty'"),
        ({"seed": True}, "Expected a whole number"),
        ({"stages": []}, "at least one stage"),
        (
            {"stages": [{"fit": {"epochs": 0}}]},
            "at least 1 in a run that starts from no model for epochs",
        ),
        ({"stages": [{"fit": {"epochs": -1}}]}, "Expected 0 or more for epochs, found -1"),
        ({"stages": [{"fit": {"optimizer": "lion"}}]}, "Expected adam or adamw"),
        ({"stages": [{"augmentation": {"zoom": 1.5}}]}, "for zoom, found 1.5"),
        ({"separable_cnn": {"block_filters": [8, 16]}}, "one stride for each of the 2 blocks"),
        ({"separable_cnn": {"stem_filters": "32"}}, "Expected a list"),
        ({"start_from": ["a", "a"]}, "each once"),
        ({"validation_fraction": 0.9}, "between 0 and 0.5"),
    ],
)
def test_bad_values_are_named(change, message):
    values = to_dict(TrainingConfig("separable_cnn", separable_cnn=SeparableCNNConfig())) | change
    with pytest.raises(ConfigError, match=message):
        from_dict(values)


def test_plateau_and_cosine_exclude_each_other():
    with pytest.raises(ConfigError, match="0 with the cosine schedule"):
        FitConfig(schedule="cosine", reduce_on_plateau_patience=2)


@pytest.mark.parametrize(("text", "message"), [("{", "Expected a JSON configuration"), ("[1]", "found list")])
def test_files_that_are_no_configuration(tmp_path, text, message):
    path = tmp_path / "recipe.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_config(path)
    with pytest.raises(ConfigError, match="Expected a JSON configuration"):
        read_config(tmp_path / "missing.json")
