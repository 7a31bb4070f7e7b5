"""Find photos that show the same picture in another file: rescaled, re-encoded, cropped or mirrored.

A photo is described by the low frequencies of its miniature, the signs of its discrete cosine transform (the idea of
pHash: Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010). Each photo is looked up whole,
mirrored, and by windows of it that a crop may have kept: those whose hash lies close to another photo's are laid on it
exactly and compared by correlation.
"""

import functools
import os
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.facts import NearKind
from dermnet_core.data.hash_search import HashTable
from dermnet_core.data.scan import Progress
from dermnet_core.data.workers import workers

VERSION = 1
"""Changes when the same photos may give other pairs."""

MINIATURE = 48
_COARSE, _FINE = 8, 16  # frequencies a side, to look up and to compare
_GRID = 160  # windows begin and end at multiples of this part of a side
_LENGTHS = (160, 144, 128, 112)
_STEP = 16
_SHORTEST = 104
# Steps of fitting, and the correlation after each below which a pair will never be alike.
_FITTING = ((8, 0.4), (4, 0.55), (2, 0.7), (1, 0.0))
_BITS_APART = 18
_WORTH_FITTING = 0.7
_ALIKE = 0.88
"""Correlation from which two photos are called the same picture."""
_COPY_LENGTH = 152  # a part of at least this length a side is no crop but the photo itself
_FLAT = 2.0  # below this strength of its waves a photo has no picture to compare
_BLOCK = 128
_WORTH_A_PROCESS = 8  # blocks: with fewer, starting a process takes longer than it saves

Pair = tuple[int, int, NearKind, float]
_Floats = NDArray[np.float32]
_Ints = NDArray[np.int64]


def near_pairs(
    miniatures: NDArray[np.uint8], *, processes: int | None = None, progress: Progress | None = None
) -> list[Pair]:
    """Return the pairs of photos that show the same picture, each once, sorted.

    Finds copies in another size or quality, crops down to 70 % of each side, and whole mirror images. Photos without
    any contrast are left out. Time grows in proportion to the number of photos (benchmarks/dataset.py).

    Args:
        miniatures: (n, 48, 48) luma, of photos whose contents differ.
        processes: how many work at once; all processors when None, none but this one when 1 or for few photos.
        progress: told the photos done and all.

    Returns:
        (first, second, kind, similarity 0..1), positions with first < second.
    """
    if len(miniatures) < 2:
        return []
    found: dict[tuple[int, int], Pair] = {}
    for start, pairs in _blocks(miniatures, processes or os.cpu_count() or 1):
        for pair in pairs:
            if pair[:2] not in found or found[pair[:2]][3] < pair[3]:
                found[pair[:2]] = pair
        if progress:
            progress(min(start + _BLOCK, len(miniatures)), len(miniatures))
    return sorted(found.values())


