import csv
import dataclasses
import io

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_ui.charts_confusion import Cell
from dermnet_ui.evaluation import cards
from dermnet_ui.evaluation.answers import (
    GAP,
    NEITHER,
    ONLY_FIRST,
    ONLY_SECOND,
    SURE,
    answered_by,
    answers_given,
    cell_photos,
    disagreement_photos,
    error_photos,
)
from dermnet_ui.evaluation.selection import Selection, Side
from tests.ui.evaluation_cases import make_selection


def half(side: Side) -> Side:
    mask = np.arange(len(side.predictions)) % 2 == 0
    return dataclasses.replace(side, predictions=side.predictions.select(mask))


def test_each_cell_holds_as_many_photos_as_the_matrix_says_surest_first():
    selection = make_selection()
    for side in selection.sides:
        for true, row in enumerate(side.view.confusion):
            assert answers_given([side], true) == list(row)
            for predicted, n in enumerate(row):
                found = cell_photos(selection.sides, [side], Cell(true, predicted))
                assert len(found) == n
                scores = [side.predictions.scores[place, predicted] for place in found.places]
                assert scores == sorted(scores, reverse=True)
                assert all(side.predictions.top[place] == predicted for place in found.places)


def test_the_cell_of_a_difference_holds_the_photos_of_either():
    sides = make_selection().sides
    cell = Cell(0, 1)
    either = cell_photos(sides, sides, cell)
    alone = [set(cell_photos(sides, [side], cell).places) for side in sides]
    assert set(either.places) == alone[0] | alone[1]
    assert answers_given(sides, 0)[1] == len(either)


def test_errors_are_wrong_and_surest_first():
    selection = make_selection()
    for number, side in enumerate(selection.sides):
        photos = error_photos(selection, side).photos(0, 999)
        assert len(photos) == int((side.predictions.top != side.predictions.labels).sum())
        assert not any(photo.said[number].right for photo in photos)
        scores = [photo.said[number].score for photo in photos]
        assert scores == sorted(scores, reverse=True)
        assert len(photos[0].said) == 2


def test_disagreements_by_who_is_right():
    selection = make_selection(n=200)
    first, second = (side.predictions for side in selection.sides)
    found = {kind: disagreement_photos(selection, kind, SURE) for kind in (ONLY_FIRST, ONLY_SECOND, NEITHER)}
    assert sum(map(len, found.values())) == int((first.top != second.top).sum())
    rights = {kind: {tuple(said.right for said in photo.said) for photo in entry.photos(0, 999)}
              for kind, entry in found.items()}  # fmt: skip
    assert rights == {ONLY_FIRST: {(True, False)}, ONLY_SECOND: {(False, True)}, NEITHER: {(False, False)}}


def test_disagreements_in_the_order_of_the_gap():
    photos = disagreement_photos(make_selection(n=200), ONLY_FIRST, GAP).photos(0, 999)
    gaps = [abs(photo.said[0].score - photo.said[1].score) for photo in photos]
    assert gaps == sorted(gaps, reverse=True)


def test_of_evaluations_of_different_photos_the_common_ones_are_compared():
    sides = make_selection(n=200).sides
    selection = Selection((sides[0], half(sides[1])), "official")
    assert not selection.paired
    assert [side.name for side in answered_by(selection, sides[0])] == [sides[0].name]
    photos = disagreement_photos(selection, ONLY_SECOND, SURE).photos(0, 999)
    assert photos
    by_file = {file: top for file, top in zip(sides[0].predictions.files, sides[0].predictions.top, strict=True)}
    for photo in photos:
        assert photo.file in selection.sides[1].predictions.files
        assert photo.said[0].first == selection.classes[by_file[photo.file]]


def test_nothing_in_common_is_said():
    side = make_selection().sides[0]
    with pytest.raises(ArtifactError, match="none in both"):
        disagreement_photos(Selection((side,), "official"), NEITHER, SURE)


def test_the_table_has_a_row_a_photo_with_both_answers():
    selection = make_selection()
    found = error_photos(selection, selection.sides[0])
    rows = list(csv.DictReader(io.StringIO(found.table().csv())))
    assert len(rows) == len(found)
    photo, names = found.photo(found.places[0]), [side.name for side in selection.sides]
    assert rows[0]["file"] == photo.file
    assert rows[0]["class"] == photo.label
    for name, said in zip(names, photo.said, strict=True):
        assert rows[0][f"{name} first"] == said.first
        assert float(rows[0][f"{name} score"]) == pytest.approx(said.score, abs=1e-6)
        assert float(rows[0][f"{name} score of the class"]) == pytest.approx(said.own, abs=1e-6)


def test_a_card_says_who_is_right_in_words_and_escapes_names():
    selection = make_selection()
    photo = error_photos(selection, selection.sides[0]).photo(0)
    html = cards.words(dataclasses.replace(photo, file="test/<b>.jpg", label="<i>"))
    assert "&lt;b&gt;.jpg" in html
    assert "<i>" not in html
    assert "CNN wrong" in html or "CNN right" in html
    assert cards.score_text(photo.said[0].score) in html
    assert photo.said[0].ranked(2)[0].score == photo.said[0].score


def test_pictures_have_texts():
    html = cards.pictures([(b"jpeg", 'Photo "a".jpg')], ["Photo"])
    assert 'alt="Photo &quot;a&quot;.jpg"' in html
    assert "data:image/jpeg;base64,anBlZw==" in html
