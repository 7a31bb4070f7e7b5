"""Measure every photo of a folder, on all processors, and only those that changed since the last time."""

import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.facts import PhotoFacts, Unreadable
from dermnet_core.data.listing import ListedPhoto, Listing, list_photos
from dermnet_core.data.measure import MINIATURE, Measured, measure
from dermnet_core.data.scan import Progress
from dermnet_core.data.survey_cache import Outcome, SurveyCache, Unusable
from dermnet_core.data.workers import workers
from dermnet_core.errors import ImageError

_CHUNK = 64  # photos a task: its transport costs less than one photo
_AHEAD = 2  # tasks a process that may wait for it: a scan of a million photos does not queue them all
_MAX_BYTES = 256 * 2**20

Chunk = tuple[ListedPhoto, ...]


@dataclass(frozen=True, eq=False)
class Survey:
    """All photos of a folder that can be read, sorted by file, with their figures."""

    root: Path
    photos: tuple[PhotoFacts, ...]
    miniatures: NDArray[np.uint8]
    """Luma, (n, 48, 48), in the order of the photos."""
    unreadable: tuple[Unreadable, ...]
    problems: tuple[str, ...]
    """What is odd about the folder, in whole sentences."""
    digest: str
    """Of the listing: another one means that the folder has changed since."""


def survey(root: Path, *, processes: int | None = None, progress: Progress | None = None) -> Survey:
    """Measure a folder; what is known from an earlier scan, also from one that was stopped, is not read again.

    Args:
        root: As for `list_photos`.
        processes: How many to use; all processors when None, none but this one when 1.
        progress: Told how many photos are done, first how many were known before.

    Raises:
        DatasetError: what `list_photos` raises, the cache cannot be written, or a process was killed.
    """
    listing = list_photos(root)
    with SurveyCache(root) as cache:
        outcomes = cache.valid(listing.photos)
        if progress:
            progress(len(outcomes), len(listing.photos))
        waiting = [photo for photo in listing.photos if photo.file not in outcomes]
        chunks = [tuple(waiting[start : start + _CHUNK]) for start in range(0, len(waiting), _CHUNK)]
        # Closed whatever happens here, so that no process is left when somebody stops the scan.
        with closing(_measure_all(root, chunks, processes or os.cpu_count() or 1)) as measured:
            for chunk, found in measured:
                pairs = list(zip(chunk, found, strict=True))
                cache.store(pairs)
                outcomes.update((photo.file, outcome) for photo, outcome in pairs)
                if progress:
                    progress(len(outcomes), len(listing.photos))
        cache.prune(photo.file for photo in listing.photos)
    return _survey(listing, outcomes)


def _survey(listing: Listing, outcomes: dict[str, Outcome]) -> Survey:
    photos, miniatures, unreadable = [], [], []
    for photo in listing.photos:
        outcome = outcomes[photo.file]
        if isinstance(outcome, Unusable):
            unreadable.append(Unreadable(photo.file, photo.split, photo.label, outcome.reason))
        else:
            photos.append(_facts(photo, outcome))
            miniatures.append(outcome.miniature)
    stack = np.stack(miniatures) if miniatures else np.zeros((0, MINIATURE, MINIATURE), np.uint8)
    return Survey(listing.root, tuple(photos), stack, tuple(unreadable), listing.problems, listing.digest())


def _facts(photo: ListedPhoto, found: Measured) -> PhotoFacts:
    return PhotoFacts(
        file=photo.file,
        split=photo.split,
        label=photo.label,
        sha256=found.sha256,
        bytes=photo.bytes,
        format=found.format,
        width=found.width,
        height=found.height,
        brightness=found.brightness,
        contrast=found.contrast,
        sharpness=found.sharpness,
        red=found.red,
        green=found.green,
        blue=found.blue,
        skin=found.skin,
    )


def _measure_all(
    root: Path, chunks: Sequence[Chunk], processes: int
) -> Generator[tuple[Chunk, list[Outcome]], None, None]:
    """Measure chunks in any order, in this process or in others."""
    if min(processes, len(chunks)) <= 1:
        for chunk in chunks:
            yield chunk, _measure_files(root, chunk)
        return
    with workers(min(processes, len(chunks))) as pool:
        yield from _measure_in(pool, root, chunks, _AHEAD * processes)


def _measure_in(
    pool: ProcessPoolExecutor, root: Path, chunks: Sequence[Chunk], ahead: int
) -> Iterator[tuple[Chunk, list[Outcome]]]:
    waiting = iter(chunks)
    running: dict[Future[list[Outcome]], Chunk] = {}
    while True:
        for chunk in islice(waiting, ahead - len(running)):
            running[pool.submit(_measure_files, root, chunk)] = chunk
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), future.result()


def _measure_files(root: Path, chunk: Chunk) -> list[Outcome]:
    return [_measure_file(root / photo.file) for photo in chunk]


def _measure_file(path: Path) -> Outcome:
    """Measure one file; what is wrong with the file itself lasts until it changes, the rest may be better next time."""
    data = b""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return Unusable(f"Expected a photo of at most {_MAX_BYTES // 2**20} MB, found a larger file.", lasting=True)
        data = path.read_bytes()
        return measure(data)
    except FileNotFoundError:
        link = "The file is a link to nothing." if path.is_symlink() else "The file vanished during the scan."
        return Unusable(link, lasting=False)
    except OSError as error:
        return Unusable(f"The file cannot be read ({error.strerror}). Check its permissions.", lasting=False)
    except ImageError as error:
        return Unusable(str(error), lasting=not _may_be_readable_later(data))


def _may_be_readable_later(data: bytes) -> bool:
    """HEIC needs a package that may be installed by the next scan."""
    return data[4:8] == b"ftyp"
