"""Training under JAX, and weights of either backend under the other; all other tests run on TensorFlow."""

from dataclasses import replace

import numpy as np

from dermnet_core.artifacts import LITERT, WEIGHTS, load_artifact
from dermnet_core.config import DistillationConfig
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.litert import LiteRTModel
from dermnet_core.models.zoo import load_model
from dermnet_core.training.jobs import create_run
from dermnet_core.training.status import read_progress
from tests.core.jax_cases import jax, under
from tests.core.run_cases import recipe
from tests.factories import random_model, random_photos, write_artifact

__all__ = ["jax"]  # a fixture

LOGITS = """
import sys
from pathlib import Path
import numpy as np
from dermnet_core.models.zoo import load_model
from dermnet_core.training.jobs import open_run
run, photos, out, *files = map(Path, sys.argv[1:])
models = [load_model(open_run(run).config.model, weights) for weights in files]
np.save(out, [np.asarray(model(np.load(photos).astype("float32"), training=False)) for model in models])
"""


def logits(config, weights, x):
    """Return what Keras on TensorFlow, which the tests run on, makes of the weights."""
    return np.asarray(load_model(config.model, weights)(x.astype("float32"), training=False))


def test_jax_trains_to_a_model_that_tensorflow_and_litert_agree_with(jax, tmp_path, monkeypatch):
    photos, x = tmp_path / "photos", random_photos(4, 48)
    write_photo_folder(photos, per_class=16, size=48)
    monkeypatch.setenv("DERMNET_MODELS_DIR", str(tmp_path / "models"))
    write_artifact(tmp_path / "models" / "separable_cnn", "separable_cnn", classes=3)
    base = recipe(3)
    strong = replace(base.stages[0].augmentation, rotation=0.05, contrast=0.1, mixup=0.2)
    config = replace(
        base, stages=(replace(base.stages[0], augmentation=strong),), statistics_photos=16,
        distillation=DistillationConfig(("separable_cnn",), share=0.2),
    )  # fmt: skip
    run = create_run(tmp_path / "run", config, photos)
    under("jax", "-m", "dermnet_core.training", run.folder)
    epochs = read_progress(run.folder).epochs
    assert epochs[-1].loss < epochs[0].loss
    artifact = load_artifact(run.folder / "artifact")
    artifact.verify()
    assert any("separable_cnn" in line for line in artifact.card.provenance)
    trained, measured = (
        load_model(config.model, weights).get_layer("stem1_bn").moving_mean
        for weights in (run.folder / "checkpoints" / "stage1.weights.h5", artifact.path(WEIGHTS))
    )
    assert not np.allclose(trained, measured, rtol=1e-3)
    of_tensorflow = tmp_path / "tensorflow.weights.h5"
    random_model(config).save_weights(of_tensorflow)
    np.save(tmp_path / "x.npy", x)
    files = (artifact.path(WEIGHTS), of_tensorflow)
    under("jax", "-c", LOGITS, run.folder, tmp_path / "x.npy", tmp_path / "jax.npy", *files)
    answers = np.load(tmp_path / "jax.npy")
    for file, found in zip(files, answers, strict=True):
        np.testing.assert_allclose(logits(config, file, x), found, atol=1e-4)
    served = LiteRTModel(artifact.path(LITERT)).run(x)["logits"]
    np.testing.assert_allclose(served, answers[0], atol=1e-3)
