import numpy as np

from dermnet_core.data.suspects import suspects
from tests.core.facts_rows import facts


def skin_photos(count):
    rng = np.random.default_rng(0)
    for n in range(count):
        red, green, blue = np.array([170, 125, 105]) * rng.uniform(0.7, 1.2) + rng.normal(0, 8, 3)
        yield facts(f"train/a/x-{n}.jpg", red=red, green=green, blue=blue, skin=rng.uniform(0.4, 1))


def test_planted_pictures_of_something_else_come_first():
    rows = [
        *skin_photos(600),
        facts("train/a/forest-1.jpg", red=60.0, green=120.0, blue=40.0, skin=0.01),
        facts("train/a/tissue-1.jpg", red=190.0, green=110.0, blue=200.0, skin=0.05),
        facts("train/a/sea-1.jpg", red=40.0, green=90.0, blue=190.0, skin=0.0),
    ]
    found = {suspect.file: suspect for suspect in suspects(rows)}
    assert set(found) == {"train/a/forest-1.jpg", "train/a/tissue-1.jpg", "train/a/sea-1.jpg"}
    assert found["train/a/forest-1.jpg"].reason == "mostly green, 1 % in the tones of skin"
    assert "mostly blue" in found["train/a/sea-1.jpg"].reason
    scores = [suspect.score for suspect in suspects(rows)]
    assert scores == sorted(scores, reverse=True)


def test_odd_colours_with_skin_are_no_suspects():
    rows = [*skin_photos(300), facts("train/a/lamp-1.jpg", red=60.0, green=120.0, blue=40.0, skin=0.6)]
    assert suspects(rows) == ()


def test_at_most_one_in_a_hundred_is_named():
    rows = [*skin_photos(400)]
    rows += [facts(f"train/a/sea-{n}.jpg", red=40.0, green=90.0, blue=150.0 + n, skin=0.0) for n in range(20)]
    assert len(suspects(rows)) == 4


def test_a_small_folder_has_no_usual_colours():
    assert suspects(list(skin_photos(20))) == ()
    assert suspects([]) == ()


def test_photos_of_one_colour_do_not_break_it():
    assert suspects([facts(f"train/a/x-{n}.jpg") for n in range(100)]) == ()
