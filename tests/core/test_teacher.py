from dataclasses import replace

import keras
import numpy as np
import pytest

from dermnet_core.artifacts import WEIGHTS, load_artifact
from dermnet_core.config import AugmentationConfig, DistillationConfig, FitConfig, StageConfig, TransferConfig
from dermnet_core.config_json import from_dict, to_dict
from dermnet_core.data.scan import scan
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ArtifactError, ConfigError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.models.zoo import build_model, load_model
from dermnet_core.training.card_text import provenance
from dermnet_core.training.checks import check_run
from dermnet_core.training.features import FrozenLayers
from dermnet_core.training.fit import epoch_batches, fit_stages
from dermnet_core.training.jobs import create_run
from dermnet_core.training.presets import with_classes
from dermnet_core.training.progress import EventLog
from dermnet_core.training.run import execute, split_data
from dermnet_core.training.teacher import Teachers
from tests.core.run_cases import recipe
from tests.factories import random_photos, write_artifact

TAUGHT = DistillationConfig(("mobilenet_v2",), share=0.25, temperature=2.0)


@pytest.fixture
def teacher(tmp_path, monkeypatch):
    """Install a model of the three classes of the photo folder."""
    monkeypatch.setenv("DERMNET_MODELS_DIR", str(tmp_path / "models"))
    return write_artifact(tmp_path / "models" / "mobilenet_v2", "mobilenet_v2", classes=3)


@pytest.fixture
def photos(tmp_path):
    write_photo_folder(tmp_path / "photos", per_class=12, size=48)
    return tmp_path / "photos"


def test_targets_are_the_teachers_answers_at_the_students_size_beside_the_labels(teacher):
    seen, labels = random_photos(6, 48).astype(np.float32), np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]
    model = build_model(from_dict(teacher.card.recipe).model, 48, pretrained=False)
    model.load_weights(teacher.path(WEIGHTS))
    answers = softmax(np.asarray(model(seen, training=False)), 2.0)
    found = Teachers(TAUGHT, 48).targets(seen, labels)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, 0.25 * answers + 0.75 * labels, atol=1e-3)


def test_several_teachers_answer_by_the_mean_of_their_probabilities(teacher, tmp_path):
    write_artifact(tmp_path / "models" / "separable_cnn", "separable_cnn", classes=3)
    seen, labels = random_photos(6, 64).astype(np.float32), np.zeros((6, 3), np.float32)
    both = Teachers(replace(TAUGHT, teachers=("mobilenet_v2", "separable_cnn")), 64).targets(seen, labels)
    one, other = (Teachers(replace(TAUGHT, teachers=(name,)), 64) for name in ("mobilenet_v2", "separable_cnn"))
    assert not np.allclose(one.targets(seen, labels), other.targets(seen, labels), atol=1e-3)
    np.testing.assert_allclose(both, (one.targets(seen, labels) + other.targets(seen, labels)) / 2, atol=1e-6)


def test_a_run_with_a_teacher_learns_from_it_and_its_card_says_so(teacher, photos, tmp_path):
    # A recipe that learns from the answers alone ends nearer to them than one that learns from the labels alone.
    base = replace(recipe(4), seed=20)
    answered = random_photos(8, 48, seed=3).astype(np.float32)
    wanted = Teachers(replace(TAUGHT, share=1.0, temperature=1.0), 48).targets(answered, np.zeros((8, 3), np.float32))
    distance = {}
    taught = replace(TAUGHT, share=1.0, temperature=1.0)
    run = create_run(tmp_path / "run", replace(base, distillation=taught), photos)
    artifact = load_artifact(execute(run))
    card, data = artifact.card, split_data(run, scan(photos))
    models = {
        "taught": load_model(base.model, artifact.path(WEIGHTS)),
        "labels": fit_stages(base, data, tmp_path / "labels", EventLog(tmp_path)),
    }
    for name, model in models.items():
        given = softmax(np.asarray(model(answered, training=False)), 1.0)
        distance[name] = np.abs(given - wanted).mean()
    assert distance["taught"] < distance["labels"]
    assert from_dict(card.recipe).distillation == taught
    for told, cards in ((provenance(base), ()), (card.provenance, (teacher.card,))):
        assert any("no other data or model" in line for line in told) == (not cards)
        assert any(teacher.card.sha256[WEIGHTS][:12] in line for line in told) == bool(cards)
        assert any("ImageNet" in line for line in told) == bool(cards)


