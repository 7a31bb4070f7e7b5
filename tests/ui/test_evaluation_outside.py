from dataclasses import replace

import numpy as np
import pytest

from dermnet_core.evaluation.malignancy import MALIGNANT_CLASS, MELANOMA_CLASS
from dermnet_core.evaluation.record import Evaluation
from dermnet_ui.charts_outside import fall_chart, rows_chart
from dermnet_ui.evaluation.outside_figures import (
    Outside,
    class_table,
    fall_sentences,
    few_sentence,
    headline_table,
    label_table,
    malignant_table,
    mapping_table,
    outside_side,
    skin_table,
    summary,
    tables,
)
from dermnet_ui.evaluation.tables import Estimate
from tests.core.evaluations import evaluation

CLASSES = ("Eczema Photos", MALIGNANT_CLASS, MELANOMA_CLASS, "Warts")
CODES = {1: ("BCC", "ACK"), 2: ("MEL", "NEV")}


def answers(seed: int, **changes: str) -> Evaluation:
    """Return 90 photos of two of four classes, three a patient."""
    found = evaluation(90, CLASSES, seed, split="outside", photos="elsewhere", **changes)
    labels = 1 + np.arange(90) % 2
    codes = tuple(CODES[int(label)][i // 2 % 2] for i, label in enumerate(labels))
    patients, types = tuple(f"p{i // 3}" for i in range(90)), tuple("2.0" if i < 80 else "6.0" for i in range(90))
    logits = found.logits + 3 * np.eye(4, dtype=np.float32)[labels]
    return replace(found, labels=labels, logits=logits, masks={}, groups=np.arange(90) // 3,
                   attributes={"diagnosis": codes, "patient": patients, "fitzpatrick": types})  # fmt: skip


@pytest.fixture(scope="module")
def outside() -> Outside:
    home = evaluation(120, CLASSES, 5).predictions("clean")
    sides = [
        outside_side(answers(seed), name, colour, home, None)
        for seed, (name, colour) in enumerate((("CNN", "#0072B2"), ("MobileNetV2", "#D55E00")))
    ]
    return Outside("elsewhere", "made up", "clean", tuple(sides[0].some.classes), tuple(sides))


def test_the_sentence_says_what_the_photos_are(outside: Outside):
    assert summary(outside) == "elsewhere: 90 photos of 30 patients, of 2 of the 4 classes."


def test_the_fall_has_the_numbers_of_both_and_the_right_word(outside: Outside):
    free, bound = fall_sentences(outside)
    assert free.startswith("Free to name any of the 4 classes")
    assert bound.endswith("Guessing: 50.0 %.")
    for side in outside.sides:
        assert side.home is not None
        for sentence, figure in ((free, "among_all"), (bound, "balanced")):
            there, home = (100 * getattr(place, figure)[0] for place in (side.there, side.home))
            word = f"{abs(there - home):.1f} points {'lower' if there < home else 'higher'}"
            assert f"{side.name} is right on {there:.1f} % there and {home:.1f} % at home ({word})" in sentence


def test_without_figures_at_home_no_fall_is_claimed(outside: Outside):
    alone = replace(outside, sides=tuple(replace(side, home=None) for side in outside.sides))
    assert fall_sentences(alone) == ()
    assert len(headline_table(alone).rows) == 2
    assert len(fall_chart(alone).data) == 2 + 4


def test_groups_add_up_to_all_photos(outside: Outside):
    for table in (class_table(outside), label_table(outside), skin_table(outside), mapping_table(outside)):
        assert table is not None
        column = 2 if table.title == "Mapping" else 1
        assert sum(int(row[column]) for row in table.rows) == 90  # type: ignore[arg-type]


def test_the_figures_of_a_label_are_those_of_its_photos(outside: Outside):
    table = label_table(outside)
    assert table is not None
    melanoma = next(row for row in table.rows if row[0] == "MEL, melanoma")
    side = outside.sides[1]
    mask = np.array(side.evaluation.attribute("diagnosis")) == "MEL"
    right = side.some.top == side.some.labels
    assert isinstance(melanoma[5], Estimate)
    assert melanoma[5].value == pytest.approx(right[mask].mean())


def test_small_groups_are_named_in_words(outside: Outside):
    table = skin_table(outside)
    assert table is not None
    assert [row[0] for row in table.rows] == ["Type 2", "Type 6"]
    assert "Type 6 (10)" in few_sentence(table)
    assert "Type 2" not in few_sentence(table)


def test_the_source_decides_what_is_malignant(outside: Outside):
    table = malignant_table(outside)
    assert table is not None
    codes = outside.values("diagnosis")
    assert table.rows[0][1:3] == (sum(c != "NEV" for c in codes), codes.count("NEV"))


def test_what_is_not_known_is_left_out(outside: Outside):
    bare = replace(outside, sides=tuple(
        replace(side, evaluation=replace(side.evaluation, attributes={})) for side in outside.sides
    ))  # fmt: skip
    assert label_table(bare) is None
    assert skin_table(bare) is None
    assert mapping_table(bare) is None
    assert malignant_table(bare) is None  # a file name of another source does not tell a melanoma from a nevus
    assert "patients" not in summary(bare)
    assert len(tables(bare)) < len(tables(outside))


def test_labels_of_the_source_are_no_markup(outside: Outside):
    table = label_table(outside)
    assert table is not None
    named = replace(table, rows=tuple(("<b>x</b>", *row[1:]) for row in table.rows))
    texts = [note.text for note in rows_chart(outside, named).layout.annotations]
    assert any("&lt;b>x&lt;/b>" in text for text in texts)
    assert not any("<b>x</b>" in text for text in texts)


def test_the_chart_has_the_figures_there_and_at_home(outside: Outside):
    names = {trace.name: trace for trace in fall_chart(outside).data}
    side = outside.sides[0]
    assert side.home is not None
    assert names["CNN outside"].x[2] == pytest.approx(100 * side.there.balanced[0])
    assert names["CNN home"].x[2] == pytest.approx(100 * side.home.balanced[0])
    table = class_table(outside)
    first = rows_chart(outside, table).data[0]
    assert [f"{x:.6f}" for x in first.x] == [f"{100 * row[3].value:.6f}" for row in table.rows]  # type: ignore[union-attr]
