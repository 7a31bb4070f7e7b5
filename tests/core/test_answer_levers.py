"""What the benchmark of levers without training does to answers."""

import numpy as np
import pytest

from benchmarks.answer_levers import adjusted, measured
from dermnet_core.evaluation.calibration import softmax
from dermnet_core.evaluation.predictions import Predictions


def test_adjustment_by_one_takes_the_prior_out_of_a_score():
    likelihood, share = np.array([[0.6, 0.4]]), np.array([0.1, 0.9])
    posterior = likelihood * share / (likelihood * share).sum()
    assert softmax(adjusted(np.log(posterior), share, 1.0), 1.0)[0] == pytest.approx([0.6, 0.4])
    assert adjusted(posterior, share, 0.0) == pytest.approx(posterior)


def test_a_gain_is_that_of_first_answers_and_its_interval_draws_groups():
    before = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8]])
    after = np.array([[0.9, 0.1], [0.9, 0.1], [0.8, 0.2], [0.8, 0.2]])
    photos = Predictions(("a", "b", "c", "d"), np.array([0, 0, 0, 0]), before, ("x", "y"))
    found = measured(after, before, photos, np.array([0, 0, 1, 1]))
    assert (found["top1"], found["gain"][0]) == (1.0, 0.5)
    assert found["gain"][1:] == [0.0, 1.0]  # two groups, of which one gained
