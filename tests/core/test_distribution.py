"""Training over two virtual devices, beside training on one."""

import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

from dermnet_core.config import StageConfig, TransferConfig
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ConfigError
from dermnet_core.training import fit
from dermnet_core.training.jobs import create_run
from dermnet_core.training.status import read_progress
from tests.core.run_cases import recipe

TRAIN = """
import sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * int(sys.argv[2]))
real = tf.distribute.MirroredStrategy
def told(devices):
    print("devices", len(devices), flush=True)
    return real(devices)
tf.distribute.MirroredStrategy = told
from dermnet_core.training.__main__ import main
sys.exit(main(sys.argv[1:2]))
"""


def test_two_devices_train_as_one_does(tmp_path):
    photos = tmp_path / "photos"
    write_photo_folder(photos, per_class=16, size=48)
    base = recipe(2)
    # Frozen BatchNorm and no dropout: nothing else depends on how a batch is divided.
    plain = replace(base.stages[0].augmentation, flip=False)
    fitted = replace(base.stages[0].fit, optimizer="sgd", learning_rate=0.05)
    stage = StageConfig("all", TransferConfig(train_batch_norm=False), fitted, plain)
    config = replace(base, separable_cnn=replace(base.separable_cnn, dropout=0.0), stages=(stage,))
    curves = []
    for distribution, devices in (("none", 1), ("mirrored", 2)):
        run = create_run(tmp_path / distribution, replace(config, distribution=distribution), photos, "trial")
        command = [sys.executable, "-c", TRAIN, str(run.folder), str(devices)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        assert ("devices 2" in done.stdout) == (distribution == "mirrored")
        curves.append([(epoch.loss, epoch.val_loss) for epoch in read_progress(run.folder).epochs])
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-3)


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ConfigError, match="found jax"):
        fit._scope("mirrored")
