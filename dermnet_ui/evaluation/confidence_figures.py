"""The figures of the section Confidence as tables and words; no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass

from dermnet_core.evaluation.intervals import bootstrap
from dermnet_core.evaluation.metrics import figures
from dermnet_core.evaluation.reliability import Abstention, ReliabilityCurve, abstain_at, reliability
from dermnet_ui.charts_confidence import RiskLine
from dermnet_ui.evaluation.selection import Side
from dermnet_ui.evaluation.tables import Cell, Estimate, Table


@dataclass(frozen=True, eq=False)
class Calibration:
    """Scores against accuracy of one side, before (temperature 1) and after temperature scaling."""

    before: ReliabilityCurve
    after: ReliabilityCurve
    ece_before: Estimate
    ece_after: Estimate
    brier_before: Estimate
    brier_after: Estimate


def calibration(side: Side, view: str) -> Calibration:
    """Return the calibration of one side in its view; takes a bootstrap."""
    raw = side.evaluation.predictions(view, calibrated=False)
    values, spread = figures(raw), bootstrap(raw, groups=side.evaluation.groups_in(view))
    after = side.view
    return Calibration(
        before=reliability(raw),
        after=reliability(side.predictions),
        ece_before=Estimate(values.ece, spread["ece"]),
        ece_after=Estimate(after.figures.ece, after.intervals["ece"]),
        brier_before=Estimate(values.brier, spread["brier"], decimals=None),
        brier_after=Estimate(after.figures.brier, after.intervals["brier"], decimals=None),
    )


def calibration_table(sides: Sequence[Side], found: Sequence[Calibration]) -> Table:
    """Return ECE and Brier score of each side before and after, with intervals."""
    head = ("Model", "n", "Temperature", "ECE before", "ECE after", "Brier before", "Brier after")
    rows = tuple(
        (side.name, len(side.predictions), f"{side.about.temperature:.2f}", entry.ece_before, entry.ece_after,
         entry.brier_before, entry.brier_after)
        for side, entry in zip(sides, found, strict=True)
    )  # fmt: skip
    return Table("Calibration", head, rows, "ECE in percentage points, with 95 % intervals")


def bins_table(sides: Sequence[Side], found: Sequence[Calibration]) -> Table:
    """Return score, accuracy and photos of each bin."""
    rows = [
        _bin(side.name, when, curve, i)
        for side, entry in zip(sides, found, strict=True)
        for when, curve in (("before", entry.before), ("after", entry.after))
        for i in range(len(curve.n))
        if curve.n[i]
    ]
    head = ("Model", "Scaling", "Score from", "Score to", "n", "Mean score", "Right")
    return Table("Reliability bins", head, tuple(rows), "Scores and shares in per cent, with 95 % intervals")


def abstention_table(sides: Sequence[Side], chosen: Sequence[Abstention]) -> Table:
    """Return what a threshold of each side does, beside what the card's does."""
    rows: list[tuple[Cell, ...]] = []
    for side, kept in zip(sides, chosen, strict=True):
        card = abstain_at(side.predictions, side.about.abstain_below)
        rows.append(_abstention(f"{side.name}, card", card, len(side.predictions)))
        if kept.threshold != card.threshold:
            rows.append(_abstention(f"{side.name}, yours", kept, len(side.predictions)))
    head = ("Model, threshold", "Silent below", "Photos", "Answered", "Share answered", "Wrong among the answers")
    return Table("Abstention", head, tuple(rows))


def reliability_text(name: str, when: str, curve: ReliabilityCurve) -> str:
    """Return a reliability diagram in words."""
    bins = [
        f"score {100 * score:.0f}: right {100 * right:.0f} %, n = {n:,}"
        for score, right, n in zip(curve.confidence, curve.accuracy, curve.n, strict=True)
        if n
    ]
    return f"{name}, {when} temperature scaling. " + "; ".join(bins)


def risk_text(lines: Sequence[RiskLine]) -> str:
    """Return the marked points of the risk-coverage curves in words."""
    parts = [
        f"{line.name}, all photos: {100 * line.curve.error[-1]:.1f} % wrong; "
        + "; ".join(
            f"{name} {100 * found.threshold:.1f}: {100 * found.coverage:.1f} % answered, "
            + ("nothing left" if found.error is None else f"{100 * found.error:.1f} % wrong")
            for name, found in line.marks
        )
        for line in lines
    ]
    return ". ".join(parts)


def _bin(name: str, when: str, curve: ReliabilityCurve, i: int) -> tuple[Cell, ...]:
    right = Estimate(float(curve.accuracy[i]), curve.intervals[i])
    low, high = float(curve.edges[i]), float(curve.edges[i + 1])
    return (name, when, low, high, int(curve.n[i]), float(curve.confidence[i]), right)


def _abstention(name: str, kept: Abstention, n: int) -> tuple[Cell, ...]:
    error = None if kept.error is None else Estimate(kept.error, kept.interval)
    return (name, kept.threshold, n, kept.n, kept.coverage, error)
