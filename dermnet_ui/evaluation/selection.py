"""One or two evaluations in one view, with the figures that every section of the page shows; no Streamlit."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.compare import common
from dermnet_core.evaluation.predictions import Predictions
from dermnet_core.evaluation.record import About, Evaluation
from dermnet_core.evaluation.report import View
from dermnet_core.evaluations import StoredEvaluation
from dermnet_core.i18n import N_, _, count, day, retold, together
from dermnet_ui.case import MODEL_COLOURS, SHORT_NAMES

SECOND_COLOURS = {"separable_cnn": "#56B4E9", "mobilenet_v2": "#E69F00"}
"""For the second of two evaluations of one architecture: the lighter neighbours in Okabe and Ito's palette."""

OUTSIDE = "outside"
"""What ``About.split`` says of photos from another source."""
VIEW_TITLES = {
    "official": N_("Official: all test photos"),
    "clean": N_("Clean: no byte copies of training photos"),
    "blocked": N_("Blocked: also no near duplicates or series neighbours"),
}
DERMNET_PHOTOS = N_("DermNet test photos")
"""What the shipped evaluations call their photos; ``retold`` translates ``About.photos`` where it is shown."""
VIEW_NAMES = {"official": N_("Official"), "clean": N_("Clean"), "blocked": N_("Blocked")}
_NOTES = {
    "official": N_("Official photos, n = {n}; 95 % intervals"),
    "clean": N_("Clean photos, n = {n}; 95 % intervals"),
    "blocked": N_("Blocked photos, n = {n}; 95 % intervals"),
    OUTSIDE: N_("Outside photos, n = {n}; 95 % intervals"),
}


@dataclass(frozen=True, eq=False)
class Side:
    """One evaluation in one view."""

    evaluation: Evaluation
    name: str
    """How it is called on the page; the two sides have different names."""
    colour: str
    """For marks, never for text."""
    predictions: Predictions
    """Of the view, calibrated."""
    view: View
    """Figures, intervals and confusion counts of the view."""

    @property
    def about(self) -> About:
        """Which model answered, and to which photos."""
        return self.evaluation.about


@dataclass(frozen=True, eq=False)
class Selection:
    """What the page shows: one side, or two to compare, in one view."""

    sides: tuple[Side, ...]
    view: str
    """A key of ``VIEW_TITLES``."""

    @property
    def key(self) -> str:
        """Return what tells this selection from all others, for caches."""
        return " ".join([self.view, *(side.evaluation.key for side in self.sides)])

    @property
    def paired(self) -> bool:
        """Whether there are two sides that answered the same photos with the same classes."""
        if len(self.sides) != 2:
            return False
        first, second = (side.predictions for side in self.sides)
        same = first.files == second.files and first.classes == second.classes
        return same and bool(np.array_equal(first.labels, second.labels))

    @property
    def pair(self) -> tuple[Predictions, Predictions] | None:
        """Return what the two sides answered to the photos that both hold, in one order; None when there are none.

        For what compares photo by photo: paired tests and disagreements. ``mismatch`` says in words what is left out.
        """
        if len(self.sides) != 2:
            return None
        first, second = (side.predictions for side in self.sides)
        try:
            return (first, second) if self.paired else common(first, second)
        except ArtifactError:  # the page says so with ``mismatch``
            return None

    @property
    def note(self) -> str:
        """Return the view and its number of photos, the line below the title of a chart."""
        counts = dict.fromkeys(count(len(side.predictions)) for side in self.sides)
        outside = all(side.about.split == OUTSIDE for side in self.sides)
        return _(_NOTES[OUTSIDE if outside else self.view]).format(n=together(counts))

    @property
    def classes(self) -> tuple[str, ...]:
        """Class folders, in the order of the first side."""
        return self.sides[0].evaluation.classes


