"""Every kind of photo that a visitor can send is made here, and read as it should be."""

import io
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from dermnet_core.data.images import read_photo, squash
from tests.core.photo_cases import FORMATS, encode, exif, noise, pillow_heif, quarters, swapped_profile

RED, BLUE = (255, 0, 0), (0, 0, 255)


def near(rgb, colour, tolerance=3):
    return np.abs(rgb.astype(int) - np.array(colour)).max() <= tolerance


@pytest.mark.parametrize(("form", "name"), FORMATS.items())
def test_each_format_gives_its_pixels_as_they_are(form, name):
    photo = read_photo(encode(quarters(), form, quality=100))
    assert (photo.format, photo.notes, photo.rgb.shape, photo.rgb.dtype) == (name, (), (48, 64, 3), np.uint8)
    assert np.abs(photo.rgb[::47, ::63].astype(int) - np.asarray(quarters())[::47, ::63]).max() <= 6


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_come_out_upright(form, orientation):
    # An HEIC file is turned by its own `irot` and `imir` boxes, which the encoder writes from the tag.
    photo = read_photo(encode(quarters(), form, exif=exif(orientation), quality=100))
    expected = np.asarray(
        ImageOps.exif_transpose(Image.open(io.BytesIO(encode(quarters(), "PNG", exif=exif(orientation)))))
    )
    assert photo.rgb.shape == expected.shape
    for y, x in ((4, 4), (4, -5), (-5, 4), (-5, -5)):
        assert near(photo.rgb[y, x], expected[y, x], 8), (y, x)


def test_orientation_6_is_a_quarter_turn_clockwise():
    image = Image.new("RGB", (60, 40), RED)
    image.paste(BLUE, (0, 0, 30, 40))
    rgb = read_photo(encode(image, "JPEG", exif=exif(6))).rgb
    assert rgb.shape == (60, 40, 3)
    assert near(rgb[5, 20], BLUE)
    assert near(rgb[-5, 20], RED)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("junk", [b"Exif\0\0garbage", b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01", exif(77)])
def test_broken_metadata_does_not_cost_the_photo(form, junk):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_photo(encode(quarters(), form, exif=junk)).rgb.shape == (48, 64, 3)


def test_cmyk_red_is_red():
    data = encode(Image.new("RGB", (40, 40), RED).convert("CMYK"), "JPEG")
    assert Image.open(io.BytesIO(data)).mode == "CMYK"
    assert near(read_photo(data).rgb, RED)


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (1000, 4), (32768, 128), (65535, 255)])
def test_16_bit_grey_is_scaled_and_not_clipped(value, expected):
    photo = read_photo(encode(Image.fromarray(np.full((20, 30), value, np.uint16)), "PNG"))
    assert (photo.rgb == expected).all()
    assert photo.rgb.shape == (20, 30, 3)


def test_10_bit_heic_is_scaled():
    stream = io.BytesIO()
    pixels = np.full((64, 64, 3), 32896, np.uint16)
    pillow_heif.from_bytes("RGB;16", (64, 64), pixels.tobytes()).save(stream)
    assert near(read_photo(stream.getvalue()).rgb, (128, 128, 128))


@pytest.mark.parametrize(("mode", "value", "expected"), [("L", 100, 100), ("1", 1, 255), ("LA", (90, 255), 90)])
def test_greyscale_has_three_channels_and_a_note(mode, value, expected):
    photo = read_photo(encode(Image.new(mode, (30, 20), value), "PNG"))
    assert near(photo.rgb, (expected,) * 3, 0)
    assert photo.notes == (() if mode == "LA" else ("Greyscale image: the models know colour photos only.",))


def test_palette_and_transparency_are_resolved():
    palette = Image.new("P", (30, 20), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    assert near(read_photo(encode(palette, "PNG")).rgb, (10, 200, 30), 0)
    assert near(read_photo(encode(palette, "PNG", transparency=1)).rgb, (255, 255, 255), 0)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "HEIF"])
def test_transparent_areas_are_white(form):
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 64))
    photo = read_photo(encode(image, form))
    assert photo.notes == ("Transparent image: it was laid on white.",)
    assert near(photo.rgb[32, 8], (255, 255, 255))
    assert near(photo.rgb[32, 56], RED, 6)
    opaque = read_photo(encode(Image.new("RGBA", (64, 64), (9, 9, 9, 255)), form))
    assert opaque.notes == ()


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_used(form):
    data = encode(
        Image.new("RGB", (40, 40), RED), form, save_all=True, append_images=[Image.new("RGB", (40, 40), BLUE)]
    )
    photo = read_photo(data)
    assert near(photo.rgb, RED)
    assert photo.notes == ("Animated image: the first frame was used.",)


