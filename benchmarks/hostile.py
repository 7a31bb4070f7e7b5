"""Files that a hostile or unlucky visitor could send, made by code: the same number always gives the same bytes.

Every photo in them is noise or a pattern. ``hostile_file`` takes one of some sixty sound files (JPEG, PNG, WebP and
HEIC with whatever each format can hold) and damages it, or makes one of the special cases: decompression bombs,
polyglots, photos at and above the size limit. The metadata of the sound files holds ``SECRET``, which must never come
out again.
"""

import functools
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

from benchmarks import damage

SECRET = "SECRET-PLACE-7f3a"
SPECIAL_EVERY, LARGE_EVERY = 10, 400
"""One file in so many is a special case, and one in so many a large photo, which takes seconds to make."""
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".JPG", ".txt", ".jpg.exe", "")

Random = np.random.Generator
_PNG = b"\x89PNG\r\n\x1a\n"
pillow_heif.register_heif_opener(thumbnails=False)


@dataclass(frozen=True)
class HostileFile:
    """A file by the seed of its series and its number in it."""

    number: int
    name: str
    made: str
    """How it was made, in a few words."""
    data: bytes


def hostile_file(seed: int, number: int) -> HostileFile:
    """Make file ``number`` of the series ``seed``."""
    rng = np.random.default_rng([seed, number])
    if number % LARGE_EVERY == 0:
        made, data = _chosen(LARGE, number // LARGE_EVERY)
    elif number % SPECIAL_EVERY == 0:
        made, data = _chosen(SPECIAL, number // SPECIAL_EVERY)
    else:
        made, data = _damaged(rng)
    return HostileFile(number, f"photo-{number}{rng.choice(ENDINGS)}", made, data)


@functools.cache
def sound_files() -> tuple[tuple[str, bytes], ...]:
    """Return files that can be read, of every kind, with what each is."""
    made = []
    for form in ("JPEG", "PNG", "WEBP", "HEIF"):
        for orientation in (1, 3, 6, 8, 0, 9, 65535):
            made.append((f"{form} orientation {orientation}", encode(noise(), form, exif=exif(orientation))))
        made.append((f"{form} huge profile", encode(noise(), form, icc_profile=profile(300_000))))
        made.append((f"{form} broken EXIF", encode(noise(), form, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01junk")))
        made.append((f"{form} larger", encode(noise(640, 480), form, exif=exif(1))))
        made.append((f"{form} grey", encode(noise().convert("L"), form)))
    made += [
        ("JPEG CMYK", encode(noise().convert("CMYK"), "JPEG")),
        ("JPEG progressive", encode(noise(), "JPEG", progressive=True, subsampling=2, comment=SECRET.encode())),
        ("JPEG hidden preview", encode(noise(), "MPO", save_all=True, append_images=[noise(40, 40)])),
        ("PNG palette and transparency", encode(noise().quantize(16), "PNG", transparency=bytes(range(0, 256, 16)))),
        ("PNG 16 bit", encode(Image.fromarray(_pixels(96, 72)[..., 0].astype(np.uint16) * 257), "PNG")),
        ("PNG 1 bit", encode(noise().convert("1"), "PNG")),
        ("PNG interlaced text", encode(noise(), "PNG", pnginfo=_text())),
        ("PNG animated", encode(noise(), "PNG", save_all=True, append_images=[noise(seed=1), noise(seed=2)])),
        ("WebP animated", encode(noise(), "WEBP", save_all=True, append_images=[noise(seed=1)], xmp=SECRET.encode())),
        ("WebP lossless", encode(_transparent(), "WEBP", lossless=True)),
        ("PNG transparent", encode(_transparent(), "PNG")),
        ("HEIC transparent", encode(_transparent(), "HEIF")),
        ("HEIC two pictures", encode(noise(), "HEIF", save_all=True, append_images=[noise(seed=1)])),
    ]
    return tuple(made)


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    """Return the bytes of a picture in one of Pillow's formats."""
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def noise(width: int = 96, height: int = 72, seed: int = 0) -> Image.Image:
    """Return an RGB picture of coarse noise: it looks like nobody."""
    return Image.fromarray(_pixels(width, height, seed))


def exif(orientation: int) -> bytes:
    """Return EXIF data with an orientation, a place and words that must not come out."""
    tags = Image.Exif()
    if orientation:
        tags[0x0112] = orientation
    tags[0x010E] = tags[0x013B] = SECRET
    tags.get_ifd(0x8825).update({1: "N", 2: (41.0, 0.0, 52.9), 3: "E", 4: (28.0, 58.0, 33.1), 29: SECRET})
    return tags.tobytes()


def profile(size: int) -> bytes:
    """Return an sRGB colour profile that was blown up to ``size`` bytes."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"xABC")
    return struct.pack(">I", size) + data[4:] + SECRET.encode() + bytes(size - len(data) - len(SECRET))


def png_header(width: int, height: int, bits: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """Return a PNG that says it has a size, with compressed ``data`` for its pixels."""
    return (
        _PNG
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
        + _chunk(b"IDAT", data or zlib.compress(bytes(1000)))
        + _chunk(b"IEND", b"")
    )


def _bomb_of_text() -> bytes:
    """Return a PNG whose text unpacks to 200 MB."""
    squeezed = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    sound = encode(noise(), "PNG")
    return sound[:33] + _chunk(b"zTXt", squeezed) + sound[33:]


def _bomb_of_profile() -> bytes:
    """Return a PNG whose colour profile unpacks to 200 MB."""
    squeezed = b"icc\0\0" + zlib.compress(bytes(200_000_000), 9)
    sound = encode(noise(), "PNG")
    return sound[:33] + _chunk(b"iCCP", squeezed) + sound[33:]


def _many_frames() -> bytes:
    frames = [noise(64, 64, seed) for seed in range(1, 120)]
    return encode(noise(64, 64), "WEBP", save_all=True, append_images=frames, quality=1)


def _many_chunks() -> bytes:
    sound = encode(noise(), "PNG")
    return sound[:33] + _chunk(b"tEXt", b"k\0" + SECRET.encode()) * 20_000 + sound[33:]


def _many_scans() -> bytes:
    """Return a progressive JPEG that repeats its last scan thousands of times."""
    data = encode(noise(640, 640), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 3000 + b"\xff\xd9"


def _larger_canvas(width: int, height: int) -> bytes:
    """Return an animated WebP whose canvas was enlarged in its header."""
    data = bytearray(encode(noise(64, 48), "WEBP", save_all=True, append_images=[noise(64, 48, 1)]))
    at = data.index(b"VP8X") + 12
    data[at : at + 6] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


def _resized(form: str, width: int, height: int) -> bytes:
    """Return a JPEG or HEIC whose header says another size than its pixels have."""
    data = bytearray(encode(noise(), form))
    if form == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", height, width)
    else:
        at = data.index(b"ispe") + 8
        data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


def _polyglot(before: bytes, after: bytes) -> bytes:
    return before + encode(noise(), "JPEG", exif=exif(6)) + after


Maker = Callable[[], bytes]
_ZIP = b"PK\x03\x04\x14\0\0\0\0\0" + bytes(20) + b"a.pyPK\x05\x06" + bytes(18)
_PHP = b"<?php system($_GET['c']); ?><script>alert(1)</script>"
SPECIAL: dict[str, Maker] = {
    "empty": lambda: b"",
    "one byte": lambda: b"\xff",
    "1 x 1 pixel": lambda: encode(noise(1, 1), "PNG"),
    "1 x 4000 pixels": lambda: encode(noise(1, 4000), "JPEG"),
    "16 x 4000 pixels": lambda: encode(noise(16, 4000), "PNG"),
    "PNG header of 50,000 x 50,000": lambda: png_header(50_000, 50_000),
    "PNG header of 2^31 x 2^31": lambda: png_header(2**31 - 1, 2**31 - 1),
    "PNG of no size": lambda: png_header(0, 0),
    "PNG header of 6,000 x 6,000, little data": lambda: png_header(6_000, 6_000, 16, 6),
    "PNG bomb of text": _bomb_of_text,
    "PNG bomb of a profile": _bomb_of_profile,
    "PNG with 20,000 texts": _many_chunks,
    "PNG that squeezes 36 megapixels": lambda: encode(Image.new("RGB", (6000, 6000)), "PNG", compress_level=9),
    "JPEG header of 65,500 x 65,500": lambda: _resized("JPEG", 65_500, 65_500),
    "JPEG header of 6,000 x 6,000": lambda: _resized("JPEG", 6_000, 6_000),
    "JPEG with 3,000 scans": _many_scans,
    "HEIC header of 65,000 x 65,000": lambda: _resized("HEIF", 65_000, 65_000),
    "HEIC header of 6,000 x 6,000": lambda: _resized("HEIF", 6_000, 6_000),
    "WebP canvas of 16,000 x 16,000": lambda: _larger_canvas(16_000, 16_000),
    "WebP canvas of 4,400 x 4,400": lambda: _larger_canvas(4_400, 4_400),
    "WebP of 120 frames": _many_frames,
    "JPEG and ZIP": lambda: _polyglot(b"", _ZIP),
    "JPEG and script": lambda: _polyglot(b"", _PHP),
    "ZIP and JPEG": lambda: _polyglot(_ZIP, b""),
    "script and JPEG": lambda: _polyglot(_PHP, b""),
    "JPEG and PNG": lambda: _polyglot(b"", encode(noise(), "PNG")),
    "PNG and HTML": lambda: encode(noise(), "PNG") + _PHP,
    "GIF": lambda: encode(noise(), "GIF"),
    "TIFF": lambda: encode(noise(), "TIFF"),
    "BMP": lambda: encode(noise(), "BMP"),
    "AVIF by its brands": lambda: b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(200),
    "PDF": lambda: b"%PDF-1.7\n" + bytes(500),
    "SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "Postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "HDF5": lambda: b"\x89HDF\r\n\x1a\n" + bytes(500),
    "pickle": lambda: (
        b"\x80\x04\x95\x1e\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94."
    ),
}
LARGE: dict[str, Maker] = {
    "JPEG of 40 megapixels": lambda: encode(_large(8000, 5000), "JPEG", quality=60, exif=exif(6)),
    "PNG of 40 megapixels": lambda: encode(_large(8000, 5000), "PNG", compress_level=1),
    "PNG of 40 megapixels, transparent": lambda: encode(_large(8000, 5000).convert("RGBA"), "PNG", compress_level=1),
    "PNG of 40 megapixels, 16 bit": lambda: encode(_large_16_bit(), "PNG", compress_level=1),
    "JPEG of 40 megapixels, CMYK": lambda: encode(_large(8000, 5000).convert("CMYK"), "JPEG", quality=60),
    "JPEG of 40 megapixels, progressive": lambda: encode(_large(8000, 5000), "JPEG", quality=60, progressive=True),
    "WebP of 20 megapixels": lambda: encode(_large(5000, 4000), "WEBP", method=0, quality=40),
    # One colour, because noise of this size takes the encoder a minute; decoding takes the same memory.
    "HEIC of 40 megapixels": lambda: encode(Image.new("RGB", (8000, 5000), (200, 150, 130)), "HEIF", quality=30),
    "PNG of 40 megapixels, palette": lambda: encode(_large(8000, 5000).quantize(16), "PNG", transparency=1),
    "JPEG of 41 megapixels": lambda: encode(_large(8000, 5125), "JPEG", quality=60),
    "JPEG of 16 x 60,000 pixels": lambda: encode(noise(16, 60_000), "JPEG"),
}


@functools.lru_cache(maxsize=64)
def _special(name: str) -> bytes:
    return (SPECIAL | LARGE)[name]()


def _chosen(makers: dict[str, Maker], turn: int) -> tuple[str, bytes]:
    name = list(makers)[turn % len(makers)]
    return name, _special(name)


def _damaged(rng: Random) -> tuple[str, bytes]:
    sound = sound_files()
    name, data = sound[rng.integers(len(sound))]
    done = [name]
    for _ in range(rng.integers(1, 4)):
        change = list(CHANGES)[rng.integers(len(CHANGES))]
        data = CHANGES[change](data, rng)
        done.append(change)
    if data.startswith(_PNG) and rng.random() < 0.7:
        data = damage.with_right_sums(data, _PNG)
        done.append("check sums mended")
    return ", ".join(done), data


def _splice(data: bytes, rng: Random) -> bytes:
    other = sound_files()[rng.integers(len(sound_files()))][1]
    return data[: damage.place(data, rng)] + other[damage.place(other, rng) :]


CHANGES = damage.CHANGES | {"joined with another": _splice}


def _pixels(width: int, height: int, seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return coarse.repeat(8, axis=0).repeat(8, axis=1)[:height, :width].copy()


@functools.lru_cache(maxsize=1)
def _large(width: int, height: int) -> Image.Image:
    return Image.fromarray(_pixels(width, height))


def _large_16_bit() -> Image.Image:
    return Image.fromarray(_pixels(8000, 5000)[..., 0].astype(np.uint16) * 257)


def _transparent() -> Image.Image:
    image = noise().convert("RGBA")
    image.putalpha(noise(seed=3).convert("L"))
    return image


def _text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET)
    info.add_itxt("XML:com.adobe.xmp", SECRET)
    return info


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