def mismatch(selection: Selection) -> str:
    """Return what to know when the two sides did not answer the same photos; an empty text when they did."""
    if len(selection.sides) != 2 or selection.paired:
        return ""
    first, second = selection.sides
    pair = selection.pair
    if pair is None:
        sentence = _(
            "The two evaluations are of different photos: {n} of {photos} ({first}) and {m} of {others} ({second}), "
            "none of them in both with the same class. What compares photo by photo is left out."
        )
    else:
        sentence = _(
            "The two evaluations are of different photos: {n} of {photos} ({first}) and {m} of {others} ({second}), "
            "{both} of them in both. What compares photo by photo uses these; every other figure uses each one's own "
            "photos, so a difference may come from the photos."
        )
    return sentence.format(
        n=count(len(first.predictions)), photos=retold(first.about.photos), first=first.name,
        m=count(len(second.predictions)), others=retold(second.about.photos), second=second.name,
        both=count(len(pair[0]) if pair else 0),
    )  # fmt: skip


def aligned(evaluation: Evaluation, classes: Sequence[str]) -> Evaluation:
    """Return an evaluation with its classes in another order.

    Raises:
        ArtifactError: it was made with other classes.
    """
    if evaluation.classes == tuple(classes):
        return evaluation
    if set(evaluation.classes) != set(classes):
        raise ArtifactError(
            _(
                "Expected the {n} classes of the first evaluation, found {m} others in that of {model} on {photos}. "
                "Compare models of the same classes."
            ).format(
                n=len(classes),
                m=len(evaluation.classes),
                model=evaluation.about.model,
                photos=retold(evaluation.about.photos),
            )
        )
    order = np.array([evaluation.classes.index(label) for label in classes])
    place = np.argsort(order)
    return dataclasses.replace(
        evaluation, classes=tuple(classes), logits=evaluation.logits[:, order], labels=place[evaluation.labels]
    )


def names(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return a short name for each evaluation, all different."""
    short = [SHORT_NAMES.get(entry.about.architecture, entry.about.title) for entry in evaluations]
    if len(set(short)) == len(short):
        return short
    full = [f"{name} {entry.about.model}" for name, entry in zip(short, evaluations, strict=True)]
    if len(set(full)) == len(full):
        return full
    by_photos = [f"{name}, {retold(entry.about.photos)}" for name, entry in zip(short, evaluations, strict=True)]
    if len(set(by_photos)) == len(by_photos):
        return by_photos
    longest = [f"{name}, {retold(entry.about.photos)}" for name, entry in zip(full, evaluations, strict=True)]
    if len(set(longest)) == len(longest):
        return longest
    return [f"{name} ({number})" for number, name in enumerate(short, start=1)]


def colours(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return a colour for each evaluation: that of its architecture; the second of one architecture gets a lighter."""
    found: list[str] = []
    for entry in evaluations:
        first = MODEL_COLOURS.get(entry.about.architecture, "#777777")
        found.append(SECOND_COLOURS.get(entry.about.architecture, "#AAAAAA") if first in found else first)
    return found


def titles(found: Sequence[StoredEvaluation]) -> list[str]:
    """Return what to call each evaluation in a list: model, photos, day, and the folder where these are the same."""
    shown = [_title(entry.about) for entry in found]
    return [
        _("{title}, folder {folder}").format(title=title, folder=entry.name) if shown.count(title) > 1 else title
        for title, entry in zip(shown, found, strict=True)
    ]


def view_title(view: str, evaluations: Sequence[Evaluation]) -> str:
    """Return the short name of a view and how many photos each evaluation holds in it."""
    counts = dict.fromkeys(count(int(entry.mask(view).sum())) for entry in evaluations)
    outside = all(entry.about.split == OUTSIDE for entry in evaluations)
    title = _("All photos") if outside else _(VIEW_NAMES[view])
    return f"{title} ({together(counts)})"


def _title(about: About) -> str:
    name = SHORT_NAMES.get(about.architecture, about.title)
    full = name if about.model == about.architecture else f"{name} {about.model}"
    return _("{model} on {photos}, {day}").format(model=full, photos=retold(about.photos), day=day(about.created))
