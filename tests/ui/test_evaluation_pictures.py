"""Evaluated photos as far as they are in the folder, and the heatmaps of the models that answered."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluation.report import score
from dermnet_core.paths import SHIPPED_MODELS
from dermnet_ui.case import Case, Refused
from dermnet_ui.evaluation.answers import Answered, PhotoList
from dermnet_ui.evaluation.pictures import Album, installed
from dermnet_ui.evaluation.selection import Side
from tests.ui.evaluated_photos import ARCHITECTURES, evaluated, write_photo, write_photos


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    monkeypatch.setenv("DERMNET_DATA_DIR", str(folder))
    return folder


def opened(root: Path, **changes: str) -> tuple[Album, Answered]:
    selection = evaluated(root, write_photos(root, 2), **changes)
    return Album(selection.sides), PhotoList("Two", "Two", selection.sides, (0, 1)).photo(0)


def test_a_photo_with_the_heatmap_of_each_model(root: Path):
    album, photo = opened(root)
    small = album.small(photo)
    assert not album.notes
    assert [side.name for side in album.asked] == ["CNN", "MobileNetV2"]
    pictures = [np.asarray(Image.open(io.BytesIO(data))) for data in (small.photo, *small.heatmaps)]
    assert {picture.shape for picture in pictures} == {(64, 96, 3)}
    assert (pictures[1] != pictures[0]).any()
    assert (pictures[2] != pictures[1]).any()
    assert all("strongest: " in place for place in small.places)
    assert not album.differs(photo, small.scores)
    assert isinstance(album.large(photo), Case)


def test_another_photo_under_the_same_name_is_noticed(root: Path):
    album, photo = opened(root)
    assert not album.differs(photo, album.small(photo).scores)
    write_photo(root / photo.file, seed=77)
    assert album.differs(photo, album.small(photo).scores)


def test_a_photo_that_is_gone_or_none(root: Path):
    album, photo = opened(root)
    (root / photo.file).write_bytes(b"no photo")
    assert "Expected" in album.small(photo).problem
    assert isinstance(album.large(photo), Refused)
    (root / photo.file).unlink()
    assert album.small(photo).problem == f"Not in the folder {root.name}."
    assert isinstance(album.large(photo), Refused)


def test_a_name_that_leads_out_of_the_folder_is_not_followed(root: Path):
    album, photo = opened(root)
    write_photo(root.parent / "secret.jpg", seed=1)
    small = album.small(Answered("../secret.jpg", photo.label, photo.said))
    assert not small.photo
    assert "inside photos" in small.problem


def test_without_the_model_there_are_photos_but_no_heatmaps(root: Path):
    album, photo = opened(root, model_sha256="f" * 64)
    small = album.small(photo)
    assert small.photo
    assert not small.heatmaps
    assert not album.asked
    assert len(album.notes) == 2
    assert "heatmaps of CNN cannot be drawn" in album.notes[0]
    assert "ffffffffffff" in album.notes[0]


def test_a_damaged_model_says_so_and_leaves_the_photos(root: Path, monkeypatch: pytest.MonkeyPatch):
    from dermnet_core.errors import ArtifactError
    from dermnet_ui import resources

    def damaged(artifacts: list[object]) -> None:
        raise ArtifactError("Expected SHA-256 1…, found 2…. Restore the file.")

    monkeypatch.setattr(resources, "models", damaged)
    album, photo = opened(root)
    assert album.notes == ["Heatmaps cannot be drawn. Expected SHA-256 1…, found 2…. Restore the file."]
    assert album.small(photo).photo
    assert not album.asked


def test_without_a_folder_there_is_nothing(root: Path, monkeypatch: pytest.MonkeyPatch):
    _, photo = opened(root)
    monkeypatch.delenv("DERMNET_DATA_DIR")
    album = Album([said.side for said in photo.said])
    assert album.root is None
    assert not album.small(photo).photo
    assert not album.small(photo).problem


@pytest.mark.shared
def test_the_shipped_evaluations_are_of_the_photos_in_the_shared_folder(shared: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_DATA_DIR", str(shared / "dermnet"))
    found = [Evaluation.load(SHIPPED_MODELS / name / "predictions.npz") for name in ARCHITECTURES]
    sides = tuple(
        Side(entry, entry.about.model, "#000000", entry.predictions(), score(entry, "official")) for entry in found
    )
    album = Album(sides)
    assert album.asked == sides
    photos = PhotoList("Every 400th", "Every 400th", sides, tuple(range(0, len(found[0].files), 400))).photos(0, 99)
    assert not [photo.file for photo in photos if album.differs(photo, album.small(photo).scores)]
    assert all(len(album.small(photo).heatmaps) == 2 for photo in photos)


def test_only_the_model_that_answered_is_taken(root: Path):
    selection = evaluated(root, write_photos(root, 1))
    cnn = installed(selection.sides[0].about)
    assert cnn is not None
    assert cnn.name == "separable_cnn"
    renamed = evaluated(root, ["test/Eczema Photos/patch-0.jpg"], model="another")
    assert installed(renamed.sides[0].about) is None
