"""An evaluation on disk reads back as it was, and what is damaged or of another version is refused."""

import dataclasses
import json

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.record import SCHEMA, Evaluation, read_about
from tests.core.evaluations import about, evaluation


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "predictions.npz"
    evaluation().save(path)
    return path


def rewritten(path, **changes):
    """Write a file again with other arrays; None leaves one out."""
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays.files if name not in changes}
    np.savez(path, **kept, **{name: value for name, value in changes.items() if value is not None})


def test_everything_reads_back_as_it_was(stored) -> None:
    made, found = evaluation(), Evaluation.load(stored)
    for name in ("about", "classes", "files", "attributes"):
        assert getattr(found, name) == getattr(made, name)
    for name in ("labels", "logits", "groups"):
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))
        assert getattr(found, name).dtype == getattr(made, name).dtype
    assert set(found.masks) == {"clean", "blocked"}
    for name, mask in made.masks.items():
        np.testing.assert_array_equal(found.masks[name], mask)
    assert found.key == made.key
    assert read_about(stored) == made.about


def test_what_is_not_known_stays_unknown(tmp_path) -> None:
    made = dataclasses.replace(evaluation(), masks={}, groups=None, attributes={})
    made.save(tmp_path / "predictions.npz")
    found = Evaluation.load(tmp_path / "predictions.npz")
    assert (found.masks, found.groups, found.attributes) == ({}, None, {})
    assert found.views == ("official",)
    assert found.attribute("fitzpatrick") == ("",) * 40


def test_saving_leaves_one_file_and_replaces_an_older_one(stored) -> None:
    evaluation(seed=1).save(stored)
    assert [file.name for file in stored.parent.iterdir()] == ["predictions.npz"]
    np.testing.assert_array_equal(Evaluation.load(stored).logits, evaluation(seed=1).logits)


def test_views_hold_their_photos_and_calibrated_scores() -> None:
    made = evaluation()
    assert made.views == ("official", "clean", "blocked")
    clean, kept = made.predictions("clean"), np.arange(40) % 4 > 0
    assert clean.files == tuple(np.array(made.files)[kept])
    np.testing.assert_array_equal(clean.labels, made.labels[kept])
    np.testing.assert_allclose(clean.scores, softmax(made.logits[kept], 2.0))
    np.testing.assert_allclose(made.predictions(calibrated=False).scores, softmax(made.logits))
    assert made.attribute("fitzpatrick", "blocked") == tuple(np.array(made.attributes["fitzpatrick"])[1::2])


def test_a_view_without_photos_is_not_offered_and_one_that_is_not_known_is_refused() -> None:
    made = dataclasses.replace(evaluation(), masks={"clean": np.zeros(40, dtype=bool)})
    assert made.views == ("official",)
    with pytest.raises(ArtifactError, match="'blocked'"):
        made.predictions("blocked")
    with pytest.raises(ArtifactError, match="at least one photo"):
        made.predictions("clean")


def test_the_key_changes_with_model_answers_and_views() -> None:
    made, logits = evaluation(), evaluation().logits.copy()
    logits[3, 1] += 0.5
    others = [
        dataclasses.replace(made, about=about(model="other")),
        dataclasses.replace(made, logits=logits),
        dataclasses.replace(made, labels=(made.labels + 1) % 3),
        dataclasses.replace(made, masks={}),
    ]
    assert len({made.key, *(other.key for other in others)}) == 5
    assert evaluation().key == made.key


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_answers_that_are_no_numbers_name_the_photo(value: float) -> None:
    made, logits = evaluation(), evaluation().logits.copy()
    logits[7] = value
    with pytest.raises(ArtifactError, match=r"finite scores.*é-7\.jpg"):
        dataclasses.replace(made, logits=logits).predictions()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_archive_is_refused(content: bytes, tmp_path) -> None:
    path = tmp_path / "predictions.npz"
    path.write_bytes(content)
    for read in (Evaluation.load, read_about):
        with pytest.raises(ArtifactError, match="Evaluate the model again"):
            read(path)


def test_a_missing_or_shortened_file_is_refused(stored) -> None:
    with pytest.raises(ArtifactError, match="Expected an evaluation"):
        Evaluation.load(stored.with_name("elsewhere.npz"))
    content = stored.read_bytes()
    stored.write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactError, match="Expected an evaluation"):
        Evaluation.load(stored)


def test_a_single_array_is_refused(tmp_path) -> None:
    np.save(tmp_path / "predictions.npy", np.zeros(3))
    for read in (Evaluation.load, read_about):
        with pytest.raises(ArtifactError, match="Evaluate the model again"):
            read(tmp_path / "predictions.npy")


@pytest.mark.parametrize("schema", [0, SCHEMA + 1, None])
def test_another_version_is_refused(schema, stored) -> None:
    rewritten(stored, schema=schema if schema is None else np.array(schema))
    for read in (Evaluation.load, read_about):
        with pytest.raises(ArtifactError, match=f"version {SCHEMA} .*found {schema}"):
            read(stored)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"logits": np.zeros((40, 4), dtype=np.float32)}, "40 photos and 3 classes"),
        ({"logits": np.zeros((39, 3), dtype=np.float32)}, "40 photos and 3 classes"),
        ({"labels": np.zeros(39, dtype=np.int16)}, "40 photos and 3 classes"),
        ({"groups": np.zeros(41, dtype=np.int32)}, "40 photos and 3 classes"),
        ({"view clean": np.ones(3, dtype=bool)}, "40 photos and 3 classes"),
        ({"attribute fitzpatrick": np.array(["I"])}, "attributes"),
        ({"files": None}, "files"),
        ({"about": np.array(json.dumps({"model": "tiny"}))}, "missing"),
        ({"about": np.array("no JSON")}, "Expecting value"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message, stored) -> None:
    rewritten(stored, **changes)
    with pytest.raises(ArtifactError, match=f"{message}.*Evaluate the model again"):
        Evaluation.load(stored)
