import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from dermnet_core.artifacts import WEIGHTS, load_artifact
from dermnet_core.config import AugmentationConfig, FitConfig, StageConfig, TrainingConfig, TransferConfig
from dermnet_core.config_json import to_dict
from dermnet_core.data.pipeline import one_hot_labels
from dermnet_core.data.scan import scan
from dermnet_core.data.splits import validation_split
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.models.zoo import load_model
from dermnet_core.training.fit import TrainingData, class_weights, fit_stages
from dermnet_core.training.jobs import create_run, open_run
from dermnet_core.training.progress import EVENTS, EventLog, Throttled, read_events
from dermnet_core.training.run import execute
from tests.factories import tiny_recipe

FIT = FitConfig(epochs=8, batch_size=8, learning_rate=3e-3, optimizer="adamw", schedule="cosine", label_smoothing=0.05)
MILD = AugmentationConfig(rotation=0.0, zoom=0.1, contrast=0.1)


def recipe(*stages: StageConfig, architecture="separable_cnn") -> TrainingConfig:
    base = tiny_recipe(architecture, classes=3, size=48)
    if base.separable_cnn:
        base = replace(base, separable_cnn=replace(base.separable_cnn, dropout=0.0))
    return replace(base, stages=stages or (StageConfig(fit=FIT, augmentation=MILD),), validation_fraction=0.25)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    write_photo_folder(folder, per_class=24, size=48)
    return folder


@pytest.fixture(scope="module")
def finished(photos, tmp_path_factory):
    """Return a finished run of the small CNN and its artifact."""
    run = create_run(tmp_path_factory.mktemp("runs") / "cnn", recipe(), photos)
    return run, load_artifact(execute(run))


def test_logit_adjustment_takes_the_shares_of_the_classes_out_of_the_bias(tmp_path):
    write_photo_folder(tmp_path / "photos", per_class=16, size=48)
    for path in sorted((tmp_path / "photos" / "train" / "class-b").iterdir())[4:]:
        path.unlink()
    adjusted = replace(recipe(StageConfig(fit=replace(FIT, epochs=1), augmentation=MILD)), logit_adjustment=0.5)
    run = create_run(tmp_path / "run", adjusted, tmp_path / "photos")
    artifact = load_artifact(execute(run))
    trained = load_model(adjusted.model, run.folder / "checkpoints" / "stage1.weights.h5").get_layer("logits")
    served = load_model(adjusted.model, artifact.path(WEIGHTS)).get_layer("logits")
    counts = np.array([artifact.card.train_counts[label] for label in artifact.card.classes])
    assert counts.argmin() == artifact.card.classes.index("class-b")
    moved = np.asarray(served.bias) - np.asarray(trained.bias)
    np.testing.assert_allclose(moved, -0.5 * np.log(counts / counts.sum()), atol=1e-5)
    np.testing.assert_allclose(served.kernel, trained.kernel, atol=1e-3)


def data_of(folder, cache, classes=None) -> TrainingData:
    index = scan(folder)
    train, validation = validation_split(index.split("train"), 0.25, 0)
    return TrainingData(folder, classes or index.classes, train, validation, validation, cache)


def accuracies(model: keras.Model, data: TrainingData) -> tuple[float, float]:
    """Return accuracy on the train photos in inference mode and with the statistics of the batch."""
    x = data.pixels(data.train, 48).astype("float32")
    truth = one_hot_labels(data.train, data.classes).argmax(1)
    return tuple(float((np.argmax(model(x, training=mode), 1) == truth).mean()) for mode in (False, True))


def test_inference_mode_is_as_good_as_training_mode(finished, photos):
    run, _ = finished
    model = load_model(recipe().model, run.folder / "checkpoints" / "stage1.weights.h5")
    inference, batch = accuracies(model, data_of(photos, run.folder))
    assert inference >= batch - 0.02
    assert inference > 0.9


def test_slow_moving_statistics_are_the_trap_that_this_guards_against(photos, tmp_path, monkeypatch):
    # What keras.applications does by default; if this ever passed in inference mode, the test above would be worthless.
    def slow(x, name):
        return keras.layers.BatchNormalization(momentum=0.999, name=f"{name}_bn")(x)

    monkeypatch.setattr("dermnet_core.models.separable_cnn._norm", slow)
    data = data_of(photos, tmp_path / "cache")
    inference, batch = accuracies(fit_stages(recipe(), data, tmp_path / "run", EventLog(tmp_path)), data)
    assert inference < batch - 0.02


def test_artifact_holds_what_was_trained(finished, photos):
    run, artifact = finished
    artifact.verify()
    card, evaluation = artifact.card, artifact.evaluation()
    assert card.classes == ("class-a", "class-b", "class-c")
    assert sum(card.train_counts.values()) == card.data["train"]
    assert card.data["train"] + card.data["validation"] == 72
    assert evaluation["n"] == 72
    assert evaluation["top1"] > 0.9
    assert card.figures["official"]["top1"]["value"] == evaluation["top1"]
    assert card.figures["clean"]["top1"]["n"] == evaluation["clean"]["n"]
    assert "--config" in card.command
    assert read_events(run.folder)[-1]["event"] == "finished"


def test_label_order_survives_save_and_load(finished, photos):
    _, artifact = finished
    model = load_model(recipe().model, artifact.path(WEIGHTS))
    data = data_of(photos, artifact.folder.parent)
    inference, _ = accuracies(model, replace(data, classes=artifact.card.classes))
    assert inference > 0.9


