"""Lists of photos of an evaluation and what the models answered to each of them; no Streamlit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.errors_found import confident_errors, disagreements
from dermnet_core.i18n import N_, _
from dermnet_core.inference import ClassScore
from dermnet_core.labels import display_name
from dermnet_ui.charts_confusion import Cell
from dermnet_ui.evaluation.selection import Selection, Side
from dermnet_ui.evaluation.tables import Cell as TableCell
from dermnet_ui.evaluation.tables import Table

Places = NDArray[np.int64]

ONLY_FIRST, ONLY_SECOND, NEITHER = "first", "second", "neither"
SURE, GAP = "sure", "gap"
ORDERS: Mapping[str, str] = {SURE: N_("Both sure first"), GAP: N_("Largest gap first")}
"""Of the photos on which two models disagree: by the lower of their two top scores, or by the distance of the two."""
_KINDS: Mapping[str, str] = {
    ONLY_FIRST: N_("Only {first} is right"),
    ONLY_SECOND: N_("Only {second} is right"),
    NEITHER: N_("Neither is right"),
}
_CELL, _ERRORS = N_("{true} called {predicted} by {who}"), N_("Errors of {name}")
_DISAGREEMENTS = N_("Disagreements: {kind}")


@dataclass(frozen=True, eq=False)
class Said:
    """What one model answered to one photo."""

    side: Side
    place: int
    """Of the photo in the side's predictions."""

    @property
    def first(self) -> str:
        """Return the class folder with the highest score."""
        predictions = self.side.predictions
        return predictions.classes[int(predictions.scores[self.place].argmax())]

    @property
    def score(self) -> float:
        """Return the highest score, 0 to 1."""
        return float(self.side.predictions.scores[self.place].max())

    @property
    def own(self) -> float:
        """Return the score of the class that the photo is filed under, 0 to 1."""
        predictions = self.side.predictions
        return float(predictions.scores[self.place, predictions.labels[self.place]])

    @property
    def right(self) -> bool:
        """Whether the first class is the one that the photo is filed under."""
        predictions = self.side.predictions
        return self.first == predictions.classes[int(predictions.labels[self.place])]

    def ranked(self, top: int) -> list[ClassScore]:
        """Return the ``top`` classes, best first."""
        predictions = self.side.predictions
        scores = predictions.scores[self.place]
        order = np.argsort(-scores, kind="stable")[:top]
        return [ClassScore(predictions.classes[i], int(i), float(scores[i])) for i in order]


@dataclass(frozen=True, eq=False)
class Answered:
    """One photo with the answers of the models that were asked."""

    file: str
    """Relative to the folder that was evaluated, with forward slashes."""
    label: str
    """Class folder that it is filed under."""
    said: tuple[Said, ...]

    @property
    def name(self) -> str:
        """Return the file's name without its folders."""
        return PurePosixPath(self.file).name


@dataclass(frozen=True, eq=False)
class PhotoList:
    """Photos in an order, and the one or two sides that answered them."""

    title: str
    """In the visitor's language."""
    name: str
    """In English: tells this list from others, and names its CSV file."""
    sides: tuple[Side, ...]
    places: tuple[int, ...]
    """Of the photos in the predictions of each side, the first one to show first."""

    def __len__(self) -> int:
        return len(self.places)

    def photo(self, place: int) -> Answered:
        """Return one photo by its place in the predictions."""
        predictions = self.sides[0].predictions
        label = predictions.classes[int(predictions.labels[place])]
        return Answered(predictions.files[place], label, tuple(Said(side, place) for side in self.sides))

    def photos(self, start: int, stop: int) -> list[Answered]:
        """Return a part of the list."""
        return [self.photo(place) for place in self.places[start:stop]]

    def kept(self, wanted: Callable[[Answered], bool]) -> "PhotoList":
        """Return the photos that are wanted, in their order."""
        return replace(self, places=tuple(place for place in self.places if wanted(self.photo(place))))

    def table(self) -> Table:
        """Return one row a photo, for the CSV file: its name, its class folder and what each model said."""
        head = ["file", "class"]
        for side in self.sides:
            head += [f"{side.name} first", f"{side.name} score", f"{side.name} score of the class"]
        rows = tuple(tuple(_row(self.photo(place))) for place in self.places)
        return Table(self.name, tuple(head), rows)


