import numpy as np
import pytest

from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.quality import assess
from dermnet_core.data.synthetic import example_drawings, write_photo_folder


@pytest.fixture(scope="module")
def drawings():
    return example_drawings()


def test_drawings_say_what_they_are(drawings):
    assert len({drawing.name for drawing in drawings}) == len(drawings) >= 4
    for drawing in drawings:
        assert drawing.name[0].isupper()
        assert drawing.description.endswith(".")
        assert (drawing.rgb.shape, drawing.rgb.dtype) == ((480, 640, 3), np.uint8)


def test_drawings_pass_as_good_pictures_and_differ(drawings):
    assert [assess(drawing.rgb).warnings for drawing in drawings] == [()] * len(drawings)
    brightness = sorted(drawing.rgb.mean() for drawing in drawings)
    assert brightness[-1] - brightness[0] > 50  # fair and dark skin


def test_drawings_are_the_same_every_time(drawings):
    for first, second in zip(drawings, example_drawings(), strict=True):
        assert np.array_equal(first.rgb, second.rgb)


def test_photo_folder_has_the_layout_of_the_atlas(tmp_path):
    write_photo_folder(tmp_path, classes=4, per_class=5, size=48)
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jpg"))
    assert len(names) == 2 * 4 * 5
    assert names[:3] == [f"test/class-a/class-a-test-{n}.jpg" for n in ("a-1", "a-2", "b-1")]
    assert len({path.read_bytes() for path in tmp_path.rglob("*.jpg")}) == len(names)
    assert read_photo_file(tmp_path / names[0]).rgb.shape == (48, 48, 3)


def test_photo_folder_without_splits_and_with_another_seed(tmp_path):
    write_photo_folder(tmp_path / "one", classes=2, per_class=2, splits=("",))
    write_photo_folder(tmp_path / "two", classes=2, per_class=2, splits=("",), seed=1)
    write_photo_folder(tmp_path / "three", classes=2, per_class=2, splits=("",))
    name = "class-b/class-b-all-a-2.jpg"
    one, two, three = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two", "three"))
    assert one == three != two


def test_photo_folder_can_be_learned(tmp_path):
    """The nearest class mean of 8 x 8 pixels, fitted on train, is right on test."""
    write_photo_folder(tmp_path, classes=3, per_class=8)
    means = {
        folder.name: np.mean([_small(path) for path in folder.iterdir()], axis=0)
        for folder in (tmp_path / "train").iterdir()
    }
    for path in (tmp_path / "test").rglob("*.jpg"):
        nearest = min(means, key=lambda name: np.abs(means[name] - _small(path)).sum())
        assert nearest == path.parent.name


def _small(path):
    return squash(read_photo_file(path).rgb, 8).astype(float)
