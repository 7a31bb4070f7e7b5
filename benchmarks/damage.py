"""Ways to damage a file, each by its own random draws."""

import struct
import zlib
from collections.abc import Callable
from typing import Literal

import numpy as np

Random = np.random.Generator


def with_right_sums(data: bytes, signature: bytes) -> bytes:
    """Mend the check sums of a PNG, so that damage gets past them and into the decoder."""
    mended, at = bytearray(data), len(signature)
    while at + 12 <= len(mended):
        end = at + 8 + int.from_bytes(mended[at : at + 4], "big")
        if end + 4 <= len(mended):
            mended[end : end + 4] = struct.pack(">I", zlib.crc32(mended[at + 4 : end]))
        at = end + 4
    return bytes(mended)


def place(data: bytes, rng: Random) -> int:
    """Choose a place; half of them lie where the structure of the file is."""
    return int(rng.integers(max(1, len(data) if rng.random() < 0.5 else min(len(data), 800))))


def _flip(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.integers(1, 20)):
        if changed:
            changed[place(data, rng)] ^= 1 << rng.integers(8)
    return bytes(changed)


def _overwrite(data: bytes, rng: Random) -> bytes:
    at = place(data, rng)
    return data[:at] + rng.bytes(int(rng.integers(1, 40))) + data[at + int(rng.integers(1, 40)) :]


def _number(data: bytes, rng: Random) -> bytes:
    """Put a number at the edge of its kind where a length or a size may stand."""
    at, width = place(data, rng), int(rng.choice([1, 2, 4, 8]))
    value = (0, 1, 2 ** (8 * width - 1) - 1, 2 ** (8 * width) - 1)[rng.integers(4)]
    order: Literal["big", "little"] = "big" if rng.random() < 0.5 else "little"
    return data[:at] + value.to_bytes(width, order) + data[at + width :]


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: int(rng.integers(1, len(data) + 1))] if data else data


def _remove(data: bytes, rng: Random) -> bytes:
    at = place(data, rng)
    return data[:at] + data[at + int(rng.integers(1, 300)) :]


def _repeat(data: bytes, rng: Random) -> bytes:
    at, length = place(data, rng), int(rng.integers(1, 400))
    return data[: at + length] + data[at : at + length] * int(rng.integers(1, 30)) + data[at + length :]


def _blank(data: bytes, rng: Random) -> bytes:
    at, length = place(data, rng), int(rng.integers(1, 200))
    return data[:at] + bytes([rng.choice([0, 255])]) * length + data[at + length :]


CHANGES: dict[str, Callable[[bytes, Random], bytes]] = {
    "bits flipped": _flip,
    "bytes overwritten": _overwrite,
    "number changed": _number,
    "cut off": _cut,
    "part removed": _remove,
    "part repeated": _repeat,
    "blanked": _blank,
}
