"""The serving engine says what the Keras model says, explains as the gradient does, and refuses damaged models."""

import io
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.utils.scores import CategoricalScore

from dermnet_core.artifacts import HEAD, LITERT, NOVELTY, Artifact, load_artifact, write_card
from dermnet_core.data.images import Photo, read_photo
from dermnet_core.errors import ArtifactError, ImageError
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.explain.gradcam import normalised
from dermnet_core.inference import InferenceEngine
from dermnet_core.paths import ROOT
from tests.factories import random_photos, write_artifact


@pytest.fixture(scope="session")
def engine(any_artifact) -> InferenceEngine:
    return InferenceEngine(any_artifact)


def compared_classes(engine: InferenceEngine) -> list[int]:
    last = len(engine.card.classes) - 1
    return sorted({0, 1, last // 2, last})


def test_grad_cam_in_closed_form_is_that_of_the_gradient_tape(engine, any_model, squashed) -> None:
    body = keras.Model(any_model.input, any_model.get_layer("features").output)
    head = keras.Model(body.output, any_model.output)

    @tf.function  # eager gradients of narrow layers may crash
    def features_and_slope(photo: tf.Tensor, class_index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features = body(photo, training=False)
        with tf.GradientTape() as tape:
            tape.watch(features)
            score = head(features, training=False)[0, class_index]
        return features, tape.gradient(score, features)

    shown = 0
    for photo in squashed:
        prediction = engine.predict(Photo(photo, "PNG"))
        for index in compared_classes(engine):
            features, slope = features_and_slope(tf.constant(photo[np.newaxis], tf.float32), tf.constant(index))
            raw = (features.numpy()[0] * slope.numpy()[0].mean(axis=(0, 1))).sum(axis=-1)
            expected = normalised(raw).values
            np.testing.assert_allclose(prediction.heatmap(index).values, expected, atol=1e-3)
            shown += bool(expected.any())
    assert shown, "maps that are all empty would show nothing"


def test_grad_cam_in_closed_form_is_that_of_tf_keras_vis(engine, any_model, squashed) -> None:
    reference, photo = Gradcam(any_model), squashed[0]
    prediction = engine.predict(Photo(photo, "PNG"))
    shown = 0
    for index in compared_classes(engine):
        raw = reference(
            CategoricalScore([index]),
            photo[np.newaxis].astype(np.float32),
            penultimate_layer="features",
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
        )
        expected = normalised(np.asarray(raw)[0]).values
        np.testing.assert_allclose(prediction.heatmap(index).values, expected, atol=1e-3)
        shown += bool(expected.any())
    assert shown, "maps that are all empty would show nothing"


def test_scores_are_the_calibrated_softmax_of_the_keras_model(engine, any_model, squashed) -> None:
    logits = np.asarray(any_model(squashed.astype(np.float32), training=False))
    for photo, expected in zip(squashed, softmax(logits, engine.card.temperature), strict=True):
        prediction = engine.predict(Photo(photo, "PNG"))
        np.testing.assert_allclose(prediction.scores, expected, atol=1e-3)
        assert prediction.scores.sum() == pytest.approx(1.0, abs=1e-5)
        best = prediction.ranked(3)
        assert [entry.score for entry in best] == sorted(prediction.scores.tolist(), reverse=True)[:3]
        assert [engine.card.classes.index(entry.label) for entry in best] == [entry.index for entry in best]
        np.testing.assert_array_equal(prediction.top_heatmap.values, prediction.heatmap(best[0].index).values)


def test_a_batch_of_any_size_is_answered_as_one_by_one(any_artifact) -> None:
    model = InferenceEngine(any_artifact).model
    photos = random_photos(5, any_artifact.card.image_size, seed=2)
    alone = [model.run(photo[np.newaxis]) for photo in photos]
    for n in (5, 1, 3, 2):
        together = model.run(photos[:n])
        for name, values in together.items():
            expected = np.concatenate([outputs[name] for outputs in alone[:n]])
            np.testing.assert_allclose(values, expected, atol=1e-4, rtol=1e-4, err_msg=name)


def test_outputs_stay_when_the_next_photo_is_answered(engine, squashed) -> None:
    first = engine.predict(Photo(squashed[0], "PNG"))
    before = first.heatmaps.copy()
    engine.predict(Photo(squashed[1], "PNG"))
    np.testing.assert_array_equal(first.heatmaps, before)


def test_bytes_are_answered_as_the_photo_they_hold(tiny_artifact) -> None:
    stream = io.BytesIO()
    Image.fromarray(random_photos(1, 150)[0]).resize((200, 120)).save(stream, format="JPEG")
    engine = InferenceEngine(tiny_artifact)
    from_bytes, from_photo = engine.predict_bytes(stream.getvalue()), engine.predict(read_photo(stream.getvalue()))
    np.testing.assert_array_equal(from_bytes.scores, from_photo.scores)
    assert from_bytes.milliseconds > 0.0
    with pytest.raises(ImageError):
        engine.predict_bytes(b"no photo")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"abstain_below": 1.1}, "too low to lean on"), ({"novelty_limit": 0.0}, "Unlike the training photos")],
)
def test_limits_of_the_card_make_the_model_abstain_and_say_why(tiny_artifact, change, words) -> None:
    photo = Photo(random_photos(1, 64)[0], "PNG")
    assert not InferenceEngine(tiny_artifact).predict(photo).abstained
    prediction = InferenceEngine(replace(tiny_artifact, card=replace(tiny_artifact.card, **change))).predict(photo)
    assert prediction.abstained
    assert [words in reason for reason in prediction.reasons] == [True]


