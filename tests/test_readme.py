import json
import re
from pathlib import Path

import pytest

from dermnet_core.paths import ROOT, SHIPPED_MODELS

README = (ROOT / "README.md").read_text(encoding="utf-8")


def row(evaluation: dict, view: str) -> list[str]:
    """Return the cells of the results table for one view: percentages with their 95 % intervals."""
    values = evaluation if view == "official" else evaluation["clean"]

    def cell(figure: str) -> str:
        low, high = values["intervals"][figure]
        return f"{100 * values[figure]:.1f} ({100 * low:.1f}-{100 * high:.1f})"

    return [str(values["n"]), *map(cell, ("top1", "top3", "macro_f1", "balanced_accuracy")), f"{values['ece']:.3f}"]


@pytest.mark.parametrize("view", ["official", "clean"])
@pytest.mark.parametrize(("name", "title"), [("separable_cnn", "Separable CNN"), ("mobilenet_v2", "MobileNetV2")])
def test_results_table_says_what_the_evaluations_say(name, title, view):
    evaluation = json.loads((SHIPPED_MODELS / name / "evaluation.json").read_text(encoding="utf-8"))
    line = f"| {title}, {'all' if view == 'official' else 'clean'} | {' | '.join(row(evaluation, view))} |"
    assert line in README


def test_files_and_links_that_the_readme_names_exist():
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_commands_are_in_the_makefile():
    makefile = Path(ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
