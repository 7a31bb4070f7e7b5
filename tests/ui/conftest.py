"""Photos on the table, with answers that agree and that do not."""

import dataclasses

import pytest

from dermnet_ui.case import Case
from tests.ui.cases import ECZEMA, PSORIASIS, URTICARIA, answer, make_case


@pytest.fixture
def disagreeing() -> Case:
    """Return a photo that the CNN calls Eczema and MobileNetV2 Psoriasis."""
    return make_case(
        answer("separable_cnn", {ECZEMA: 0.62, PSORIASIS: 0.17}),
        answer("mobilenet_v2", {PSORIASIS: 0.81, ECZEMA: 0.09}, seed=1),
    )


@pytest.fixture
def agreeing(disagreeing: Case) -> Case:
    """Return a photo that both call Urticaria, the CNN without conviction."""
    weak = answer("separable_cnn", {URTICARIA: 0.15}, ("The highest score is only 15: too low to lean on.",))
    return dataclasses.replace(disagreeing, answers=(weak, answer("mobilenet_v2", {URTICARIA: 0.7}, seed=1)))
