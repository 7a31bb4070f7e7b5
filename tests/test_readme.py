import json
import re
from pathlib import Path

import pytest

from dermnet_core.paths import ROOT, SHIPPED_EVALUATIONS, SHIPPED_MODELS

README = (ROOT / "README.md").read_text(encoding="utf-8")


MODELS = {"separable_cnn": "Separable CNN", "mobilenet_v2": "MobileNetV2"}


def row(values: dict) -> str:
    """Return the cells of the results table for one view: percentages with their 95 % intervals."""

    def cell(figure: str) -> str:
        low, high = values["intervals"][figure]
        return f"{100 * values[figure]:.1f} ({100 * low:.1f}-{100 * high:.1f})"

    figures = map(cell, ("top1", "top3", "macro_f1", "balanced_accuracy"))
    return " | ".join([str(values["n"]), *figures, f"{values['ece']:.3f}"])


def evaluation(folder: Path) -> dict:
    return json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MODELS)
def test_results_table_says_what_the_evaluations_say(name):
    found = evaluation(SHIPPED_MODELS / name)
    for title, values in {"all": found, "clean": found["clean"], "blocked": found["blocked"]}.items():
        assert f"| {MODELS[name]}, {title} | {row(values)} |" in README
    outside = evaluation(SHIPPED_EVALUATIONS / f"pad_ufes_20-{name}")
    assert f"| {MODELS[name]}, PAD-UFES-20 | {row(outside)} |" in README


def test_files_and_links_that_the_readme_names_exist():
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_commands_are_in_the_makefile():
    makefile = Path(ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
