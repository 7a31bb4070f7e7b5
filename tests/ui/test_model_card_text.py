from dataclasses import replace

import pytest

from dermnet_core.labels import CLASSES
from dermnet_core.paths import ROOT
from dermnet_ui import active, resources
from dermnet_ui.evaluation import outside
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.model_card_text import markdown
from dermnet_ui.scored import Scored
from tests.ui.cases import model_card

SECTIONS = ("Model details", "Intended use", "Training data", "Training recipe", "Evaluation",
            "Evaluation on photos of other sources", "Limits", "Provenance", "Fingerprints (SHA-256)")  # fmt: skip


@pytest.mark.parametrize("number", [0, 1])
def test_the_card_of_a_model_that_ships_holds_what_its_files_say(number: int):
    artifact = active.artifacts()[number]
    scored = resources.evaluations([artifact])
    views = {name: models[0] for name, models in scored.items()}
    text = markdown(artifact.card, views, outside.of_model(artifact.card.sha256["model.tflite"]), DISCLAIMER)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == list(SECTIONS)
    assert DISCLAIMER in text
    assert set(views) == {"official", "clean", "blocked"}
    for found in views.values():
        assert found.text("top1") in text
        assert f"n = {found.view.figures.n:,}" in text
    for line in (*artifact.card.limits, *artifact.card.provenance, artifact.card.command, artifact.card.intended_use):
        assert line in text
    assert all(digest in text for digest in artifact.card.sha256.values())
    assert str(ROOT) not in text


def test_a_card_without_evaluations_says_so():
    text = markdown(model_card("separable_cnn"), {}, [], DISCLAIMER)
    assert "None is installed beside the model." in text
    assert "| Urticaria, Hives | 8 | few |" in text
    assert text.count("| few |") == 1
    assert text.count("| 400 |") == len(CLASSES) - 1


def test_signs_of_a_table_cannot_break_it():
    card = replace(model_card("separable_cnn"), train_counts={"a | b": 3})
    assert "| a / b | 3 | few |" in markdown(card, {}, [], DISCLAIMER)


def test_views_come_from_the_least_to_the_most_strict():
    found = resources.evaluations(active.artifacts()[:1])
    views: dict[str, Scored] = {name: found[name][0] for name in ("blocked", "official")}
    text = markdown(model_card("separable_cnn"), views, [], DISCLAIMER)
    assert text.index("Official, n =") < text.index("Blocked, n =")