def answered_by(selection: Selection, side: Side) -> tuple[Side, ...]:
    """Return the sides that answered the photos of a side: both where they are the same photos."""
    return selection.sides if selection.paired else (side,)


def cell_photos(sides: Sequence[Side], callers: Sequence[Side], cell: Cell) -> PhotoList:
    """Return the photos in one cell of the confusion matrix, the surest answers first.

    Args:
        sides: who answered these photos.
        callers: whose matrix it is; of two, photos that one of them puts there are enough.
        cell: row and column, in the order of the classes.
    """
    classes = callers[0].predictions.classes
    hits = [(side.predictions.labels == cell.true) & (side.predictions.top == cell.predicted) for side in callers]
    scores = [side.predictions.scores[:, cell.predicted] for side in callers]
    places = np.flatnonzero(np.any(hits, axis=0))
    order = np.argsort(-np.max(scores, axis=0)[places], kind="stable")
    true, predicted = classes[cell.true], classes[cell.predicted]
    names = [side.name for side in callers]
    who = names[0] if len(names) == 1 else _("{first} or {second}").format(first=names[0], second=names[1])
    title = _(_CELL).format(true=display_name(true), predicted=display_name(predicted), who=who)
    name = _CELL.format(true=true, predicted=predicted, who=" or ".join(names))
    return PhotoList(title, name, tuple(sides), _ints(places[order]))


def answers_given(callers: Sequence[Side], true: int) -> list[int]:
    """Return to how many photos of a class each answer was given; of two callers, one is enough."""
    predictions = [side.predictions for side in callers]
    answers = [entry.top[entry.labels == true] for entry in predictions]
    return [
        int(np.any([given == place for given in answers], axis=0).sum()) for place in range(len(predictions[0].classes))
    ]


def error_photos(selection: Selection, side: Side) -> PhotoList:
    """Return the photos that one model got wrong, the surest answers first."""
    places = confident_errors(side.predictions)
    title, name = (words.format(name=side.name) for words in (_(_ERRORS), _ERRORS))
    return PhotoList(title, name, answered_by(selection, side), _ints(places))


def disagreement_photos(selection: Selection, kind: str, order: str) -> PhotoList:
    """Return the photos that the two models call differently.

    Args:
        selection: two sides with photos in common.
        kind: ONLY_FIRST, ONLY_SECOND or NEITHER: who is right.
        order: a key of ``ORDERS``.

    Raises:
        ArtifactError: the sides have no photo in common.
    """
    if selection.pair is None:
        raise ArtifactError(_("Expected two evaluations of the same photos, found none in both. Choose another one."))
    first, second = selection.pair
    sides = [replace(side, predictions=common) for side, common in zip(selection.sides, selection.pair, strict=True)]
    places = disagreements(first, second)
    right, also = first.top == first.labels, second.top == second.labels
    wanted = {ONLY_FIRST: right, ONLY_SECOND: also, NEITHER: ~right & ~also}[kind]
    places = places[wanted[places]]
    if order == GAP:
        gap = np.abs(first.confidence - second.confidence)
        places = places[np.argsort(-gap[places], kind="stable")]
    title = _(_DISAGREEMENTS).format(kind=kinds(selection)[kind])
    names = {"first": sides[0].name, "second": sides[1].name}
    name = _DISAGREEMENTS.format(kind=_KINDS[kind].format(**names))
    return PhotoList(title, name, tuple(sides), _ints(places))


def kinds(selection: Selection) -> dict[str, str]:
    """Return the kinds of disagreement in words, in the visitor's language."""
    first, second = (side.name for side in selection.sides)
    return {kind: _(words).format(first=first, second=second) for kind, words in _KINDS.items()}


def _row(photo: Answered) -> list[TableCell]:
    row: list[TableCell] = [photo.file, photo.label]
    for said in photo.said:
        row += [said.first, said.score, said.own]
    return row


def _ints(places: Places) -> tuple[int, ...]:
    return tuple(int(place) for place in places)
