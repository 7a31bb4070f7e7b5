"""The overview's charts: headline figures of both models, and what resemblance to training photos is worth.

Selections and figures in, plotly figures out; no Streamlit.
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dermnet_core.evaluation.leakage import COPIES, NEAR, NEW, OTHERS, Part
from dermnet_core.evaluation.original import CLAIMS, PHOTOS
from dermnet_core.i18n import N_, _, count, decimal
from dermnet_ui.case import SHORT_NAMES
from dermnet_ui.charts_points import Mark, Series, points_chart
from dermnet_ui.evaluation.selection import OUTSIDE, Selection, Side
from dermnet_ui.evaluation.tables import Estimate
from dermnet_ui.evaluation.terms import HEADLINE

FIRST = ("top1", "top3", "top5", "ece", "brier")
SECOND = ("balanced_accuracy", "macro_precision", "macro_f1", "weighted_precision", "weighted_f1")
"""The figures of the two charts; ``FIRST`` holds the accuracies that have baselines, and those of the scores."""
PARTS: Mapping[str, str] = {
    COPIES: N_("Byte copies of training photos"),
    NEAR: N_("Near duplicates and neighbours"),
    NEW: N_("Neither: new to the model"),
    OTHERS: N_("No byte copies"),
}
"""The parts of ``dermnet_core.evaluation.leakage``."""
_TITLES = {"ece": N_("Calibration error · lower is better"), "brier": N_("Brier score × 100 · lower is better")}


def headline_chart(selection: Selection, names: Sequence[str]) -> go.Figure:
    """Draw figures of each side with 95 % intervals; top-1 gets the baselines and, on DermNet, the original claims."""
    titles = [_(_TITLES.get(name, HEADLINE[name].name)) for name in names]
    marks = _marks(selection, list(names).index("top1")) if "top1" in names else ()
    return points_chart(titles, [_series(side, names) for side in selection.sides], marks)


def parts_chart(sides: Sequence[tuple[Side, Sequence[Part]]]) -> go.Figure:
    """Draw the top-1 accuracy of each side on each part of its photos, with 95 % intervals."""
    first = sides[0][1]
    titles = [f"{_(PARTS[part.name])}, n = {count(part.n)}" for part in first]
    return points_chart(
        titles, [_part_series(side, {part.name: part for part in found}, first) for side, found in sides]
    )


def headline_text(selection: Selection, names: Sequence[str]) -> str:
    """Say what ``headline_chart`` shows."""
    return "; ".join(
        f"{side.name}: " + ", ".join(f"{HEADLINE[name].title} {estimate(side, name)}" for name in names)
        for side in selection.sides
    )


def on_dermnet(selection: Selection) -> bool:
    """Return whether all photos are of DermNet, which the original report is about."""
    return all(side.about.split != OUTSIDE for side in selection.sides)


def estimate(side: Side, name: str) -> Estimate:
    """Return a headline figure of a side with its interval."""
    decimals = None if name == "brier" else 1
    return Estimate(getattr(side.view.figures, name), side.view.intervals[name], decimals)


def _series(side: Side, names: Sequence[str]) -> Series:
    return Series(
        side.name,
        side.colour,
        [getattr(side.view.figures, name) for name in names],
        [side.view.intervals[name] for name in names],
        [
            f"{side.name}, {HEADLINE[name].title}: {estimate(side, name)}, n = {count(side.view.figures.n)}"
            for name in names
        ],
    )


def _marks(selection: Selection, row: int) -> list[Mark]:
    baselines, n = selection.sides[0].view.baselines, selection.sides[0].view.figures.n
    ours = [
        Mark(row, baselines.chance, baselines.chance,
             _("guessing {value}").format(value=decimal(100 * baselines.chance)),
             _("A guess at random among {n} classes").format(n=len(selection.classes))),
        Mark(row, baselines.majority, baselines.majority,
             _("always the largest class {value}").format(value=decimal(100 * baselines.majority)),
             _("Always naming the class with the most photos, n = {n}").format(n=count(n))),
    ]  # fmt: skip
    claims = [
        Mark(row, claim.low, claim.high,
             _("original report, {name} {value}").format(name=SHORT_NAMES[claim.architecture], value=claim.text),
             _("What the original report claims on its {n} test photos").format(n=count(PHOTOS)))
        for claim in CLAIMS
    ]  # fmt: skip
    return ours + claims if on_dermnet(selection) else ours


def _part_series(side: Side, found: Mapping[str, Part], parts: Sequence[Part]) -> Series:
    own = [found[part.name] for part in parts]
    return Series(
        side.name,
        side.colour,
        [part.accuracy for part in own],
        [part.interval for part in own],
        [
            _("{name}: {hits} of {n} right, {share}").format(
                name=side.name, hits=count(part.hits), n=count(part.n), share=Estimate(part.accuracy, part.interval)
            )
            for part in own
        ],
    )
