from dataclasses import replace

import pytest

from dermnet_core.config import FitConfig, MobileNetV2Config, StageConfig, TrainingConfig, TransferConfig
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import DatasetError, RunError
from dermnet_core.training.cost import estimate, probe
from tests.core.run_cases import recipe

STORED = StageConfig("head", TransferConfig("head", activation_copies=3, image_size=64), FitConfig(5, batch_size=8))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    write_photo_folder(folder, per_class=16, size=48)
    return folder


def test_photos_steps_and_disk_are_counted(photos):
    cost = estimate(recipe(4, 2), photos)
    assert (cost.train, cost.validation, cost.test) == (36, 12, 48)
    assert [(stage.name, stage.steps, stage.seconds) for stage in cost.stages] == [
        ("stage 1", 4 * 4, None),
        ("stage 2", 2 * 4, None),
    ]
    assert cost.steps == 24
    assert cost.seconds is None
    assert cost.disk_bytes > 48 * 48 * 48 * 3


def test_fewer_photos_cost_less(photos):
    assert estimate(replace(recipe(4), max_photos=20), photos).train == 15


def test_time_and_memory_are_measured_in_another_process(photos):
    network = MobileNetV2Config(48, 0.35, weights="imagenet", classes=3)  # not fetched for a measurement
    tuned = StageConfig("last", TransferConfig("last_10"), FitConfig(2, batch_size=8))  # little to trace
    cost = probe(TrainingConfig("mobilenet_v2", mobilenet_v2=network, stages=(STORED, tuned)), photos)
    assert all(stage.seconds > 0 for stage in cost.stages)
    assert cost.seconds > sum(stage.seconds for stage in cost.stages)
    assert 2**28 < cost.memory_bytes < 2**32
    assert cost.disk_bytes > estimate(recipe(1), photos).disk_bytes


def test_a_measurement_that_takes_too_long_is_stopped(photos):
    with pytest.raises(RunError, match="within 0 seconds"):
        probe(recipe(1), photos, timeout=0.2)


def test_a_recipe_that_cannot_be_built_says_why(photos):
    config = replace(recipe(1), stages=(StageConfig(transfer=TransferConfig("block_99")),))
    with pytest.raises(RunError, match="block_99"):
        probe(config, photos)


def test_no_photos(tmp_path):
    with pytest.raises(DatasetError):
        estimate(recipe(1), tmp_path)
