"""Training in the memory of an accelerator; the tests let the processor stand for one."""

from dataclasses import replace

import numpy as np
import pytest

from dermnet_core.config import AugmentationConfig, DistillationConfig, TransferConfig
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.models.zoo import load_model
from dermnet_core.training.jobs import create_run
from dermnet_core.training.status import read_progress
from tests.core.jax_cases import jax, under
from tests.core.run_cases import recipe as tiny
from tests.core.test_hints import recipe as hinted
from tests.factories import write_artifact

__all__ = ["jax"]  # a fixture

ONE_COPY = TransferConfig(activation_copies=1)

FIT = """
import sys
from pathlib import Path
import keras
from dermnet_core.data.scan import scan
from dermnet_core.training import fit as stages, resident, stopping
from dermnet_core.training.jobs import open_run
from dermnet_core.training.progress import EventLog
from dermnet_core.training.run import split_data

def small_hints(config, student):
    photo = keras.Input((128, 128, 3))
    return keras.Model(photo, keras.layers.AveragePooling2D(64)(keras.layers.Conv2D(704, 1)(photo)))

stages.build_hints = small_hints  # a tenth of the time that MobileNetV2 takes to build and compile

def fit(folder, in_memory, stop_after=None):
    def heed(event, values):
        if event == "epoch" and values["epoch"] == 2:
            resident._SAVE_EVERY = 1e9  # the first epoch is saved, the others are not
        stopping._asked = event == "epoch" and values["epoch"] == stop_after

    resident.accelerated, resident._SAVE_EVERY = lambda stage: in_memory, 0.0
    run = open_run(Path(folder))
    stages.fit_stages(run.config, split_data(run, scan(run.data_dir)), run.folder, EventLog(run.folder, heed))

disk, memory, taught = sys.argv[1:]
fit(disk, False)
try:
    fit(memory, True, stop_after=1)
except stopping.Stopped:
    fit(memory, True)
fit(taught, True)
"""

CONVOLUTIONS = """
import jax, keras, numpy as np
from dermnet_core.training.xla import plain_convolutions
random = np.random.default_rng(5)
cases = [
    ("conv", 3, 1, "same", (3, 3, 4, 6)), ("conv", 3, 2, "same", (3, 3, 4, 6)), ("conv", 2, 2, "valid", (2, 2, 4, 6)),
    ("conv", 1, (2, 2), "same", (1, 1, 4, 6)), ("depthwise_conv", 3, 1, "same", (3, 3, 4, 1)),
    ("depthwise_conv", 3, 2, "valid", (3, 3, 4, 1)), ("depthwise_conv", 2, 2, "valid", (2, 2, 4, 4)),
]
for name, size, strides, padding, shape in cases:
    for side in (9, 10):
        x, kernel = (random.normal(size=s).astype("float32") for s in ((2, side, side, 4), shape))
        expected = getattr(keras.ops, name)(x, kernel, strides, padding)
        with plain_convolutions():
            found = getattr(keras.ops, name)(x, kernel, strides, padding)
            traced = jax.make_jaxpr(lambda x: getattr(keras.ops, name)(x, kernel, strides, padding))(x)
        assert "conv_general" not in str(traced)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=str((name, size, strides, padding)))

"""


def plain(epochs):
    """Return a recipe without chance: one copy, as it is, and no dropout."""
    base = tiny(epochs)
    stage = replace(base.stages[0], augmentation=AugmentationConfig(False, 0.0, 0.0, 0.0, 0.0), transfer=ONE_COPY)
    return replace(base, stages=(stage,), separable_cnn=replace(base.separable_cnn, dropout=0.0))


def trained(run):
    return load_model(run.config.model, run.folder / "checkpoints" / "stage1.weights.h5").get_weights()


def test_convolutions_made_of_products_and_sums_are_those_of_keras(jax):
    under("jax", "-c", CONVOLUTIONS)


@pytest.fixture(scope="module")
def runs(jax, tmp_path_factory):
    """Return a run from disk, the same in memory but stopped and continued, and one with teacher, hints and MixUp."""
    folder = tmp_path_factory.mktemp("resident")
    write_photo_folder(folder / "photos", per_class=12, size=64)
    write_artifact(folder / "models" / "separable_cnn", "separable_cnn", classes=3)
    base = hinted("imagenet", epochs=4)
    stage = replace(base.stages[0], augmentation=replace(base.stages[0].augmentation, mixup=0.2))
    taught = replace(base, stages=(stage,), distillation=DistillationConfig(("separable_cnn",), 0.2, image_size=96))
    recipes = {"disk": plain(2), "memory": plain(2), "taught": taught}
    made = [create_run(folder / name, config, folder / "photos") for name, config in recipes.items()]
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv("DERMNET_MODELS_DIR", str(folder / "models"))
        under("jax", "-c", FIT, *(run.folder for run in made))
    return made


def test_without_chance_it_trains_what_training_from_disk_does_also_when_it_was_stopped(runs):
    disk, memory, _ = runs
    for one, other in zip(trained(disk), trained(memory), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)
    told = [read_progress(run.folder).epochs for run in (disk, memory)]
    assert [epoch.epoch for epoch in told[1]] == [1, 2]
    for one, other in zip(*told, strict=True):
        assert other.loss == pytest.approx(one.loss, abs=1e-3)
        assert other.val_loss == pytest.approx(one.val_loss, abs=1e-3)
        assert other.learning_rate == pytest.approx(one.learning_rate)
        assert (other.accuracy, other.val_accuracy) == pytest.approx((one.accuracy, one.val_accuracy))


def test_it_learns_with_teacher_hints_and_mixup(runs):
    epochs = read_progress(runs[2].folder).epochs
    assert len(epochs) == 4
    assert epochs[-1].loss < epochs[0].loss


def test_a_stage_is_for_an_accelerator_only_with_stored_copies_and_a_fixed_end(jax):
    code = (
        "import jax; from dermnet_core.training import resident; from dermnet_core.config import *\n"
        "stored, fit = TransferConfig(activation_copies=2), FitConfig(epochs=2)\n"
        "stages = [StageConfig(transfer=stored, fit=fit), StageConfig(fit=fit),\n"
        "          StageConfig(transfer=stored, fit=FitConfig(early_stopping_patience=2))]\n"
        "assert [resident.accelerated(stage) for stage in stages] == [False] * 3\n"
        "jax.devices = lambda: [type('Device', (), {'platform': 'gpu'})]\n"
        "assert [resident.accelerated(stage) for stage in stages] == [True, False, False]\n"
    )
    under("jax", "-c", code)
