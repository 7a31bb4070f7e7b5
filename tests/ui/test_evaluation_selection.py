from dataclasses import replace

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.report import score
from dermnet_core.evaluations import StoredEvaluation
from dermnet_core.paths import ROOT
from dermnet_ui.evaluation.selection import Selection, Side, aligned, colours, mismatch, names, titles, view_title
from tests.core.evaluations import CLASSES, about, evaluation


def select(*found: Evaluation, view: str = "official") -> Selection:
    sides = zip(found, names(found), colours(found), strict=True)
    return Selection(
        tuple(Side(entry, name, colour, entry.predictions(view), score(entry, view)) for entry, name, colour in sides),
        view,
    )


def part(found: Evaluation, start: int, stop: int) -> Evaluation:
    """Return some of the photos."""
    return replace(found, files=found.files[start:stop], labels=found.labels[start:stop],
                   logits=found.logits[start:stop], masks={}, groups=None, attributes={})  # fmt: skip


def test_the_same_photos_need_no_words():
    selection = select(evaluation(seed=0), evaluation(seed=1, architecture="mobilenet_v2"))
    assert selection.paired
    assert mismatch(selection) == ""
    assert selection.pair is not None
    assert mismatch(select(evaluation())) == ""


def test_other_photos_are_compared_where_both_hold_them():
    whole = evaluation(seed=1, architecture="mobilenet_v2")
    selection = select(evaluation(seed=0), part(whole, 10, 25))
    assert not selection.paired
    assert selection.pair is not None
    assert len(selection.pair[0]) == 15
    assert selection.pair[0].files == selection.pair[1].files
    assert "40 of made up, test (CNN) and 15 of made up, test (MobileNetV2), 15 of them in both" in mismatch(selection)


def test_without_common_photos_nothing_is_paired():
    whole = evaluation(seed=1, architecture="mobilenet_v2")
    selection = select(part(evaluation(seed=0), 0, 10), part(whole, 10, 25))
    assert selection.pair is None
    assert "none of them in both" in mismatch(selection)


def test_classes_in_another_order_are_put_in_order():
    found = evaluation()
    order = [2, 0, 1]
    turned = replace(found, classes=tuple(CLASSES[i] for i in order), logits=found.logits[:, order],
                     labels=np.argsort(order)[found.labels])  # fmt: skip
    again = aligned(turned, CLASSES)
    assert again.classes == CLASSES
    np.testing.assert_array_equal(again.labels, found.labels)
    np.testing.assert_array_equal(again.logits, found.logits)


def test_other_classes_are_refused_with_a_remedy():
    with pytest.raises(ArtifactError, match="Compare models of the same classes"):
        aligned(evaluation(), ("Acne", "Eczema"))


def test_names_differ_whatever_is_compared():
    one = evaluation(model="a")
    for other in (evaluation(model="b"), evaluation(model="a", photos="elsewhere"), evaluation(seed=3, model="a")):
        assert len(set(names([one, other]))) == 2
        assert len(set(colours([one, other]))) == 2


def test_titles_tell_model_photos_and_day_and_the_folder_where_needed():
    stored = [
        StoredEvaluation(ROOT / name, about(model=model, photos="DermNet test photos"))
        for name, model in (("first", "separable_cnn"), ("second", "separable_cnn"), ("third", "wide"))
    ]
    assert titles(stored) == [
        "CNN on DermNet test photos, 1 January 2026, folder first",
        "CNN on DermNet test photos, 1 January 2026, folder second",
        "CNN wide on DermNet test photos, 1 January 2026",
    ]


def test_a_view_carries_the_photos_of_both():
    first, second = evaluation(40), evaluation(20)
    assert view_title("clean", [first, second]) == "Clean (30 and 15)"
    assert view_title("official", [first, first]) == "Official (40)"
    outside = evaluation(40, split="outside")
    assert view_title("official", [outside]) == "All photos (40)"
