"""The figures of the section Outside photos as tables and words; no Streamlit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.evaluation.curves import Rate, rates_at, roc_curve
from dermnet_core.evaluation.intervals import wilson
from dermnet_core.evaluation.malignancy import decided_by_code, malignant, malignant_classes, malignant_score
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.transfer import Transfer, occurring, restrict, transfer
from dermnet_core.i18n import N_, _, count, decimal, percent, retold
from dermnet_core.labels import display_name
from dermnet_ui.evaluation.selection import VIEW_NAMES
from dermnet_ui.evaluation.tables import Cell, Estimate, Table

FEW = 30
"""A share of fewer photos than this says next to nothing."""
DIAGNOSIS, FITZPATRICK, PATIENT = "diagnosis", "fitzpatrick", "patient"
_OWN_LABELS = (DIAGNOSIS, "label")
CODES = {
    "ACK": N_("actinic keratosis"),
    "BCC": N_("basal cell carcinoma"),
    "MEL": N_("melanoma"),
    "NEV": N_("nevus"),
    "SCC": N_("squamous cell carcinoma"),
    "SEK": N_("seborrheic keratosis"),
}


@dataclass(frozen=True, eq=False)
class OutsideSide:
    """What one model answered to the outside photos, and at home to photos of the same classes."""

    evaluation: Evaluation
    name: str
    colour: str
    predictions: Predictions
    some: Predictions
    """With the scores of the occurring classes alone."""
    there: Transfer
    home: Transfer | None
    """None when no evaluation of the same model on the atlas is here, or it lacks one of the classes."""


@dataclass(frozen=True, eq=False)
class Outside:
    """An outside set with the answers of one or two models; all sides hold the same photos."""

    title: str
    photos: str
    """What the photos of the comparison are called; empty without one."""
    view: str
    """Of the comparison."""
    classes: tuple[str, ...]
    sides: tuple[OutsideSide, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Return one attribute of each photo."""
        return self.sides[0].evaluation.attribute(name)

    @property
    def home(self) -> str:
        """What the photos of the comparison are, such as "DermNet test photos (clean)"; empty without one."""
        return f"{retold(self.photos)} ({_(VIEW_NAMES[self.view]).lower()})" if self.photos else ""

    @property
    def home_note(self) -> str:
        """The line below the title of a chart that compares with home; empty without a comparison."""
        return _("home: {photos}, same classes").format(photos=self.home) if self.photos else ""

    @property
    def some_note(self) -> str:
        """The line below the title of a chart of rows."""
        return _("choosing among {n} classes; lines: 95 % intervals").format(n=len(self.classes))

    @property
    def known(self) -> int:
        """How many classes the models know."""
        return len(self.sides[0].predictions.classes)


def outside_side(
    evaluation: Evaluation, name: str, colour: str, home: Predictions | None, home_groups: NDArray[np.int64] | None
) -> OutsideSide:
    """Return the figures of one model.

    Raises:
        ArtifactError: the photos are of one class only, or a score is not finite.
    """
    predictions = evaluation.predictions()
    classes = occurring(predictions)
    fits = home is not None and set(classes) <= set(occurring(home))
    return OutsideSide(
        evaluation, name, colour, predictions, restrict(predictions, classes),
        transfer(predictions, classes, evaluation.groups),
        transfer(home, classes, home_groups) if home is not None and fits else None,
    )  # fmt: skip


def summary(found: Outside) -> str:
    """Return what the set is, in one sentence."""
    n, patients = len(found.sides[0].predictions), len(set(found.values(PATIENT)) - {""})
    of_patients = _("{title}: {n} photos of {patients} patients, of {some} of the {known} classes.")
    said = of_patients if patients else _("{title}: {n} photos, of {some} of the {known} classes.")
    return said.format(
        title=found.title, n=count(n), patients=count(patients), some=len(found.classes), known=found.known
    )