@pytest.mark.parametrize("size", [None, 96])
def test_stored_copies_are_taught_as_they_are_seen(size, teacher, photos, tmp_path, monkeypatch):
    stage = StageConfig(
        transfer=TransferConfig("head", activation_copies=2), fit=FitConfig(epochs=1, batch_size=6),
        augmentation=AugmentationConfig(rotation=0.2, zoom=0.3, contrast=0.4),
    )  # fmt: skip
    taught = replace(
        from_dict(teacher.card.recipe), stages=(stage,), validation_fraction=0.25,
        distillation=DistillationConfig(("mobilenet_v2",), share=1.0, image_size=size),
    )  # fmt: skip
    given = []

    def looked_at(inputs, labels, *rest):
        given.append((np.array(inputs), labels))
        return epoch_batches(inputs, labels, *rest)

    monkeypatch.setattr("dermnet_core.training.fit.epoch_batches", looked_at)
    data = split_data(create_run(tmp_path / "run", taught, photos), scan(photos))
    student = fit_stages(taught, data, tmp_path / "run", EventLog(tmp_path))
    ((inputs, targets),) = given
    assert not np.allclose(targets[0], targets[1], atol=1e-2)  # each copy has answers of its own
    features, teachers = keras.Model(student.input, student.get_layer("pool").output), Teachers(taught.distillation, 64)

    def shown(side):
        photo = keras.Input((side, side, 3))
        layers = FrozenLayers(keras.Model(photo, keras.layers.Identity()(photo)), taught.seed + 100)
        path = tmp_path / f"shown{side}.npy"
        return layers.store(data.pixels(data.train, side), 2, stage.augmentation, path, lambda done, total: None)

    for copy in range(2):
        seen = shown(64)[copy].astype(np.float32)
        np.testing.assert_allclose(features.predict(seen, verbose=0), inputs[copy], atol=0.05)
        answered = shown(size or 64)[copy].astype(np.float32)
        asked = teachers.targets(answered, np.zeros((len(seen), 3), np.float32))
        np.testing.assert_allclose(targets[copy], asked, atol=0.02)


def test_a_teacher_that_is_not_installed(teacher, photos):
    unknown = replace(recipe(2), distillation=replace(TAUGHT, teachers=("nobody",)))
    with pytest.raises(ArtifactError, match=r"'nobody'\. Installed: mobilenet_v2, separable_cnn"):
        check_run(unknown, photos)


def test_a_teacher_of_other_classes(teacher, tmp_path, photos):
    write_artifact(tmp_path / "models" / "mobilenet_v2", "mobilenet_v2", classes=5)
    with pytest.raises(ConfigError, match=r"Expected a model of the 3 classes .* mobilenet_v2, which knows 2 others"):
        check_run(replace(recipe(2), distillation=TAUGHT), photos)


def test_a_teacher_that_may_have_seen_validation_photos_is_noted(teacher, photos):
    same = {name: teacher.card.recipe[name] for name in ("validation_fraction", "max_photos", "seed")}
    taught = replace(recipe(2), distillation=TAUGHT, **same)
    assert check_run(taught, photos) == ()
    (note,) = check_run(replace(taught, seed=7), photos)
    assert "it may know validation photos" in note


@pytest.mark.parametrize(
    "wrong",
    [
        {"teachers": ()},
        {"teachers": ("",)},
        {"teachers": ("a", "a")},
        {"image_size": 40},
        {"share": 0.0},
        {"share": 1.1},
        {"temperature": 0.0},
    ],
)
def test_settings_out_of_range(wrong):
    with pytest.raises(ConfigError, match=f"for {next(iter(wrong))}, found"):
        replace(TAUGHT, **wrong)


def test_teachers_see_another_size_of_stored_copies_only():
    with pytest.raises(ConfigError, match="for image_size, found 96"):
        replace(recipe(2), distillation=replace(TAUGHT, image_size=96))


def test_a_recipe_with_a_teacher_survives_json_and_loses_it_with_its_classes():
    taught = replace(recipe(2), distillation=TAUGHT)
    assert from_dict(to_dict(taught)) == taught
    assert with_classes(taught, 3).distillation == TAUGHT
    assert with_classes(taught, 4).distillation is None
