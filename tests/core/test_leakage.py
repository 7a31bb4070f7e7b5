"""How often a model is right by what the training photos hold of a photo; what the original report claims."""

import dataclasses

import pytest

from dermnet_core.evaluation.intervals import wilson
from dermnet_core.evaluation.leakage import COPIES, NEAR, NEW, OTHERS, parts
from dermnet_core.evaluation.original import CLAIMS, PHOTOS
from dermnet_core.paths import ROOT
from tests.core.evaluations import evaluation


def test_parts_are_all_photos_and_agree_with_the_predictions_of_the_views():
    found = evaluation(40)
    by_name = {part.name: part for part in parts(found)}
    assert list(by_name) == [COPIES, NEAR, NEW]
    assert sum(part.n for part in by_name.values()) == 40
    for view, names in {"official": (COPIES, NEAR, NEW), "clean": (NEAR, NEW), "blocked": (NEW,)}.items():
        answers = found.predictions(view)
        assert sum(by_name[name].hits for name in names) == (answers.top == answers.labels).sum()
    new = by_name[NEW]
    assert new.accuracy == new.hits / new.n
    assert new.interval == wilson(new.hits, new.n)


def test_without_near_duplicates_there_are_copies_and_others_and_without_masks_nothing():
    found = evaluation(40)
    clean = dataclasses.replace(found, masks={"clean": found.masks["clean"]})
    assert [(part.name, part.n) for part in parts(clean)] == [(COPIES, 10), (OTHERS, 30)]
    assert parts(dataclasses.replace(found, masks={})) == ()


def test_a_part_without_photos_is_left_out():
    found = evaluation(40)
    masks = {"clean": found.masks["clean"] | True, "blocked": found.masks["blocked"]}
    assert [part.name for part in parts(dataclasses.replace(found, masks=masks))] == [NEAR, NEW]


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_claims_are_those_of_the_document(claim):
    words = (ROOT / "docs" / "ORIGINAL.md").read_text(encoding="utf-8")
    assert f"{claim.text.replace('–', '-')} %" in words
    assert f"{PHOTOS:,}" in words