def fall_sentences(found: Outside) -> tuple[str, ...]:
    """Return in plain words how each model does there and at home on the same classes; nothing without figures there.

    The first sentence is of the task as it is, among all classes; the second asks for the occurring classes alone.
    """
    compared = [side for side in found.sides if side.home is not None]
    if not compared:
        return ()
    free = "; ".join(_fall(side, "among_all") for side in compared)
    some, guess = len(found.classes), 1 / len(found.classes)
    bound = "; ".join(_fall(side, "balanced") for side in compared)
    first = _("Free to name any of the {known} classes, {rights}.")
    second = _("Asked to choose among these {n} alone, and each class counted alike: {rights}. Guessing: {guess}.")
    return (
        first.format(known=found.known, rights=free),
        second.format(n=some, rights=bound, guess=percent(guess)),
    )


def headline_table(found: Outside) -> Table:
    """Return top-1 among all and among the occurring classes and the balanced accuracy, there and at home."""
    some, top1 = len(found.classes), _("Top-1 of {n} classes")
    balanced = _("Balanced accuracy, {n} classes")
    head = (_("Model, photos"), "n", top1.format(n=found.known), top1.format(n=some), balanced.format(n=some))
    rows: list[tuple[Cell, ...]] = []
    for side in found.sides:
        rows.append((f"{side.name}, {found.title}", *_transfer_cells(side.there)))
        if side.home:
            rows.append((f"{side.name}, {found.home}", *_transfer_cells(side.home)))
    return Table(N_("Outside photos"), head, tuple(rows))


def class_table(found: Outside) -> Table:
    """Return the share that is right per class of the atlas."""
    labels = [display_name(found.classes[i]) for i in found.sides[0].some.labels]
    order = [display_name(label) for label in found.classes]
    return _by(found, N_("Outside photos by class"), _("Class"), labels, [(name, name) for name in order])


def label_table(found: Outside) -> Table | None:
    """Return the share that is right per label of the source; None when there are no such labels."""
    labels = own_labels(found)
    if not labels:
        return None
    order = [(label, _code(label)) for label in sorted(set(labels))]
    return _by(found, N_("Outside photos by label of the source"), _("Label of the source"), labels, order)


def skin_table(found: Outside) -> Table | None:
    """Return the share that is right per Fitzpatrick type; None when no photo has one."""
    types = [value.removesuffix(".0") for value in found.values(FITZPATRICK)]
    if not any(types):
        return None
    named, unknown = _("Type {n}"), _("Not known")
    order = [(value, named.format(n=value) if value else unknown) for value in sorted(set(types), key=_known_first)]
    return _by(found, N_("Outside photos by Fitzpatrick type"), _("Fitzpatrick type"), types, order)


def few_sentence(table: Table) -> str:
    """Return which rows hold too few photos to say anything; an empty text when none does."""
    few = [f"{row[0]} ({row[1]})" for row in table.rows if isinstance(row[1], int) and row[1] < FEW]
    if not few:
        return ""
    said = _("Fewer than {n} photos: {rows}. Read nothing into these rows; their intervals say so too.")
    return said.format(n=FEW, rows=", ".join(few))


def mapping_table(found: Outside) -> Table | None:
    """Return which label of the source became which class."""
    labels = own_labels(found)
    if not labels:
        return None
    pairs = [(label, found.classes[i]) for label, i in zip(labels, found.sides[0].some.labels, strict=True)]
    rows = tuple((_code(label), display_name(name), pairs.count((label, name))) for label, name in sorted(set(pairs)))
    head = (_("Label of the source"), _("Class of the atlas"), _("Photos"))
    return Table(N_("Mapping"), head, rows, N_("Photos"))


