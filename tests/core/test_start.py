import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dermnet_core.artifacts import LITERT, WEIGHTS, load_artifact, write_card
from dermnet_core.config import FitConfig, StageConfig, TransferConfig
from dermnet_core.config_json import from_dict
from dermnet_core.data.scan import scan
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ArtifactError, ConfigError, RunError
from dermnet_core.evaluation.calibration import fit_temperature
from dermnet_core.export import save_weights
from dermnet_core.litert import LiteRTModel
from dermnet_core.models.zoo import load_model
from dermnet_core.outputs import collect_outputs
from dermnet_core.scoring import label_indices
from dermnet_core.training.calibrate import shares_of_train
from dermnet_core.training.checks import check_run
from dermnet_core.training.fit import TrainingData
from dermnet_core.training.jobs import create_run
from dermnet_core.training.presets import with_classes
from dermnet_core.training.run import execute, split_data
from dermnet_core.training.start import adjust_logits, chosen_model, pin_start, starting_model
from dermnet_core.training.status import read_progress
from tests.core.run_cases import recipe
from tests.factories import random_photos, write_artifact, write_model

STILL = StageConfig("still", TransferConfig("head"), FitConfig(epochs=1, batch_size=8, learning_rate=1e-9))


@pytest.fixture
def earlier(tmp_path, monkeypatch):
    """Install a model of the three classes of the photo folder."""
    monkeypatch.setenv("DERMNET_MODELS_DIR", str(tmp_path / "models"))
    return write_artifact(tmp_path / "models" / "earlier", "separable_cnn", classes=3)


@pytest.fixture
def photos(tmp_path):
    write_photo_folder(tmp_path / "photos", per_class=20, size=48)
    return tmp_path / "photos"


def going_on(earlier, **changes):
    """Return a recipe that goes on from a model, cut as that one was."""
    past = from_dict(earlier.card.recipe)
    same = {name: getattr(past, name) for name in ("validation_fraction", "max_photos", "seed")}
    return replace(recipe(1), separable_cnn=past.separable_cnn, start_from=("separable_cnn",), **same, **changes)


def answers(model: keras.Model) -> np.ndarray:
    return np.asarray(model(random_photos(4, 48).astype(np.float32), training=False))


def test_a_run_goes_on_from_the_weights_of_a_model_and_its_card_says_so(earlier, photos, tmp_path):
    config = going_on(earlier, stages=(STILL,), validation_returned=0.5)
    artifact = load_artifact(execute(create_run(tmp_path / "run", config, photos)))
    before, after = (load_model(config.model, found.path(WEIGHTS), 48) for found in (earlier, artifact))
    np.testing.assert_allclose(answers(after), answers(before), atol=1e-3)
    assert any(line.startswith("Weights: went on from the model separable_cnn (") for line in artifact.card.provenance)
    past = ("Of the model separable_cnn:", *earlier.card.provenance[1:])
    assert artifact.card.provenance[-len(past) :] == past
    assert artifact.card.data["validation"] < 0.8 * config.validation_fraction * 60


def test_the_adjustment_of_its_logits_is_taken_back(earlier):
    counts = {name: 10 * (place + 1) for place, name in enumerate(earlier.card.classes)}
    plain = starting_model(going_on(earlier), 48)
    recipe = {**earlier.card.recipe, "logit_adjustment": 0.5}
    write_card(earlier.folder, replace(earlier.card, recipe=recipe, train_counts=counts))
    restored = starting_model(going_on(earlier), 48)
    assert not np.allclose(answers(restored), answers(plain), atol=1e-3)
    adjust_logits(restored, counts, 0.5)
    np.testing.assert_allclose(answers(restored), answers(plain), atol=1e-6)


def test_the_model_that_all_validation_photos_chose_corrects_what_few_of_them_say(earlier, photos, tmp_path):
    informed(earlier, photos)
    known(earlier, photos)
    config = replace(going_on(earlier, stages=(STILL,), validation_returned=0.5), validation_fraction=0.4)
    run = create_run(tmp_path / "run", config, photos)
    card = load_artifact(execute(run)).card
    data = split_data(run, scan(photos))
    # It learned nothing, so its answers are those of the other model, and so is its temperature on all photos.
    assert card.temperature == pytest.approx(temperature(earlier, data, data.chosen_by), rel=0.01)
    assert card.temperature != pytest.approx(temperature(earlier, data, data.validation), rel=0.05)
    assert any("by the temperature of the model separable_cnn" in line for line in card.provenance)


def informed(artifact, photos: Path) -> None:
    """Fit a model's logits to photos of which some are in the wrong folder; it keeps two fifths of them out."""
    first, second = (sorted((photos / "train" / name).iterdir())[::3] for name in ("class-a", "class-b"))
    for one, other in zip(first, second, strict=True):
        one.rename(photos / "swap")
        other.rename(one)
        (photos / "swap").rename(other)
    index, model = scan(photos), load_model(from_dict(artifact.card.recipe).model, artifact.path(WEIGHTS))
    outputs = collect_outputs(LiteRTModel(artifact.path(LITERT)), photos, index.records)
    fitted = LogisticRegression(C=100.0).fit(outputs.logits, label_indices(index.records, index.classes))
    kernel, bias = (np.asarray(values) for values in model.get_layer("logits").get_weights())
    model.get_layer("logits").set_weights([kernel @ fitted.coef_.T, bias @ fitted.coef_.T + fitted.intercept_])
    write_model(
        artifact.folder, replace(from_dict(artifact.card.recipe), validation_fraction=0.4), model, index.classes
    )


