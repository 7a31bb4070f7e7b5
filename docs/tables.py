"""The figures of README.md and docs/RESULTS.md, written anew from the evaluations that ship.

``make tables`` runs it, after models were trained anew. Only rows that are there are replaced, by their first cell.
What the benchmarks print is not known here.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dermnet_core.artifacts import write_text
from dermnet_core.evaluation.leakage import parts
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.reliability import risk_coverage
from dermnet_core.paths import ROOT, SHIPPED_EVALUATIONS, SHIPPED_MODELS

MODELS = {"separable_cnn": "Separable CNN", "mobilenet_v2": "MobileNetV2"}
PARTS = (
    "byte copies of train photos", "near duplicates or series neighbours of train photos", "new to the models"
)  # fmt: skip
COVERAGE = 0.7
TARGETS = {
    "top-1, clean": ("top1", "52", "63"),
    "top-3, clean": ("top3", "78", "84"),
    "macro F1, clean": ("macro_f1", "–", "50"),
    "top-1, clean, at 70 % coverage": ("coverage", "–", "76"),
    "ECE, clean": ("ece", "0.04", "0.04"),
}
"""Row -> figure, and what this project aims at for the CNN and for MobileNetV2."""


def main() -> None:
    """Rewrite both files."""
    for path in (ROOT / "README.md", ROOT / "docs" / "RESULTS.md"):
        write_text(path, renewed(path.read_text(encoding="utf-8")))


def renewed(text: str) -> str:
    """Return a document with the figures of the shipped evaluations in its rows."""
    rows = {f"| {first} |": row for first, row in _rows()}
    lines = text.splitlines()
    return "".join(f"{rows.get(line[: line.find(' |') + 2], line)}\n" for line in lines)


def _rows() -> Iterator[tuple[str, str]]:
    """Yield the first cell and the whole of each row."""
    found = {name: _read(SHIPPED_MODELS / name / "evaluation.json") for name in MODELS}
    for name, title in MODELS.items():
        outside = _read(SHIPPED_EVALUATIONS / f"pad_ufes_20-{name}" / "evaluation.json")
        views = {"all": found[name], "clean": found[name]["clean"], "blocked": found[name]["blocked"]}
        for view, values in (views | {"PAD-UFES-20": outside}).items():
            yield _row(f"{title}, {view}", *_main(values))
    for title, (figure, *targets) in TARGETS.items():
        reached = (_reached(found[name]["clean"], name, figure) for name in MODELS)
        yield _row(title, *(cell for pair in zip(reached, targets, strict=True) for cell in pair))
    yield from _classes(found)
    yield from _leakage()
    for name, title in {"mobilenet_v2": "MobileNetV2 here", "separable_cnn": "separable CNN here"}.items():
        yield _row(title, "six tenths, all test photos", f"{100 * found[name]['top1']:.1f}")


def _reached(values: Mapping[str, Any], name: str, figure: str) -> str:
    if figure == "coverage":
        return f"{_at_coverage(name):.1f}"
    return f"{values[figure]:.3f}" if figure == "ece" else f"{100 * values[figure]:.1f}"


def _main(values: Mapping[str, Any]) -> list[str]:
    cells = [str(values["n"])]
    for figure in ("top1", "top3", "macro_f1", "balanced_accuracy"):
        low, high = values["intervals"][figure]
        cells.append(f"{100 * values[figure]:.1f} ({100 * low:.1f}-{100 * high:.1f})")
    return [*cells, f"{values['ece']:.3f}"]


def _classes(found: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    card = _read(SHIPPED_MODELS / "separable_cnn" / "card.json")
    views = [found[name]["clean"] for name in MODELS]
    for number, label in enumerate(card["classes"]):
        cells = [str(card["train_counts"][label]), str(views[0]["per_class"][number]["n"])]
        for view in views:
            figures, intervals = view["per_class"][number], view["intervals"]["per_class"][number]
            for name in ("precision", "recall", "f1"):
                low, high = intervals[name]
                cells.append(f"{100 * figures[name]:.0f} ({100 * low:.0f}-{100 * high:.0f})")
        yield _row(label, *cells)


def _leakage() -> Iterator[tuple[str, str]]:
    sides = [parts(Evaluation.load(SHIPPED_MODELS / name / "predictions.npz")) for name in MODELS]
    for title, cnn, mobilenet in zip(PARTS, *sides, strict=True):
        yield _row(title, str(cnn.n), f"{100 * cnn.accuracy:.1f}", f"{100 * mobilenet.accuracy:.1f}")


def _at_coverage(name: str) -> float:
    """Return top-1 in percent on the clean photos of the highest scores."""
    found = risk_coverage(Evaluation.load(SHIPPED_MODELS / name / "predictions.npz").predictions("clean"))
    error = next(error for share, error in zip(found.coverage, found.error, strict=True) if share >= COVERAGE)
    return 100.0 * (1.0 - float(error))


def _row(*cells: str) -> tuple[str, str]:
    return cells[0], f"| {' | '.join(cells)} |"


def _read(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


if __name__ == "__main__":
    sys.exit(main())
