"""Closed-form Grad-CAM against a numeric gradient, and what it says in words."""

import numpy as np
import pytest

from dermnet_core.explain.gradcam import Heatmap, LinearHead, all_grad_cams, grad_cam, normalised

HEIGHT, WIDTH, CHANNELS, HIDDEN, CLASSES = 4, 5, 6, 8, 3


@pytest.fixture(params=["linear", "hidden"])
def network(request):
    """A head with biases, features, and the function features -> logits."""
    rng = np.random.default_rng(0)
    features = rng.gamma(1.0, 1.0, (HEIGHT, WIDTH, CHANNELS))
    if request.param == "linear":
        output, bias = rng.normal(0, 1, (CHANNELS, CLASSES)), rng.normal(0, 1, CLASSES)
        return LinearHead(output), features, None, lambda x: x.mean(axis=(0, 1)) @ output + bias
    first, first_bias = rng.normal(0, 1, (CHANNELS, HIDDEN)), rng.normal(0, 1, HIDDEN)
    output, bias = rng.normal(0, 1, (HIDDEN, CLASSES)), rng.normal(0, 1, CLASSES)

    def activations(x):
        return np.maximum(x.mean(axis=(0, 1)) @ first + first_bias, 0.0)

    hidden = activations(features)
    assert 0 < (hidden > 0).sum() < HIDDEN  # some units are off, or the ReLU would go untested
    return LinearHead(output, first), features, hidden, lambda x: activations(x) @ output + bias


def numeric_grad_cam(logits, features, class_index: int):
    """Return the map of Selvaraju et al. from central differences."""
    gradient = np.zeros_like(features)
    for place in np.ndindex(features.shape):
        step = np.zeros_like(features)
        step[place] = 1e-4
        gradient[place] = (logits(features + step) - logits(features - step))[class_index] / 2e-4
    raw = np.maximum(features @ gradient.mean(axis=(0, 1)), 0.0)
    return raw / raw.max() if raw.max() > 0 else raw


@pytest.mark.parametrize("class_index", range(CLASSES))
def test_closed_form_is_the_numeric_gradient(network, class_index: int) -> None:
    head, features, hidden, logits = network
    found = grad_cam(features, head, class_index, hidden).values
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, numeric_grad_cam(logits, features, class_index), atol=1e-5)


def test_all_classes_at_once_are_the_classes_one_by_one(network) -> None:
    head, features, hidden, _ = network
    maps = all_grad_cams(features, head, hidden)
    assert (maps.shape, maps.dtype) == ((CLASSES, HEIGHT, WIDTH), np.float32)
    for class_index in range(CLASSES):
        np.testing.assert_allclose(maps[class_index], grad_cam(features, head, class_index, hidden).values, atol=1e-6)
    assert not all_grad_cams(-features, LinearHead(np.ones((CHANNELS, 2)))).any()


def test_the_networks_above_give_maps_worth_comparing(network) -> None:
    head, features, hidden, _ = network
    maps = [grad_cam(features, head, i, hidden).values for i in range(CLASSES)]
    assert sum(bool(values.any()) for values in maps) >= 2
    assert max(np.abs(values - maps[0]).max() for values in maps) > 0.5


def test_a_hidden_head_needs_its_activations() -> None:
    head = LinearHead(np.ones((2, 3), dtype=np.float32), np.ones((4, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="pass `hidden`"):
        grad_cam(np.ones((3, 3, 4), dtype=np.float32), head, 0)


def test_a_map_without_any_evidence_stays_zero() -> None:
    head = LinearHead(-np.ones((4, 2), dtype=np.float32))
    heatmap = grad_cam(np.ones((3, 3, 4), dtype=np.float32), head, 1)
    np.testing.assert_array_equal(heatmap.values, np.zeros((3, 3)))
    assert heatmap.strongest_place() == "nowhere: no part of the photo speaks for this class"


def test_normalised_keeps_the_positive_part_with_its_peak_at_one() -> None:
    np.testing.assert_array_equal(normalised(np.array([[-3.0, 1.0], [2.0, 4.0]])).values, [[0.0, 0.25], [0.5, 1.0]])


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (0, 0, "upper left"),
        (0, 3, "upper"),
        (1, 6, "upper right"),
        (3, 3, "centre"),
        (3, 0, "left"),
        (6, 6, "lower right"),
    ],
)
def test_strongest_place_in_words(row: int, column: int, words: str) -> None:
    values = np.full((7, 7), 0.2, dtype=np.float32)
    values[row, column] = 1.0
    assert Heatmap(values).strongest_place() == words


def test_resized_takes_width_then_height_and_stays_in_range() -> None:
    values = np.zeros((7, 7), dtype=np.float32)
    values[0, 6] = 1.0
    resized = Heatmap(values).resized(width=70, height=35)
    assert resized.shape == (35, 70)
    assert resized.dtype == np.float32
    assert np.unravel_index(resized.argmax(), resized.shape)[0] < 5
    assert resized[:5, -5:].max() == 1.0
    assert resized.min() == 0.0