def _blocks(miniatures: NDArray[np.uint8], processes: int) -> Iterator[tuple[int, list[Pair]]]:
    """Search block by block, in this process or in others that read the miniatures from one file."""
    starts = range(0, len(miniatures), _BLOCK)
    if min(processes, len(starts) // _WORTH_A_PROCESS) <= 1:
        search = _Search(miniatures)
        yield from ((start, search.block(start)) for start in starts)
        return
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder, workers(processes) as pool:
        path = Path(folder) / "miniatures.npy"
        np.save(path, miniatures)
        yield from zip(starts, pool.map(_block, [path] * len(starts), starts), strict=True)


def _block(path: Path, start: int) -> list[Pair]:
    return _search(path).block(start)


@functools.cache  # once in each process
def _search(path: Path) -> "_Search":
    return _Search(np.load(path, mmap_mode="r"))


class _Search:
    """The photos' hashes in a table, and what is needed to compare a photo with those that the table names."""

    def __init__(self, miniatures: NDArray[np.uint8]) -> None:
        self._miniatures = miniatures
        self._bank = _bank()
        windows = [(start, length) for length in _LENGTHS for start in range(0, _GRID - length + 1, _STEP)]
        self._windows = np.array(windows)
        self._coarse = np.stack([_transform(start, length, _COARSE) for start, length in windows])
        self._whole = _transform(0, _GRID, _FINE)
        waves = np.concatenate([
            _waves(self._coarse[:1], self._pixels(slice(start, start + _BLOCK)))[:, 0]
            for start in range(0, len(miniatures), _BLOCK)
        ])  # fmt: skip
        self._pictured = np.linalg.norm(waves, axis=1) > _FLAT
        self._units = _units(waves)
        self._table = HashTable.build(_codes(waves))

    def block(self, start: int) -> list[Pair]:
        """Return the pairs of the photos from ``start`` on with all others."""
        pixels = self._pixels(slice(start, start + _BLOCK))
        waves = _waves(self._coarse, pixels)
        # The last "window" is the whole photo in the mirror: waves of odd order across it change their sign.
        waves = np.concatenate([waves, waves[:, :1] * _MIRROR], axis=1)
        count, windows = waves.shape[:2]
        waves = waves.reshape(count * windows, -1)
        query, other = self._table.query(_codes(waves), np.abs(waves), _BITS_APART)
        photo, window = query // windows + start, query % windows
        whole = (window == 0) | (window == windows - 1)
        pictured = self._pictured[photo] & self._pictured[other]
        keep = pictured & (photo != other) & (~whole | (photo < other))
        query, other, photo, window = query[keep], other[keep], photo[keep], window[keep]
        alike = np.einsum("ij,ij->i", _units(waves[query]), self._units[other])
        return self._fitted(*_best(photo, other, window, alike), windows - 1)

    def _pixels(self, which: slice | _Ints) -> _Floats:
        return self._miniatures[which].astype(np.float32)

    def _fitted(self, photo: _Ints, other: _Ints, window: _Ints, mirrored: int) -> list[Pair]:
        """Lay each other photo on the window exactly, and keep what is alike."""
        found: list[Pair] = []
        for start in range(0, len(photo), _BLOCK):
            part = slice(start, start + _BLOCK)
            mirror = window[part] == mirrored
            target = np.asarray(self._whole @ self._pixels(other[part]) @ self._whole.T, dtype=np.float32)
            target[mirror] *= np.where(np.arange(_FINE) % 2, -1, 1)
            count = len(self._windows)
            square = np.where(mirror, 0, window[part])
            places = self._windows[np.stack([square // count, square % count])]
            scores, places = self._fit(self._pixels(photo[part]), target, places)
            lengths = places[..., 1].min(axis=0)
            for row in np.flatnonzero(scores >= _ALIKE):
                kind: NearKind = "mirrored" if mirror[row] else "copy" if lengths[row] >= _COPY_LENGTH else "crop"
                first, second = sorted((int(photo[part][row]), int(other[part][row])))
                found.append((first, second, kind, round(min(float(scores[row]), 1.0), 4)))
        return found

    def _fit(self, pixels: _Floats, target: _Floats, places: _Ints) -> tuple[_Floats, _Ints]:
        """Move and stretch windows until they are most like the target, first in large, then in small steps.

        Args:
            pixels: (n, 48, 48) photos.
            target: (n, 16, 16) waves of the photos that may be a part of them.
            places: (2, n, 2) start and length of the windows, down and across.
        """
        scores = np.zeros(len(pixels), np.float32)
        alive = np.arange(len(pixels))
        for step, promising in _FITTING:
            found, places[:, alive] = self._moved(pixels[alive], target[alive], places[:, alive], step)
            scores[alive] = found
            alive = alive[found >= promising]
        return scores, places

    def _moved(self, pixels: _Floats, target: _Floats, places: _Ints, step: int) -> tuple[_Floats, _Ints]:
        """Try each window a step to all sides, longer and shorter, down and then across; return the best."""
        scores = np.zeros(len(pixels), np.float32)
        if len(pixels):
            for axis in (0, 1):
                tries = places[axis][:, None] + step * _NEIGHBOURS
                tries[..., 1] = tries[..., 1].clip(_SHORTEST, _GRID)
                tries[..., 0] = tries[..., 0].clip(0, _GRID - tries[..., 1])
                moving = self._bank[tries[..., 0], tries[..., 1] - _SHORTEST]
                fixed = self._bank[places[1 - axis][:, 0], places[1 - axis][:, 1] - _SHORTEST]
                upright = pixels if axis == 0 else pixels.transpose(0, 2, 1)
                waves = moving @ (upright @ fixed.transpose(0, 2, 1))[:, None]
                wanted = target if axis == 0 else target.transpose(0, 2, 1)
                correlation = _correlation(waves, wanted[:, None])
                best = correlation.argmax(axis=1)
                rows = np.arange(len(best))
                places[axis], scores = tries[rows, best], correlation[rows, best]
        return scores, places


# Start and length, each less, the same, or more.
_NEIGHBOURS = np.array(
    [(0, 0), *((start, length) for start, length in product((-1, 0, 1), repeat=2) if start or length)]
)
# Natural pictures are alike in their coarse waves: weights that grow with the square of the frequency, for details.
_K = np.arange(_FINE)
_DETAIL = (_K[:, None] ** 2 + _K[None] ** 2).astype(np.float32)
# Coarse waves in the order of their frequency, without the mean.
_ORDER = np.argsort(np.add.outer(np.arange(_COARSE), np.arange(_COARSE)).ravel(), kind="stable")[1:]
_MIRROR = np.where(_ORDER % _COARSE % 2, -1, 1).astype(np.float32)
_COARSE_DETAIL = np.sqrt(_DETAIL[:_COARSE, :_COARSE].ravel()[_ORDER])
_POWERS = np.uint64(1) << np.arange(len(_ORDER), dtype=np.uint64)


def _transform(start: int, length: int, frequencies: int) -> _Floats:
    """Return the cosine transform of a window of one side, (frequencies, 48), as integrals over the pixels."""
    edges = np.linspace(0, _GRID, MINIATURE + 1).clip(start, start + length)
    place = (edges - start) / length
    k = np.arange(1, frequencies)[:, None]
    waves = np.diff(np.sin(np.pi * k * place), axis=1) / (np.pi * k)
    return np.concatenate([np.diff(place)[None], waves]).astype(np.float32)


def _bank() -> _Floats:
    """Return the transforms of all windows, by start and by length above the shortest."""
    bank = np.zeros((_GRID - _SHORTEST + 1, _GRID - _SHORTEST + 1, _FINE, MINIATURE), np.float32)
    for length in range(_SHORTEST, _GRID + 1):
        for start in range(_GRID - length + 1):
            bank[start, length - _SHORTEST] = _transform(start, length, _FINE)
    return bank


def _waves(transforms: _Floats, pixels: _Floats) -> _Floats:
    """Return the coarse waves of all windows of photos, (n, windows, 63), the lowest frequency first."""
    waves = np.einsum("akh,nhw,blw->nabkl", transforms, pixels, transforms, optimize=True)
    return np.asarray(waves.reshape(len(pixels), len(transforms) ** 2, _COARSE**2)[..., _ORDER])


def _codes(waves: _Floats) -> NDArray[np.uint64]:
    """Return the signs of waves (n, 63) as bits."""
    return np.asarray(((waves > 0) * _POWERS).sum(axis=1, dtype=np.uint64))


def _units(waves: _Floats) -> _Floats:
    detailed = waves * _COARSE_DETAIL
    return np.asarray(detailed / np.linalg.norm(detailed, axis=1, keepdims=True).clip(1e-6))


def _correlation(first: _Floats, second: _Floats) -> _Floats:
    first, second = first * _DETAIL, second * _DETAIL
    strength = np.sqrt((first**2).sum((-2, -1)) * (second**2).sum((-2, -1)))
    return np.asarray((first * second).sum((-2, -1)) / strength.clip(1e-6))


def _best(photo: _Ints, other: _Ints, window: _Ints, alike: _Floats) -> tuple[_Ints, _Ints, _Ints]:
    """Return for each pair worth fitting the window that is most alike."""
    worth = np.flatnonzero(alike >= _WORTH_FITTING)
    worth = worth[np.lexsort((-alike[worth], other[worth], photo[worth]))]
    photo, other, window = photo[worth], other[worth], window[worth]
    new = np.ones(len(worth), bool)
    new[1:] = (photo[1:] != photo[:-1]) | (other[1:] != other[:-1])
    return photo[new], other[new], window[new]
