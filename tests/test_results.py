"""The tables of docs/RESULTS.md that restate the shipped evaluations."""

import json

import pytest

from dermnet_core.config_json import from_dict
from dermnet_core.evaluation.leakage import parts
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.reliability import risk_coverage
from dermnet_core.paths import ROOT, SHIPPED_MODELS
from dermnet_core.training.card_text import SCRIPTED
from dermnet_core.training.presets import PRESETS, is_preset, recipe_file
from docs.tables import renewed

RESULTS = (ROOT / "docs" / "RESULTS.md").read_text(encoding="utf-8")
MODELS = ("separable_cnn", "mobilenet_v2")


def stored(model: str, name: str) -> dict:
    return json.loads((SHIPPED_MODELS / model / name).read_text(encoding="utf-8"))


def test_the_main_table_is_that_of_the_readme():
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.count("|") == 8]
    of_models = [row for row in rows if row.startswith(("| Separable CNN,", "| MobileNetV2,"))]
    assert len(of_models) == 8
    assert [row for row in of_models if row not in RESULTS] == []


def test_every_class_is_as_in_the_evaluations():
    views = [stored(model, "evaluation.json")["clean"] for model in MODELS]
    counts = stored(MODELS[0], "card.json")["train_counts"]
    for number, label in enumerate(stored(MODELS[0], "card.json")["classes"]):
        cells = [label, counts[label], views[0]["per_class"][number]["n"]]
        for view in views:
            figures, intervals = view["per_class"][number], view["intervals"]["per_class"][number]
            for name in ("precision", "recall", "f1"):
                low, high = intervals[name]
                cells.append(f"{100 * figures[name]:.0f} ({100 * low:.0f}-{100 * high:.0f})")
        assert f"| {' | '.join(map(str, cells))} |" in RESULTS


def test_leakage_and_coverage_are_as_in_the_predictions():
    evaluations = [Evaluation.load(SHIPPED_MODELS / model / "predictions.npz") for model in MODELS]
    for cnn, mobilenet in zip(*map(parts, evaluations), strict=True):
        assert f"| {cnn.n} | {100 * cnn.accuracy:.1f} | {100 * mobilenet.accuracy:.1f} |" in RESULTS


def test_targets_are_set_beside_what_was_reached():
    views = [stored(model, "evaluation.json")["clean"] for model in MODELS]
    tops = [f"{100 * view['top1']:.1f}" for view in views]
    assert f"| top-1, clean | {tops[0]} | 52 | {tops[1]} | 63 |" in RESULTS
    eces = [f"{view['ece']:.3f}" for view in views]
    assert f"| ECE, clean | {eces[0]} | 0.04 | {eces[1]} | 0.04 |" in RESULTS
    certain = []
    for model in MODELS:
        found = risk_coverage(Evaluation.load(SHIPPED_MODELS / model / "predictions.npz").predictions("clean"))
        error = next(error for share, error in zip(found.coverage, found.error, strict=True) if share >= 0.7)
        certain.append(f"{100 * (1 - error):.1f}")
    assert f"| top-1, clean, at 70 % coverage | {certain[0]} | – | {certain[1]} | 76 |" in RESULTS


def test_the_command_that_writes_the_tables_finds_nothing_to_write():
    for path in (ROOT / "README.md", ROOT / "docs" / "RESULTS.md"):
        text = path.read_text(encoding="utf-8")
        assert renewed(text) == text


def test_the_card_of_the_cnn_says_that_its_command_did_not_fit_it():
    assert SCRIPTED in stored("separable_cnn", "card.json")["provenance"]


@pytest.mark.parametrize("model", MODELS)
def test_the_command_of_a_card_is_that_of_its_recipe(model):
    card = stored(model, "card.json")
    config = from_dict(card["recipe"])
    file = recipe_file(config)
    known = [f"--preset {kind}" for kind in PRESETS if is_preset(config, kind)]
    expected = known[0] if known else f"--config {file and file.relative_to(ROOT)}"
    assert card["command"].endswith(expected)
    assert "None" not in expected
