import numpy as np
import pytest

from benchmarks.quantization import FORMATS, convert, table, timed
from dermnet_core.export import round_weights
from dermnet_core.litert import LiteRTModel
from tests.factories import random_model, random_photos, tiny_recipe


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    model = random_model(tiny_recipe("mobilenet_v2", 3, 64))
    round_weights(model)
    return model, dict(convert(model, random_photos(8, 64), tmp_path_factory.mktemp("formats")))


def test_smaller_formats_are_smaller_files_of_about_the_same_network(files):
    model, written = files
    photos = random_photos(4, 64, seed=1).astype(np.float32)
    expected = np.asarray(model(photos, training=False))
    sizes = [written[name].stat().st_size for name in ("float32", "float16", "int8 weights")]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] < 0.7 * sizes[0]
    found = {name: next(iter(LiteRTModel(path).run(photos).values())) for name, path in written.items()}
    np.testing.assert_allclose(found["float32"], expected, atol=1e-3 * np.abs(expected).max())
    np.testing.assert_allclose(found["float16"], expected, atol=0.05 * np.abs(expected).max())
    for name in ("int8 weights", "int8"):  # a network of random weights takes them worse than a trained one
        assert np.corrcoef(found[name].ravel(), expected.ravel())[0, 1] > 0.8


def test_every_format_is_timed(files):
    models = {name: LiteRTModel(path) for name, path in files[1].items()}
    seconds = timed(models, random_photos(2, 64), rounds=2)
    assert list(seconds) == list(FORMATS)
    assert all(value > 0 for value in seconds.values())


def test_the_table_compares_with_float32():
    rows = [
        {"model": "A", "format": "float32", "bytes": 4e6, "seconds": 0.004, "top1": 0.5, "gain": (0.0, 0.0, 0.0)},
        {"model": "A", "format": "int8", "bytes": 1e6, "seconds": 0.002, "top1": 0.49, "gain": (-0.01, -0.02, 0.0)},
    ]
    assert table(rows).splitlines()[-1] == "| A | int8 | 1.0 | 0.50 | 49.0 | -1.0 (-2.0 to +0.0) |"
