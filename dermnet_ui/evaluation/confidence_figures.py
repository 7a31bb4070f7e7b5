"""The figures of the section Confidence as tables and words; no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass

from dermnet_core.evaluation.intervals import bootstrap
from dermnet_core.evaluation.metrics import figures
from dermnet_core.evaluation.reliability import Abstention, ReliabilityCurve, abstain_at, reliability
from dermnet_core.i18n import N_, _, count, decimal, percent
from dermnet_ui.charts_confidence import RiskLine
from dermnet_ui.evaluation.selection import Side
from dermnet_ui.evaluation.tables import Cell, Estimate, Table

WHEN = {"before": N_("before"), "after": N_("after")}
"""Of temperature scaling."""
TITLES = {"before": N_("{name}: reliability before scaling"), "after": N_("{name}: reliability after scaling")}
"""Of the reliability diagrams."""
_SCALED = {"before": N_("{name}, before temperature scaling."), "after": N_("{name}, after temperature scaling.")}


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
    head = (_("Model"), "n", _("Temperature"), _("ECE before"), _("ECE after"), _("Brier before"), _("Brier after"))
    rows = tuple(
        (side.name, len(side.predictions), decimal(side.about.temperature, 2), entry.ece_before, entry.ece_after,
         entry.brier_before, entry.brier_after)
        for side, entry in zip(sides, found, strict=True)
    )  # fmt: skip
    return Table(N_("Calibration"), head, rows, N_("ECE in percentage points, with 95 % intervals"))


def bins_table(sides: Sequence[Side], found: Sequence[Calibration]) -> Table:
    """Return score, accuracy and photos of each bin."""
    rows = [
        _bin(side.name, when, curve, i)
        for side, entry in zip(sides, found, strict=True)
        for when, curve in (("before", entry.before), ("after", entry.after))
        for i in range(len(curve.n))
        if curve.n[i]
    ]
    head = (_("Model"), _("Scaling"), _("Score from"), _("Score to"), "n", _("Mean score"), _("Right"))
    caption = N_("Scores and shares in per cent, with 95 % intervals")
    return Table(N_("Reliability bins"), head, tuple(rows), caption)


def abstention_table(sides: Sequence[Side], chosen: Sequence[Abstention]) -> Table:
    """Return what a threshold of each side does, beside what the card's does."""
    rows: list[tuple[Cell, ...]] = []
    for side, kept in zip(sides, chosen, strict=True):
        card = abstain_at(side.predictions, side.about.abstain_below)
        rows.append(_abstention(_("{name}, card").format(name=side.name), card, len(side.predictions)))
        if kept.threshold != card.threshold:
            rows.append(_abstention(_("{name}, yours").format(name=side.name), kept, len(side.predictions)))
    head = (_("Model, threshold"), _("Silent below"), _("Photos"), _("Answered"), _("Share answered"),
            _("Wrong among the answers"))  # fmt: skip
    return Table(N_("Abstention"), head, tuple(rows))


def reliability_text(name: str, when: str, curve: ReliabilityCurve) -> str:
    """Return a reliability diagram in words."""
    words = _("score {score}: right {share}, n = {n}")
    bins = [
        words.format(score=decimal(100 * score, 0), share=percent(right, 0), n=count(n))
        for score, right, n in zip(curve.confidence, curve.accuracy, curve.n, strict=True)
        if n
    ]
    return f"{_(_SCALED[when]).format(name=name)} {'; '.join(bins)}"


def risk_text(lines: Sequence[RiskLine]) -> str:
    """Return the marked points of the risk-coverage curves in words."""
    parts = []
    for line in lines:
        all_photos = _("{name}, all photos: {share} wrong").format(name=line.name, share=percent(line.curve.error[-1]))
        parts.append("; ".join([all_photos, *(_mark_text(name, found) for name, found in line.marks)]))
    return ". ".join(parts)


def _mark_text(name: str, found: Abstention) -> str:
    if found.error is None:
        said = _("{name} {threshold}: {share} answered, nothing left")
    else:
        said = _("{name} {threshold}: {share} answered, {wrong} wrong")
    return said.format(
        name=_(name), threshold=decimal(100 * found.threshold), share=percent(found.coverage),
        wrong=percent(found.error or 0.0),
    )  # fmt: skip


def _bin(name: str, when: str, curve: ReliabilityCurve, i: int) -> tuple[Cell, ...]:
    right = Estimate(float(curve.accuracy[i]), curve.intervals[i])
    low, high = float(curve.edges[i]), float(curve.edges[i + 1])
    return (name, _(WHEN[when]), low, high, int(curve.n[i]), float(curve.confidence[i]), right)


def _abstention(name: str, kept: Abstention, n: int) -> tuple[Cell, ...]:
    error = None if kept.error is None else Estimate(kept.error, kept.interval)
    return (name, kept.threshold, n, kept.n, kept.coverage, error)
