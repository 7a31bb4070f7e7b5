"""Photos are split by what the training photos hold of them, and each photo is counted once."""

import dataclasses

import numpy as np

from dermnet_core.evaluation.intervals import wilson
from dermnet_core.evaluation.leakage import COPIES, NEAR, NEW, OTHERS, Part, parts
from dermnet_core.evaluation.metrics import figures
from tests.core.evaluations import evaluation

COPY, NEIGHBOUR = np.arange(40) < 10, np.arange(40) < 25


def with_masks(**masks):
    return dataclasses.replace(evaluation(), masks=masks)


def test_parts_are_disjoint_and_together_the_official_view() -> None:
    made = with_masks(clean=~COPY, blocked=~NEIGHBOUR)
    found = parts(made)
    assert [(part.name, part.n) for part in found] == [(COPIES, 10), (NEAR, 15), (NEW, 15)]
    assert sum(part.hits for part in found) == round(40 * figures(made.predictions()).top1)
    assert found[2].accuracy == figures(made.predictions("blocked")).top1
    assert found[2].interval == wilson(found[2].hits, 15)


def test_without_the_blocked_view_the_rest_is_one_part() -> None:
    found = parts(with_masks(clean=~COPY))
    assert [(part.name, part.n) for part in found] == [(COPIES, 10), (OTHERS, 30)]


def test_parts_without_photos_are_left_out_and_nothing_known_gives_none() -> None:
    everything = np.ones(40, dtype=bool)
    made = with_masks(clean=everything, blocked=everything)
    hits = round(40 * figures(made.predictions()).top1)
    assert parts(made) == (Part(NEW, 40, hits),)
    assert parts(with_masks()) == ()
