import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from dermnet_core.data.images import read_photo
from dermnet_core.data.measure import measure
from dermnet_core.data.quality import assess
from dermnet_core.errors import ImageError


def encode(image, form="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def noise(height, width, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("size", [(224, 224), (300, 200), (16, 90)])
def test_the_figures_are_those_of_the_classify_page(size):
    data = encode(noise(*size), "JPEG")
    found, quality = measure(data), assess(read_photo(data).rgb)
    assert (found.width, found.height) == (quality.width, quality.height) == size[::-1]
    assert (found.brightness, found.contrast, found.sharpness) == (
        quality.brightness,
        quality.contrast,
        quality.sharpness,
    )
    assert (found.format, found.sha256) == ("JPEG", hashlib.sha256(data).hexdigest())


def test_colours_are_the_means_of_the_channels():
    found = measure(encode(Image.new("RGB", (100, 60), (10, 120, 250))))
    assert (found.red, found.green, found.blue) == (10, 120, 250)
    assert (found.contrast, found.sharpness) == (0, 0)


def test_a_large_photo_keeps_the_size_of_its_file():
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    found = measure(encode(Image.new("RGB", (2600, 1300)), "JPEG", exif=exif))
    assert (found.width, found.height) == (1300, 2600)


def test_the_size_of_a_large_png_is_that_of_its_file():
    found = measure(encode(Image.new("L", (1400, 2800))))
    assert (found.width, found.height) == (1400, 2800)


@pytest.mark.parametrize(
    ("colour", "share"),
    [
        ((224, 172, 140), 1),  # fair skin
        ((141, 85, 60), 1),  # dark skin
        ((40, 90, 200), 0),
        ((60, 160, 70), 0),
        ((255, 255, 255), 0),
    ],
)
def test_skin_is_told_from_other_colours(colour, share):
    assert measure(encode(Image.new("RGB", (64, 64), colour))).skin == share


def test_half_of_a_photo_is_half_skin():
    image = Image.new("RGB", (128, 128), (40, 90, 200))
    image.paste((224, 172, 140), (0, 0, 64, 128))
    assert measure(encode(image)).skin == pytest.approx(0.5, abs=0.01)


def test_the_miniature_shows_the_whole_photo_antialiased():
    image = Image.new("RGB", (480, 96))
    image.paste((255, 255, 255), (240, 0, 480, 96))
    miniature = measure(encode(image)).miniature
    assert (miniature.shape, miniature.dtype) == ((48, 48), np.uint8)
    assert (miniature[:, :24] == 0).all()
    assert (miniature[:, 24:] == 255).all()
    fine = np.indices((480, 480)).sum(axis=0) % 2 * 255  # a resize that only picks pixels would keep the extremes
    assert np.ptp(measure(encode(Image.fromarray(fine.astype(np.uint8)))).miniature) <= 1


@pytest.mark.parametrize("data", [b"", b"no photo", encode(noise(64, 64), "JPEG")[:900]])
def test_what_is_no_photo_is_refused(data):
    with pytest.raises(ImageError):
        measure(data)
