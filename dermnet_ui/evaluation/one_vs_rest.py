"""One class, or the group of malignant classes, against the rest, as one side answered; no Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.evaluation.curves import Rates, rates_at
from dermnet_core.evaluation.malignancy import decided_by_code, malignant, malignant_classes, malignant_score
from dermnet_core.i18n import N_, _
from dermnet_core.labels import display_name
from dermnet_ui.evaluation.selection import OUTSIDE, Selection, Side
from dermnet_ui.evaluation.tables import Cell, Estimate, Table
from dermnet_ui.evaluation.terms import RATES

MALIGNANT, MALIGNANT_TITLE = "malignant", N_("Malignant or pre-malignant against the rest")
REST = N_("Other classes")
_COUNTS: Mapping[str, str] = {
    "tp": N_("Reach it and belong here"),
    "fp": N_("Reach it, belong to the rest (false alarms)"),
    "fn": N_("Stay below, belong here (missed)"),
    "tn": N_("Stay below and belong to the rest"),
}


@dataclass(frozen=True, eq=False)
class Target:
    """The n photos of one side's view: which belong to the class or group, and what the model made of it."""

    side: Side
    scores: NDArray[np.float64]
    """(n,) of the class, or the sum over the classes of the group; 0 to 1."""
    truth: NDArray[np.bool_]
    """(n,) whether a photo belongs to it."""
    first: NDArray[np.bool_]
    """(n,) whether the model's first answer is the class, or one of the group."""

    @property
    def positives(self) -> int:
        """How many photos belong to it."""
        return int(self.truth.sum())

    @property
    def first_answers(self) -> Rates:
        """What the first answers do, without any threshold."""
        return rates_at(self.first.astype(np.float64), self.truth, 0.5)


@dataclass(frozen=True)
class Flow:
    """How many photos a class of the atlas sent or got, for each side."""

    title: str
    counts: tuple[int, ...]


def options(selection: Selection) -> dict[str, str]:
    """Return what can be looked at, by key: the group where models and photos tell it, then each class by name."""
    told = malignant_classes(selection.classes) and all(_tells_group(side) for side in selection.sides)
    group = {MALIGNANT: _(MALIGNANT_TITLE)} if told else {}
    return {**group, **{label: display_name(label) for label in sorted(selection.classes, key=display_name)}}


def targets(selection: Selection, option: str) -> tuple[Target, ...]:
    """Return a target for each side; ``option`` is a key of ``options``."""
    if option == MALIGNANT:
        return tuple(_group(side, selection.view) for side in selection.sides)
    return tuple(_one(side, option) for side in selection.sides)


def sent(found: Sequence[Target], option: str) -> list[Flow]:
    """Return what the photos of the class or group were called at first, the class itself on top."""
    return _flows(
        found, option, [np.bincount(_tops(target)[target.truth], minlength=_size(target)) for target in found]
    )


def got(found: Sequence[Target], option: str) -> list[Flow]:
    """Return which classes' photos were called this class at first; for the group, of the photos of the rest."""
    asked = [target.first & ~target.truth if option == MALIGNANT else target.first for target in found]
    labels = [target.side.predictions.labels[mask] for target, mask in zip(found, asked, strict=True)]
    counts = [np.bincount(own, minlength=_size(target)) for target, own in zip(found, labels, strict=True)]
    return _flows(found, option, counts)


def rates_table(found: Sequence[Target], rates: Sequence[Rates], title: str, *, explained: bool = True) -> Table:
    """Return sensitivity, specificity, predictive values and counts of each side, with what they mean or without."""
    rows: list[tuple[Cell, ...]] = [
        (term.title, *(_estimate(entry, name) for entry in rates)) for name, term in RATES.items()
    ]
    rows += [(_(words), *(int(getattr(entry, name)) for entry in rates)) for name, words in _COUNTS.items()]
    notes = (*(term.meaning for term in RATES.values()), *([""] * len(_COUNTS))) if explained else ()
    caption = N_("Per cent, with 95 % intervals; below, counts of photos")
    return Table(title, ("", *(target.side.name for target in found)), tuple(rows), caption, notes)


def _tells_group(side: Side) -> bool:
    return side.about.split != OUTSIDE or decided_by_code(side.evaluation.attribute("diagnosis"))


def _one(side: Side, label: str) -> Target:
    place = side.predictions.classes.index(label)
    scores = side.predictions.scores[:, place].astype(np.float64)
    return Target(side, scores, side.predictions.labels == place, side.predictions.top == place)


def _group(side: Side, view: str) -> Target:
    found, attributes = side.predictions, side.evaluation.attributes
    codes = side.evaluation.attribute("diagnosis", view) if "diagnosis" in attributes else None
    truth = malignant(found.files, found.labels, found.classes, codes)
    return Target(side, malignant_score(found), truth, np.isin(found.top, malignant_classes(found.classes)))


def _flows(found: Sequence[Target], option: str, counts: Sequence[NDArray[np.int64]], limit: int = 7) -> list[Flow]:
    classes = found[0].side.predictions.classes
    flows = {label: tuple(int(count[i]) for count in counts) for i, label in enumerate(classes)}
    own = (
        [] if option == MALIGNANT else [Flow(_("{name} (right)").format(name=display_name(option)), flows.pop(option))]
    )
    others = sorted((label for label in flows if any(flows[label])), key=lambda label: -sum(flows[label]))
    named = [Flow(display_name(label), flows[label]) for label in others[:limit]]
    rest = tuple(sum(column) for column in zip(*(flows[label] for label in others[limit:]), strict=True))
    return [*own, *named, *([Flow(_(REST), rest)] if rest else [])]


def _tops(target: Target) -> NDArray[np.int64]:
    return target.side.predictions.top


def _size(target: Target) -> int:
    return len(target.side.predictions.classes)


def _estimate(rates: Rates, name: str) -> Estimate | None:
    rate = getattr(rates, name)
    return None if rate.value is None else Estimate(rate.value, rate.interval)