def malignant_table(found: Outside) -> Table | None:
    """Return malignant or pre-malignant against the rest; None when the models or the photos do not allow it."""
    first, codes = found.sides[0].predictions, found.values(DIAGNOSIS)
    if not malignant_classes(first.classes) or not decided_by_code(codes):
        return None
    truth = malignant(first.files, first.labels, first.classes, codes)
    if truth.all() or not truth.any():
        return None
    rows = []
    for side in found.sides:
        score = malignant_score(side.predictions)
        curve, rates = roc_curve(score, truth), rates_at(score, truth, 0.5)
        auc = None if curve.auc is None else Estimate(curve.auc, curve.interval)
        rows.append(
            (side.name, int(truth.sum()), int((~truth).sum()), auc, _rate(rates.sensitivity), _rate(rates.specificity))
        )
    head = (_("Model"), _("Malignant or pre-malignant"), _("The rest"), "AUC", _("Sensitivity"), _("Specificity"))
    return Table(N_("Outside photos, malignant against the rest"), head, tuple(rows))


GROUPS: tuple[tuple[str, Callable[[Outside], Table | None]], ...] = (
    (N_("Right by class of the atlas"), class_table),
    (N_("Right by label of the source"), label_table),
    (N_("Right by Fitzpatrick type"), skin_table),
)
"""Titles of the charts of groups, translated where they are shown, and what makes their tables."""


def words(table: Table) -> str:
    """Return a table in words, for those who do not see its chart."""
    return "; ".join(
        f"{row[0]}, n = {row[1]}: " + ", ".join(f"{h} {c}" for h, c in zip(table.head[2:], row[2:], strict=True))
        for row in table.rows
    )


def tables(found: Outside) -> list[Table]:
    """Return every table of the section."""
    makers: tuple[Callable[[Outside], Table | None], ...] = (
        headline_table, class_table, label_table, malignant_table, skin_table, mapping_table,
    )  # fmt: skip
    return [table for make in makers if (table := make(found)) is not None]


def own_labels(found: Outside) -> tuple[str, ...]:
    """Return the source's own label of each photo; empty when it is not known."""
    return next((values for name in _OWN_LABELS if any(values := found.values(name))), ())


def _fall(side: OutsideSide, figure: str) -> str:
    there, home = (getattr(place, figure)[0] for place in (side.there, side.home))
    if there < home:
        said = _("{name} is right on {there} there and {home} at home ({points} points lower)")
    else:
        said = _("{name} is right on {there} there and {home} at home ({points} points higher)")
    points = decimal(abs(100 * there - 100 * home))
    return said.format(name=side.name, there=percent(there), home=percent(home), points=points)


def _transfer_cells(found: Transfer) -> tuple[Cell, ...]:
    return (found.n, *(Estimate(*pair) for pair in (found.among_all, found.among_some, found.balanced)))


def _by(found: Outside, title: str, name: str, values: Sequence[str], order: Sequence[tuple[str, str]]) -> Table:
    """Return the share that is right for each value, among all classes and among those that occur."""
    array = np.array(values)
    rows = []
    for value, shown in order:
        mask = array == value
        cells = [_right(p, mask) for side in found.sides for p in (side.predictions, side.some)]
        rows.append((shown, int(mask.sum()), *cells))
    some = len(found.classes)
    of = _("{name}, of {n}")
    head = [of.format(name=side.name, n=classes) for side in found.sides for classes in (found.known, some)]
    return Table(title, (name, "n", *head), tuple(rows), N_("Right, in per cent, with 95 % intervals"))


def _right(predictions: Predictions, mask: NDArray[np.bool_]) -> Estimate | None:
    n = int(mask.sum())
    if n == 0:
        return None
    hits = int((predictions.top == predictions.labels)[mask].sum())
    return Estimate(hits / n, wilson(hits, n))


def _rate(rate: Rate) -> Estimate | None:
    return None if rate.value is None else Estimate(rate.value, rate.interval)


def _code(label: str) -> str:
    return f"{label}, {_(CODES[label])}" if label in CODES else label


def _known_first(value: str) -> tuple[bool, str]:
    return (not value, value)
