"""Photos as the files that visitors send, in every format."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

pillow_heif = pytest.importorskip("pillow_heif", reason="HEIC cannot be tested without pillow-heif")
pillow_heif.register_heif_opener(thumbnails=False)

FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP", "HEIF": "HEIC"}


def encode(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def quarters(width=64, height=48):
    """Red, green, blue and white quarters: every turn and mirroring of it is another picture."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((255, 0, 0), (0, 0, width // 2, height // 2))
    image.paste((0, 200, 0), (width // 2, 0, width, height // 2))
    image.paste((0, 0, 255), (0, height // 2, width // 2, height))
    return image


def noise(width, height, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def swapped_profile():
    """Return the bytes of an sRGB profile with the red and blue primaries exchanged, and another name."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for i in range(int.from_bytes(data[128:132], "big")):
        tag = 132 + 12 * i
        name = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(bytes(data[tag : tag + 4]))
        if name:
            data[tag : tag + 4] = name
    for text in ("sRGB".encode("utf-16-be"), b"sRGB"):
        data = data.replace(text, text.replace(b"s", b"x").replace(b"RGB", b"xyz").replace(b"\0R\0G\0B", b"\0x\0y\0z"))
    return bytes(data)
