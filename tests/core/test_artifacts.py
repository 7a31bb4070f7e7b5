import json
import shutil

import pytest

from dermnet_core.artifacts import CARD, LITERT, WEIGHTS, ModelRegistry, install, load_artifact, write_card
from dermnet_core.errors import ArtifactError
from tests.factories import write_artifact


@pytest.fixture
def artifact(tmp_path):
    return write_artifact(tmp_path / "models" / "separable_cnn", "separable_cnn", classes=3)


def test_card_survives_writing_and_reading(artifact):
    assert load_artifact(artifact.folder).card == artifact.card
    assert artifact.card.classes == ("class-a", "class-b", "class-c")
    artifact.verify()


def test_changed_file_is_noticed(artifact):
    artifact.path(LITERT).write_bytes(b"something else")
    with pytest.raises(ArtifactError, match=r"Expected SHA-256 .* for model.tflite"):
        artifact.verify()


def test_missing_file_is_named(artifact):
    artifact.path(WEIGHTS).unlink()
    with pytest.raises(ArtifactError, match=r"Expected model\.weights\.h5"):
        artifact.verify()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda card: card | {"schema": 99}, "Expected a card of schema 1"),
        (lambda card: {k: v for k, v in card.items() if k != "classes"}, r"missing \['classes'\]"),
        (lambda card: card | {"accuracy": 1}, r"unknown \['accuracy'\]"),
        (lambda card: [card], "found list"),
    ],
)
def test_card_of_another_kind_is_refused(artifact, change, message):
    path = artifact.folder / CARD
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(ArtifactError, match=message):
        load_artifact(artifact.folder)


def test_registry_lists_models_and_names_damaged_ones(artifact):
    folder = artifact.folder.parent
    shutil.copytree(artifact.folder, folder / "broken")
    (folder / "broken" / CARD).write_text("{")
    registry = ModelRegistry([folder])
    assert [found.name for found in registry.artifacts()] == ["separable_cnn"]
    assert len(registry.problems()) == 1
    assert "broken" in registry.problems()[0]
    with pytest.raises(ArtifactError, match=r"found 'resnet'\. Installed: separable_cnn"):
        registry.get("resnet")


def test_empty_registry_says_so(tmp_path):
    with pytest.raises(ArtifactError, match="Installed: none"):
        ModelRegistry([tmp_path]).get("separable_cnn")


def test_install_replaces_a_model_only_by_a_whole_one(artifact, tmp_path):
    staged = tmp_path / "staged"
    shutil.copytree(artifact.folder, staged)
    (staged / LITERT).write_bytes(b"half")
    with pytest.raises(ArtifactError, match="SHA-256"):
        install(staged, artifact.folder)
    artifact.verify()
    write_card(staged, artifact.card)
    installed = install(staged, artifact.folder)
    assert installed.path(LITERT).read_bytes() == b"half"
    assert not staged.exists()
    assert sorted(path.name for path in artifact.folder.parent.iterdir()) == ["separable_cnn"]
