import numpy as np
import pytest

from dermnet_core.config import AugmentationConfig
from dermnet_core.data.augmentation import build_augmenter
from dermnet_core.data.images import read_photo
from dermnet_core.data.pipeline import inference_batches, one_hot_labels, pixel_cache, release, training_batches
from dermnet_core.data.scan import scan
from dermnet_core.errors import ImageError
from dermnet_core.inference import InferenceEngine
from tests.factories import write_artifact


def coded(n: int = 40, classes: int = 4):
    """Return photos whose every pixel is 10 times the number of their class, and the labels."""
    numbers = np.arange(n) % classes
    return np.broadcast_to(numbers[:, None, None, None] * 10, (n, 8, 8, 3)).astype("uint8"), np.eye(
        classes, dtype="f4"
    )[numbers]


@pytest.mark.parametrize("copies", [0, 3])
@pytest.mark.parametrize("mixup", [0.0, 0.4])
def test_photos_labels_and_weights_stay_together(copies, mixup):
    photos, labels = coded()
    inputs = np.stack([photos] * copies) if copies else photos
    weights = labels @ np.arange(4, dtype="f4")
    seen = 0
    for x, y, w in training_batches(inputs, labels, weights, 8, seed=1, mixup=mixup, copies=bool(copies)):
        expected = y.numpy() @ np.arange(4)
        np.testing.assert_allclose(x.numpy()[:, 0, 0, 0], 10 * expected, atol=1e-4)
        np.testing.assert_allclose(w.numpy(), expected, atol=1e-5)
        seen += len(x)
    assert seen == 40


@pytest.mark.parametrize("mixup", [0.0, 0.4])
def test_targets_answer_for_the_photos_of_each_batch_before_they_are_blended(mixup):
    photos, labels = coded()

    def following(shown, given):
        numbers = np.rint(shown[:, 0, 0, 0] / 10).astype(int)  # blended photos would have no such number
        np.testing.assert_array_equal(numbers, given.argmax(axis=1))
        return np.eye(4, dtype="f4")[(numbers + 1) % 4]

    batches = training_batches(photos, labels, labels.sum(axis=1), 8, seed=1, mixup=mixup, targets=following)
    for x, y, _w in batches:
        np.testing.assert_allclose(x.numpy()[:, 0, 0, 0], 10 * (y.numpy() @ np.array([3, 0, 1, 2])), atol=1e-4)


def test_training_order_is_shuffled_and_reproducible():
    photos, labels = coded()

    def order(seed):
        return [y.numpy().argmax(1).tolist() for _, y, _ in training_batches(photos, labels, labels[:, 0], 8, seed)]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_inference_keeps_the_order():
    photos, labels = coded()
    found = np.concatenate([x.numpy() for x, _ in inference_batches(photos, labels, 16)])
    np.testing.assert_array_equal(found, photos.astype("f4"))


def test_training_and_serving_see_the_same_pixels(photo_folder, tmp_path):
    records = scan(photo_folder).split("train")
    engine = InferenceEngine(write_artifact(tmp_path / "model", "separable_cnn", classes=3, size=48))
    trained = pixel_cache(photo_folder, records, 48, tmp_path)
    served = []
    run = engine.model.run
    engine.model.run = lambda batch: served.append(batch) or run(batch)
    for record in records[:6]:
        engine.predict(read_photo((photo_folder / record.file).read_bytes()))
    np.testing.assert_array_equal(np.concatenate(served), trained[:6])


def test_pixels_are_decoded_once(photo_folder, tmp_path):
    records = scan(photo_folder).split("test")
    told = []
    first = pixel_cache(photo_folder, records, 32, tmp_path, lambda done, total: told.append(done))
    again = pixel_cache(photo_folder, records, 32, tmp_path, lambda done, total: told.append(done))
    assert told == list(range(1, 25))
    np.testing.assert_array_equal(first, again)
    assert len(list(tmp_path.iterdir())) == 1


def test_damaged_photo_leaves_no_half_cache(tmp_path):
    folder = tmp_path / "data" / "train" / "a"
    folder.mkdir(parents=True)
    (folder / "a-1.jpg").write_bytes(b"no photo at all")
    with pytest.raises(ImageError):
        pixel_cache(tmp_path / "data", scan(tmp_path / "data").split("train"), 32, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_one_hot_follows_the_given_order(photo_folder):
    records = scan(photo_folder).split("test")
    backwards = one_hot_labels(records, ("class-c", "class-b", "class-a"))
    assert backwards[0].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    "config",
    [
        AugmentationConfig(rotation=0, zoom=0, contrast=0),
        AugmentationConfig(flip=False, rotation=0.1, zoom=0, contrast=0),
        AugmentationConfig(flip=False, rotation=0, zoom=0.3, contrast=0),
        AugmentationConfig(flip=False, rotation=0, zoom=0, shift=0.1, contrast=0),
        AugmentationConfig(flip=False, rotation=0, zoom=0, contrast=0.3),
        AugmentationConfig(flip=False, rotation=0, zoom=0, contrast=0, sharpness=0.5),
    ],
)
def test_each_augmentation_changes_photos_only_in_training(config):
    photos = np.random.default_rng(0).uniform(0, 255, (8, 16, 16, 3)).astype("f4")
    augmenter = build_augmenter(config, seed=3)
    changed = augmenter(photos, training=True).numpy()
    assert changed.shape == photos.shape
    assert not np.allclose(changed, photos)
    assert changed.min() >= -1e-3
    assert changed.max() <= 255 + 1e-3
    np.testing.assert_array_equal(augmenter(photos, training=False), photos)


def test_flip_mirrors_about_half_of_the_photos_exactly():
    photos = np.random.default_rng(0).uniform(0, 255, (64, 16, 16, 3)).astype("f4")
    flipped = build_augmenter(AugmentationConfig(rotation=0, zoom=0, contrast=0), 5)(photos, training=True).numpy()
    mirrored = np.isclose(flipped, photos[:, :, ::-1], atol=1e-2).all((1, 2, 3))
    kept = np.isclose(flipped, photos, atol=1e-2).all((1, 2, 3))
    assert (mirrored | kept).all()
    assert 16 < mirrored.sum() < 48


def test_sharpness_changes_detail_both_ways_and_leaves_plain_parts_alone():
    photos = np.full((64, 16, 16, 3), 100.0, "f4")
    photos[:, 8:] = 150.0
    config = AugmentationConfig(flip=False, rotation=0, zoom=0, contrast=0, sharpness=0.8)
    changed = build_augmenter(config, 5)(photos, training=True).numpy()
    np.testing.assert_allclose(changed[:, :7], photos[:, :7], atol=1e-3)
    np.testing.assert_allclose(changed[:, 9:], photos[:, 9:], atol=1e-3)
    step = changed[:, 8, 4, 0] - changed[:, 7, 4, 0]  # the blur takes half of a step of 50
    assert step.min() < 40
    assert step.max() > 60
    assert np.abs(step - 50).max() <= 0.8 * 25 + 1e-3


def test_no_augmentation_is_none():
    assert build_augmenter(AugmentationConfig(flip=False, rotation=0, zoom=0, contrast=0), 0) is None


def test_pages_of_a_memory_map_are_let_go_without_losing_anything(tmp_path):
    written = np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.uint8, shape=(64, 4096))
    written[:] = 7
    release(written)
    assert (written == 7).all()
    release(written[0])
    release(np.zeros(3))
    del written
    assert (np.load(tmp_path / "x.npy") == 7).all()
