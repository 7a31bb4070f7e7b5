"""Every nasty file that a visitor can send is made here, and refused in words."""

import sys

import numpy as np
import pytest
from PIL import Image

from dermnet_core.data.images import MAX_PIXELS, read_photo, read_photo_file
from dermnet_core.errors import ImageError
from tests.core.photo_cases import FORMATS, encode, exif, noise, quarters, swapped_profile


def refusal(data):
    with pytest.raises(ImageError) as caught:
        read_photo(data)
    message = str(caught.value)
    assert message.startswith("Expected ")
    assert ", found " in message
    return message


@pytest.mark.parametrize(
    ("mode", "size", "form", "found"),
    [
        ("L", (8000, 5001), "JPEG", "8000 × 5001"),
        ("1", (6500, 6500), "PNG", "6500 × 6500"),
        ("1", (10000, 10000), "PNG", "10000 × 10000"),
        ("1", (20000, 20000), "PNG", "far more"),
    ],
)
def test_bombs_are_refused_from_the_header(monkeypatch, mode, size, form, found):
    data = encode(Image.new(mode, size), form)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    message = refusal(data)
    assert "at most 40 megapixels" in message
    assert found in message


def test_a_webp_may_be_half_as_large():
    data = bytearray(encode(quarters(), "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 48))]))
    canvas = data.index(b"VP8X") + 12
    data[canvas : canvas + 6] = (4999).to_bytes(3, "little") + (4000).to_bytes(3, "little")
    assert "at most 20 megapixels, found 5000 × 4001" in refusal(bytes(data))


def test_exactly_the_cap_is_read():
    assert MAX_PIXELS == 8000 * 5000
    assert read_photo(encode(Image.new("L", (8000, 5000), 77), "JPEG")).rgb.shape == (1250, 2000, 3)


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
def test_tiny_photos_are_refused(size):
    message = refusal(encode(Image.new("RGB", size), "PNG"))
    assert f"at least 16 × 16 pixels, found {size[0]} × {size[1]}" in message
    assert read_photo(encode(Image.new("RGB", (16, 16)), "PNG")).rgb.shape == (16, 16, 3)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty file"),
        (b"dear reader, this is not a photo", "a text file"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>404", "a web page"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", "a video file"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "an AVIF image"),
        (bytes(range(256)), "a file of another kind"),
        (b"\xff", "a file of another kind"),
        (encode(quarters(), "GIF"), "a GIF image"),
        (encode(quarters(), "TIFF"), "a TIFF or camera raw image"),
        (encode(quarters(), "BMP"), "a BMP image"),
    ],
)
def test_what_is_no_photo_is_named(tmp_path, data, found):
    message = refusal(data)
    assert f"found {found}" in message
    (tmp_path / "disguised.jpg").write_bytes(data)
    with pytest.raises(ImageError, match="Expected "):
        read_photo_file(tmp_path / "disguised.jpg")


@pytest.mark.parametrize("form", FORMATS)
def test_a_wrong_suffix_does_not_matter(tmp_path, form):
    path = tmp_path / "photo.txt"
    path.write_bytes(encode(quarters(), form))
    assert read_photo_file(path).format == FORMATS[form]


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_is_cut_off_is_refused(form):
    data = encode(noise(80, 60), form)
    for share in (0.1, 0.5, 0.9):
        assert f"complete {FORMATS[form]} file" in refusal(data[: int(share * len(data))])


@pytest.mark.parametrize("form", FORMATS)
def test_damage_never_raises_anything_but_an_image_error(form):
    original = encode(noise(64, 48), form, exif=exif(6), icc_profile=swapped_profile())
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(150):
        data = bytearray(original[: rng.integers(1, len(original) + 1)] if rng.random() < 0.3 else original)
        for _ in range(rng.integers(1, 12)):
            # half of the damage goes where the structure is
            data[rng.integers(len(data) if rng.random() < 0.5 else min(len(data), 800))] = rng.integers(256)
        try:
            rgb = read_photo(bytes(data)).rgb
        except ImageError:
            refused += 1
        else:
            assert rgb.dtype == np.uint8
            assert rgb.ndim == 3
    assert refused > 20


def test_unreadable_paths_are_image_errors(tmp_path):
    with pytest.raises(ImageError, match=r"found missing\.jpg, which cannot be read \(No such file"):
        read_photo_file(tmp_path / "missing.jpg")
    with pytest.raises(ImageError, match="cannot be read"):
        read_photo_file(tmp_path)


def test_heic_without_pillow_heif_says_what_to_do(monkeypatch):
    data = encode(quarters(), "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    message = refusal(data)
    assert "without the package pillow-heif" in message
    assert "Save the photo as JPEG" in message
