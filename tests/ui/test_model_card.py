from dataclasses import replace

import pytest

from dermnet_core.config import DistillationConfig, HintConfig, ModelName
from dermnet_core.config_json import to_dict
from dermnet_core.training.presets import preset
from dermnet_ui.model_card_text import recipe_in_words, recipe_markdown


@pytest.mark.parametrize("model", ["separable_cnn", "mobilenet_v2"])
def test_a_recipe_is_told_stage_by_stage(model: ModelName):
    recipe = preset(model, "original")
    told = list(recipe_in_words(to_dict(recipe)))
    assert len(told) == len(recipe.stages)
    for stage, words in zip(recipe.stages, told, strict=True):
        assert words.startswith(f"**{stage.name}**: ")
        assert f"{stage.fit.epochs} epochs of batches of {stage.fit.batch_size}" in words
        assert "augmentation: flip, rotation 0.1, zoom 0.1, contrast 0.1." in words


def test_the_layers_that_train_are_named():
    frozen, tuned = recipe_in_words(to_dict(preset("mobilenet_v2", "original")))
    assert "the last layer only" in frozen
    assert "the last 30 layers" in tuned


def test_what_a_recipe_says_besides_its_stages():
    plain = preset("mobilenet_v2", "original")
    assert len(recipe_markdown(to_dict(plain)).split("\n\n")) == 1
    besides = replace(plain, distillation=DistillationConfig(("nobody",), share=0.6), logit_adjustment=0.25)
    stages = tuple(replace(stage, hints=HintConfig(2.0)) for stage in besides.stages)
    besides = replace(besides, statistics_photos=2000, stages=stages)
    _, taught, hinted, measured, adjusted = recipe_markdown(to_dict(besides)).split("\n\n")
    assert taught == "Learned by 60 % from the answers of the model nobody and by the rest from the labels."
    assert hinted.endswith("the feature maps of MobileNetV2 with ImageNet weights (hints).")
    assert "those of 2,000 unchanged training photos" in measured
    assert "adjusted by 0.25 times the logarithm" in adjusted
    pair = replace(plain, distillation=DistillationConfig(("one", "other")))
    assert "from the mean answers of the models one, other and" in recipe_markdown(to_dict(pair))


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (["one"], "It went on from the model one."),
        (["one", "other"], "It went on from the mean weights of one, other."),
        ("one", "It went on from the model one."),  # as cards said it when there could be one only
    ],
)
def test_what_a_model_went_on_from(start, told):
    recipe = to_dict(preset("mobilenet_v2", "original")) | {"start_from": start}
    assert recipe_markdown(recipe).split("\n\n")[1] == told