def test_another_label_order_is_kept_too(photos, tmp_path):
    data = data_of(photos, tmp_path / "cache", classes=("class-c", "class-a", "class-b"))
    model = fit_stages(recipe(), data, tmp_path / "run", EventLog(tmp_path))
    assert accuracies(model, data)[0] > 0.9
    assert accuracies(model, replace(data, classes=("class-a", "class-b", "class-c")))[0] < 0.2


def test_stages_on_stored_activations(photos, tmp_path):
    fit = replace(FIT, epochs=2)
    stages = (
        StageConfig("small", TransferConfig("block_14_expand", activation_copies=2, image_size=32), fit, MILD),
        StageConfig("head", TransferConfig("head", activation_copies=1), fit, MILD),
    )
    run = create_run(tmp_path / "run", recipe(*stages, architecture="mobilenet_v2"), photos)
    artifact = load_artifact(execute(run))
    assert artifact.card.image_size == 48
    events = read_events(run.folder)
    assert [event["name"] for event in events if event["event"] == "stage"] == ["small", "head"]
    assert any(event["event"] == "extract" for event in events)
    assert not list((run.folder / "checkpoints").glob("*.npy"))


def test_killed_run_ends_with_the_same_weights_as_one_that_was_left_alone(photos, tmp_path):
    fit = replace(FIT, epochs=9, schedule="constant", early_stopping_patience=8, reduce_on_plateau_patience=2)
    strong = replace(MILD, rotation=0.05, mixup=0.3)
    stored = StageConfig("stored", TransferConfig("head", activation_copies=3), replace(FIT, epochs=9), strong)
    config = recipe(StageConfig("all", fit=fit, augmentation=strong), stored)
    config = replace(config, separable_cnn=replace(config.separable_cnn, dropout=0.3))
    runs = [create_run(tmp_path / name, config, photos) for name in ("whole", "killed")]
    command = [sys.executable, "-m", "dermnet_core.training", str(runs[1].folder)]
    execute(runs[0])
    for progress in (4, 11):  # in the first stage, in the second
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(epochs(runs[1])) < progress:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not (runs[1].folder / "artifact").exists()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    whole, killed = (load_artifact(run.folder / "artifact") for run in runs)
    assert killed.card.sha256[WEIGHTS] == whole.card.sha256[WEIGHTS]  # bit for bit
    assert killed.card.figures == whole.card.figures
    last = {event["stage"]: event for event in read_events(runs[1].folder) if event["event"] == "epoch"}
    assert [event["epoch"] for event in last.values()] == [9, 9]


def epochs(run) -> list[int]:
    return [event["epoch"] for event in read_events(run.folder) if event["event"] == "epoch"]


def test_run_folder_of_other_settings_is_not_overwritten(photos, tmp_path):
    first = create_run(tmp_path / "run", recipe(), photos)
    assert create_run(tmp_path / "run", recipe(), photos) == first == open_run(tmp_path / "run")
    with pytest.raises(RunError, match="found a run with other settings"):
        create_run(tmp_path / "run", replace(recipe(), seed=1), photos)


def test_no_run_in_a_folder(tmp_path):
    with pytest.raises(RunError, match="Expected a run"):
        open_run(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"data_dir": ".", "training": to_dict(recipe()) | {"seed": "x"}}))
    with pytest.raises(RunError, match="whole number"):
        open_run(tmp_path)


def test_wrong_number_of_classes(photos, tmp_path):
    config = recipe()
    config = replace(config, separable_cnn=replace(config.separable_cnn, classes=4))
    run = create_run(tmp_path / "run", config, photos)
    with pytest.raises(ConfigError, match="Expected 4 class folders"):
        execute(run)


def test_failure_is_the_last_event(tmp_path):
    run = create_run(tmp_path / "run", recipe(), tmp_path / "nowhere")
    command = [sys.executable, "-m", "dermnet_core.training", str(run.folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert read_events(run.folder)[-1]["kind"] == "DatasetError"


def test_class_weights():
    labels = np.eye(2, dtype="f4")[[0] * 9 + [1]]
    assert class_weights(labels, "none").tolist() == [1.0] * 10
    balanced = class_weights(labels, "balanced")
    assert balanced.mean() == pytest.approx(1.0)
    assert balanced[-1] / balanced[0] == pytest.approx(9.0)
    assert class_weights(labels, "sqrt")[-1] / class_weights(labels, "sqrt")[0] == pytest.approx(3.0)


def test_event_cut_off_by_a_crash_is_left_out(tmp_path):
    EventLog(tmp_path).write("start", model="x")
    with (tmp_path / EVENTS).open("a") as stream:
        stream.write('{"event": "epo')
    assert [event["event"] for event in read_events(tmp_path)] == ["start"]
    assert read_events(tmp_path / "nowhere") == []


def test_throttled_always_tells_the_last():
    told = []
    progress = Throttled(lambda done, total: told.append(done), every_seconds=60)
    for done in range(1, 6):
        progress(done, 5)
    assert told == [1, 5]


def test_early_stopping_and_lower_rate_on_a_plateau(photos, tmp_path):
    fit = replace(
        FIT, epochs=40, learning_rate=1e-9, schedule="constant", early_stopping_patience=3, reduce_on_plateau_patience=1
    )
    run = create_run(tmp_path / "run", recipe(StageConfig(fit=fit, augmentation=MILD)), photos)
    execute(run)
    rates = [event["learning_rate"] for event in read_events(run.folder) if event["event"] == "epoch"]
    assert 3 < len(rates) < 40
    assert min(rates) < 1e-9
