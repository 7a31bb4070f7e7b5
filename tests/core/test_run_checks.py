import shutil
from collections import namedtuple
from dataclasses import replace

import pytest

from dermnet_core.config import FitConfig, MobileNetV2Config, StageConfig, TrainingConfig
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ConfigError, DatasetError, RunError
from dermnet_core.training.checks import check_photos, check_room, check_run
from tests.core.run_cases import recipe


@pytest.fixture
def photos(tmp_path):
    write_photo_folder(tmp_path, per_class=12, size=32)
    return tmp_path


def test_a_sound_folder_and_recipe(photos):
    assert check_run(recipe(2), photos) == ()
    check_photos(photos)


def test_thin_classes_are_noted(photos):
    for path in sorted((photos / "train" / "class-a").iterdir())[3:]:
        path.unlink()
    assert check_run(recipe(2), photos) == ("Very few training photos of: class-a (3).",)


def test_one_class(tmp_path):
    write_photo_folder(tmp_path, classes=1)
    with pytest.raises(DatasetError, match="at least two class folders"):
        check_run(recipe(2), tmp_path)


def test_a_class_without_training_photos(photos):
    shutil.rmtree(photos / "train" / "class-b")
    with pytest.raises(DatasetError, match="found none in: class-b"):
        check_run(recipe(2), photos)


def test_an_empty_class_folder(photos):
    (photos / "train" / "class-x").mkdir()
    with pytest.raises(DatasetError, match="found none in: class-x"):
        check_run(recipe(2), photos)


def test_train_without_test_and_the_way_out(photos):
    shutil.rmtree(photos / "test")
    with pytest.raises(DatasetError, match="Expected test photos"):
        check_run(recipe(2), photos)
    check_run(recipe(2), photos / "train")  # as the message says


def test_test_without_train(photos):
    shutil.rmtree(photos / "train")
    with pytest.raises(DatasetError, match="found test photos only"):
        check_run(recipe(2), photos)


def test_another_number_of_classes(photos):
    with pytest.raises(ConfigError, match="Expected 4 class folders"):
        check_run(recipe(2, classes=4), photos)


def test_a_batch_larger_than_the_data(photos):
    config = replace(recipe(2), stages=(StageConfig("big", fit=FitConfig(batch_size=32)),))
    with pytest.raises(ConfigError, match="at most the 27 training photos, found 32"):
        check_run(config, photos)


def test_weights_that_are_not_there(photos):
    network = MobileNetV2Config(weights=str(photos / "nowhere.h5"), classes=3)
    config = TrainingConfig("mobilenet_v2", mobilenet_v2=network, stages=recipe(1).stages)
    with pytest.raises(ConfigError, match="found no file"):
        check_run(config, photos)


def test_an_unknown_optimizer():
    with pytest.raises(ConfigError, match="adam, adamw, rmsprop or sgd for optimizer, found 'lion'"):
        FitConfig(optimizer="lion")


def test_photos_that_cannot_be_read_are_named_also_those_of_test(photos):
    (photos / "test" / "class-a" / "broken-1.jpg").write_bytes(b"no photo")
    with pytest.raises(DatasetError, match=r"found 1 that cannot: test/class-a/broken-1\.jpg"):
        check_photos(photos)


def test_no_room_on_the_disk(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(2**33, 2**33 - 2**29, 2**29))
    check_room(tmp_path / "not" / "there", 2**29)
    with pytest.raises(RunError, match=r"Expected 2\.00 GiB of room .* found 0\.50 GiB"):
        check_room(tmp_path, 2**31)