def test_of_an_heic_with_several_pictures_the_main_one_is_used():
    file = pillow_heif.HeifFile()
    for colour in (RED, BLUE):
        file.add_from_pillow(Image.new("RGB", (64, 64), colour))
    stream = io.BytesIO()
    file.save(stream, primary_index=1)
    photo = read_photo(stream.getvalue())
    assert near(photo.rgb, BLUE)
    assert photo.notes == ("The file holds several pictures: the main one was used.",)


def test_the_hidden_preview_of_a_phone_jpeg_is_passed_over():
    preview = Image.new("RGB", (40, 40), BLUE)
    photo = read_photo(encode(Image.new("RGB", (64, 40), RED), "MPO", save_all=True, append_images=[preview]))
    assert (photo.format, photo.notes, photo.rgb.shape) == ("JPEG", (), (40, 64, 3))
    assert near(photo.rgb, RED)


@pytest.mark.parametrize("form", FORMATS)
def test_a_colour_profile_is_applied_and_a_broken_one_ignored(form):
    red = Image.new("RGB", (64, 64), RED)
    assert near(read_photo(encode(red, form, icc_profile=swapped_profile())).rgb, BLUE, 4)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(read_photo(encode(red, form, icc_profile=srgb)).rgb, RED, 4)
    for broken in (b"no profile", swapped_profile()[:300]):
        assert near(read_photo(encode(red, form, icc_profile=broken)).rgb, RED, 4)


def test_a_profile_for_other_pixels_is_ignored():
    grey = encode(Image.new("L", (40, 40), 90), "JPEG", icc_profile=swapped_profile())
    assert near(read_photo(grey).rgb, (90, 90, 90), 1)


@pytest.mark.parametrize("size", [(720, 479), (1279, 3000), (224, 224)])
def test_a_photo_with_a_short_side_below_1280_is_decoded_exactly(size):
    data = encode(noise(*size), "JPEG")
    assert np.array_equal(read_photo(data).rgb, np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("form", FORMATS)
def test_a_large_photo_is_halved_alike_in_every_format(form):
    image = noise(7, 5).resize((1401, 1280), Image.Resampling.BICUBIC)
    rgb = read_photo(encode(image, form, quality=80)).rgb
    assert rgb.shape == (640, 701, 3)
    assert np.abs(rgb.astype(int) - np.asarray(image.reduce(2))).mean() < 3


def test_a_large_16_bit_photo_is_halved():
    grey = np.full((1300, 1400), 32768, np.uint16)
    assert (read_photo(encode(Image.fromarray(grey), "PNG")).rgb == 128).all()


def test_squash_is_antialiased_and_does_not_keep_the_aspect():
    checkers = np.indices((100, 200)).sum(axis=0) % 2 * np.uint8(255)
    small = squash(np.repeat(checkers[..., None], 3, axis=2).astype(np.uint8), 10)
    assert small.shape == (10, 10, 3)
    assert small.dtype == np.uint8
    assert near(small, (128, 128, 128), 4)  # without antialiasing it would be black and white


def test_squash_leaves_pixels_of_the_right_size_alone():
    rgb = np.asarray(noise(32, 32))
    same = squash(rgb, 32)
    assert np.array_equal(same, rgb)
    assert not np.shares_memory(same, rgb)


def _fresh_python(code, *arguments):
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-W", "error", "-c", code, *map(str, arguments)], check=True, cwd=root)


def test_heic_is_registered_when_first_needed(tmp_path):
    path = tmp_path / "photo.heic"
    path.write_bytes(encode(quarters(), "HEIF"))
    _fresh_python(
        "import sys, pathlib; from dermnet_core.data.images import read_photo_file;"
        "assert 'pillow_heif' not in sys.modules;"
        "assert read_photo_file(pathlib.Path(sys.argv[1])).format == 'HEIC'",
        path,
    )


def test_reading_photos_does_not_load_tensorflow():
    _fresh_python("import dermnet_core.data.images, sys; assert not {'tensorflow', 'keras'} & set(sys.modules)")