def temperature(artifact, data: TrainingData, photos) -> float:
    logits = collect_outputs(LiteRTModel(artifact.path(LITERT)), data.root, photos).logits
    return fit_temperature(logits, label_indices(photos, data.classes))


def test_several_models_give_the_mean_of_their_weights(earlier, photos, tmp_path):
    other = write_artifact(tmp_path / "models" / "other", "separable_cnn", classes=3)
    model = load_model(from_dict(other.card.recipe).model, other.path(WEIGHTS))
    model.set_weights([values + 0.5 for values in model.get_weights()])
    save_weights(model, other.path(WEIGHTS))
    write_card(other.folder, replace(other.card, name="other"))
    nothing = StageConfig("the mean", fit=FitConfig(epochs=0))
    config = replace(going_on(earlier, stages=(nothing,)), start_from=("separable_cnn", "other"))
    run = create_run(tmp_path / "run", config, photos)
    artifact = load_artifact(execute(run))
    mean, first = (load_model(config.model, found.path(WEIGHTS)) for found in (artifact, earlier))
    for found, values in zip(mean.get_weights(), first.get_weights(), strict=True):
        np.testing.assert_allclose(found, values + 0.25, atol=2e-3)
    assert artifact.card.provenance[3] == "Weights: the start was the mean of the weights of these models."
    assert "Of the model other:" in artifact.card.provenance
    progress = read_progress(run.folder)
    assert (progress.status, progress.fraction) == ("finished", 1.0)


def test_the_chosen_model_is_the_nearest_that_all_validation_photos_chose(earlier, photos, tmp_path):
    index, config = scan(photos), going_on(earlier, validation_returned=0.5)
    assert chosen_model(config, index) is None  # it was trained on other photos
    known(earlier, photos)
    assert chosen_model(config, index).name == "separable_cnn"
    assert chosen_model(replace(config, seed=config.seed + 1), index) is None
    assert chosen_model(replace(config, start_from=()), index) is None
    later = write_artifact(tmp_path / "models" / "later", "separable_cnn", classes=3)
    recipe = {**later.card.recipe, "validation_returned": 0.5, "start_from": ["later", "nobody", "separable_cnn"]}
    write_card(later.folder, replace(later.card, name="later", recipe=recipe))
    assert chosen_model(replace(config, start_from=("later",)), index).name == "separable_cnn"
    shutil.rmtree(earlier.folder)
    assert chosen_model(replace(config, start_from=("later",)), index) is None


def known(artifact, photos: Path) -> None:
    """Let a model's card say that it was trained on these photos."""
    card = load_artifact(artifact.folder).card
    write_card(artifact.folder, replace(card, data={**card.data, "fingerprint": scan(photos).fingerprint()}))


def test_a_model_to_start_from_must_be_installed_and_of_the_same_network(earlier, photos):
    with pytest.raises(ArtifactError, match=r"found 'nobody'\. Installed: mobilenet_v2, separable_cnn"):
        check_run(replace(going_on(earlier), start_from=("nobody",)), photos)
    config = going_on(earlier)
    wider = replace(config, separable_cnn=replace(config.separable_cnn, dense_units=48))
    with pytest.raises(ConfigError, match=r"found separable_cnn with dense_units \d+ instead of dense_units 48"):
        check_run(wider, photos)
    other_size = replace(config, separable_cnn=replace(config.separable_cnn, image_size=64, dropout=0.4))
    assert check_run(other_size, photos) == check_run(config, photos)


def test_a_run_goes_on_only_from_the_weights_that_it_started_from(earlier, tmp_path):
    config, run = going_on(earlier), tmp_path / "run"
    run.mkdir()
    pin_start(replace(config, start_from=()), run)
    assert not list(run.iterdir())
    pin_start(config, run)
    pin_start(config, run)
    write_artifact(earlier.folder, "separable_cnn", classes=4)
    with pytest.raises(RunError, match=r"started from, found other ones for separable_cnn now\. Register"):
        pin_start(config, run)


def test_a_folder_of_other_classes_starts_anew(earlier):
    config = going_on(earlier)
    assert with_classes(config, 3).start_from == ("separable_cnn",)
    assert with_classes(config, 4).start_from == ()


def test_one_that_may_have_seen_validation_photos_is_noted(earlier, photos):
    fresh = going_on(earlier)
    assert not any("may know" in note for note in check_run(fresh, photos))
    assert not any("may know" in note for note in check_run(replace(fresh, validation_returned=0.5), photos))
    assert any("may know" in note for note in check_run(replace(fresh, seed=fresh.seed + 1), photos))


def test_one_that_was_given_validation_photos_back_knows_those_of_the_whole_cut(earlier, photos):
    write_card(earlier.folder, replace(earlier.card, recipe={**earlier.card.recipe, "validation_returned": 0.5}))
    fresh = going_on(earlier)
    assert any("may know" in note for note in check_run(fresh, photos))
    assert not any("may know" in note for note in check_run(replace(fresh, validation_returned=0.5), photos))


def test_photos_that_calibrate_weigh_what_their_classes_do_in_train():
    validation, train = np.array([0, 0, 0, 2]), np.array([0] * 6 + [1] * 3 + [2] * 4)
    assert shares_of_train(validation, train, 4).tolist() == [2.0, 2.0, 2.0, 4.0]
    assert shares_of_train(np.array([3, 0]), train, 4).tolist() == [0.0, 6.0]  # a class that only validation holds
    assert shares_of_train(np.array([3, 3]), train, 4).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("share", [-0.1, 0.3, 0.95])
def test_a_share_to_give_back_that_leaves_too_much_or_too_little(share):
    with pytest.raises(ConfigError, match=r"0 or a number from 0\.5 to 0\.9 for validation_returned"):
        replace(recipe(1), validation_returned=share)
