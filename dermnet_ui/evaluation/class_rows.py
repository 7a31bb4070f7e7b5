"""Every class with the figures of both sides, in the order that a reader chooses; no Streamlit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dermnet_core.evaluation.intervals import Interval
from dermnet_core.i18n import N_, _, count
from dermnet_core.labels import display_name
from dermnet_ui.case import FEW_PHOTOS
from dermnet_ui.evaluation.selection import Selection, Side
from dermnet_ui.evaluation.tables import Cell, Estimate, Table
from dermnet_ui.evaluation.terms import PER_CLASS

BY_DIFFERENCE, BY_TEST, BY_TRAINING, BY_NAME = "difference", "test", "training", "name"
_COLUMNS = (
    N_("{name} test photos"),
    N_("{name} training photos"),
    N_("{name} recall"),
    N_("{name} precision"),
    N_("{name} f1"),
)
"""What the table says of each side: the counts, then the figures in the order of ``terms.PER_CLASS``."""


@dataclass(frozen=True)
class ClassScore:
    """One class in one side."""

    n: int
    """Photos of the class in the view."""
    named: int
    """Photos that the model named so at first."""
    train: int
    """Photos of the class that the model was trained on."""
    values: Mapping[str, float]
    """Keys as in ``terms.PER_CLASS``."""
    intervals: Mapping[str, Interval]

    def estimate(self, figure: str) -> Estimate | None:
        """Return a figure with its interval; None when the view holds no photo of the class."""
        return Estimate(self.values[figure], self.intervals[figure]) if self.n else None

    def of(self, figure: str) -> int:
        """Return how many photos a figure is a share of; for F1, the photos of the class."""
        return self.named if figure == "precision" else self.n


@dataclass(frozen=True)
class ClassRow:
    """One class with the scores of one or two sides."""

    label: str
    scores: tuple[ClassScore, ...]

    @property
    def name(self) -> str:
        """The display name."""
        return display_name(self.label)

    @property
    def shown(self) -> bool:
        """Whether the view holds photos of the class, for each side."""
        return all(score.n for score in self.scores)

    @property
    def thin(self) -> bool:
        """Whether a model was trained on few photos of the class."""
        return any(score.train < FEW_PHOTOS for score in self.scores)

    @property
    def tests(self) -> str:
        """Photos of the class in the view; both counts where they differ."""
        return _counts(score.n for score in self.scores)

    @property
    def trains(self) -> str:
        """Photos of the class in training; both counts where they differ."""
        return _counts(score.train for score in self.scores)

    def difference(self, figure: str) -> float:
        """Return a figure of the last side minus that of the first; 0 with a single side."""
        return self.scores[-1].values[figure] - self.scores[0].values[figure]


def class_rows(selection: Selection) -> tuple[ClassRow, ...]:
    """Return a row for each class, in the order of the classes."""
    sides = [_scores(side) for side in selection.sides]
    return tuple(ClassRow(label, tuple(side[label] for side in sides)) for label in selection.classes)


def orders(selection: Selection) -> dict[str, str]:
    """Return the sort orders that make sense, by key: what they are called."""
    between = {BY_DIFFERENCE: _("Difference")} if len(selection.sides) == 2 else {}
    own = {str(place): side.name for place, side in enumerate(selection.sides)}
    return {**between, **own, BY_TEST: _("Test photos"), BY_TRAINING: _("Training photos"), BY_NAME: _("Name")}


def arranged(rows: Sequence[ClassRow], figure: str, order: str) -> list[ClassRow]:
    """Return the rows in an order of ``orders``, the largest first; classes without photos in the view come last."""
    keys: Mapping[str, float] = {row.label: _size(row, figure, order) for row in rows}
    return sorted(rows, key=lambda row: (not row.shown, -keys[row.label], row.name))


def class_table(selection: Selection) -> Table:
    """Return precision, recall and F1 of each class with intervals; None where the view holds no photo of it."""
    head, rows = [_("Class"), _("Folder")], class_rows(selection)
    cells: list[list[Cell]] = [[row.name, row.label] for row in rows]
    for place, side in enumerate(selection.sides):
        head += [_(words).format(name=side.name) for words in _COLUMNS]
        for cell, row in zip(cells, rows, strict=True):
            score = row.scores[place]
            cell += [score.n, score.train, *(score.estimate(figure) for figure in PER_CLASS)]
    return Table(N_("Figures by class"), tuple(head), tuple(tuple(cell) for cell in cells))


def _scores(side: Side) -> dict[str, ClassScore]:
    named = [sum(column) for column in zip(*side.view.confusion, strict=True)]
    found = zip(side.view.figures.per_class, side.view.class_intervals, named, strict=True)
    return {
        figures.label: ClassScore(
            figures.n,
            times,
            side.about.train_counts.get(figures.label, 0),
            {figure: getattr(figures, figure) for figure in PER_CLASS},
            {figure: getattr(intervals, figure) for figure in PER_CLASS},
        )
        for figures, intervals, times in found
    }


def _size(row: ClassRow, figure: str, order: str) -> float:
    if order == BY_DIFFERENCE:
        return row.difference(figure)
    if order == BY_TEST:
        return row.scores[0].n
    if order == BY_TRAINING:
        return row.scores[0].train
    return 0.0 if order == BY_NAME else row.scores[int(order)].values[figure]


def _counts(counts: Iterable[int]) -> str:
    return " / ".join(count(n) for n in dict.fromkeys(counts))
