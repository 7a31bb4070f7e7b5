"""What the benchmark of temperatures from few photos compares."""

import numpy as np
import pytest

from benchmarks.few_to_calibrate import drawn_parts, fitted, temperatures
from dermnet_core.evaluation.calibration import fit_temperature


def answers(seed: int, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (300, 4))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return logits * sharpness, np.array([rng.choice(4, p=row) for row in chances])


def test_parts_are_whole_groups_and_no_larger_than_they_must_be() -> None:
    group = np.repeat(np.arange(30), np.arange(1, 31) % 5 + 1)
    for part in drawn_parts(group, 0.3, 5):
        assert all(len(set(part[group == number])) == 1 for number in range(30))
        assert 0.3 * len(group) <= part.sum() < 0.3 * len(group) + 5


def test_a_model_that_differs_in_sharpness_alone_corrects_a_part_wholly() -> None:
    logits, labels = answers(0)
    part = np.arange(300) < 40
    found = {
        (way, model): temperature
        for way, model, temperature in temperatures([logits, 2.0 * logits], labels, part, [100, 100, 50, 50])
    }
    assert found["part, corrected", 1] == pytest.approx(found["all", 1], rel=1e-3)
    assert found["part", 1] != pytest.approx(found["all", 1], rel=0.02)


def test_weights_count_a_photo_as_often_as_they_say() -> None:
    logits, labels = answers(1, 1.5)
    assert fitted(logits, labels) == pytest.approx(fit_temperature(logits, labels), rel=1e-3)
    times = np.arange(300) % 3
    often = fitted(np.repeat(logits, times, axis=0), np.repeat(labels, times))
    assert fitted(logits, labels, times.astype(float)) == pytest.approx(often, rel=1e-3)