@pytest.mark.parametrize("name", [LITERT, HEAD, NOVELTY])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "foreign"])
def test_a_damaged_file_is_refused(tiny_artifact, name, damage) -> None:
    path = tiny_artifact.path(name)
    content = {"empty": b"", "cut": path.read_bytes()[:-400], "foreign": b"something else " * 100}
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[damage])
    with pytest.raises(ArtifactError, match=r"Restore|again"):
        InferenceEngine(tiny_artifact)


@pytest.mark.parametrize("change", [{"image_size": 96}, {"classes": ("a", "b")}])
def test_a_card_of_another_model_is_refused(tiny_artifact, change) -> None:
    write_card(tiny_artifact.folder, replace(tiny_artifact.card, **change))
    with pytest.raises(ArtifactError, match="as the card"):
        InferenceEngine(load_artifact(tiny_artifact.folder))


def test_files_of_another_model_are_refused(tiny_artifact, tmp_path) -> None:
    other = write_artifact(tmp_path / "other", "mobilenet_v2")
    for name in (LITERT, NOVELTY):
        mixed = write_artifact(tmp_path / name, "separable_cnn")
        mixed.path(name).write_bytes(other.path(name).read_bytes())
        with pytest.raises(ArtifactError):
            predict_anything(mixed)


def predict_anything(artifact: Artifact) -> None:
    InferenceEngine(artifact).predict(Photo(random_photos(1, 64)[0], "PNG"))


def test_a_process_that_serves_never_loads_tensorflow(tiny_artifact) -> None:
    code = (
        "import sys, pathlib, numpy as np\n"
        "from dermnet_core.artifacts import load_artifact\n"
        "from dermnet_core.data.images import Photo\n"
        "from dermnet_core.inference import InferenceEngine\n"
        "engine = InferenceEngine(load_artifact(pathlib.Path(sys.argv[1])))\n"
        "engine.predict(Photo(np.full((80, 90, 3), 128, np.uint8), 'PNG')).heatmap(2)\n"
        "sys.exit(str({'tensorflow', 'keras', 'tf_keras_vis'} & set(sys.modules) or '') or 0)\n"
    )
    command = [sys.executable, "-c", code, str(tiny_artifact.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
