"""What earlier scans of a folder found out about its files, kept in a small database outside that folder."""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

from dermnet_core.data import measure
from dermnet_core.data.listing import ListedPhoto
from dermnet_core.data.measure import MINIATURE, Measured
from dermnet_core.errors import DatasetError
from dermnet_core.paths import cache_dir

_SCHEMA = 1
_VERSION = 1000 * _SCHEMA + measure.VERSION
_WAIT_SECONDS = 60.0  # for another scan of the same folder, which writes for milliseconds at a time
_LOCK = "BEGIN IMMEDIATE"  # at once, so that two scans wait for each other instead of failing half-way
_COLUMNS = tuple(field.name for field in fields(Measured))
_TABLE = (
    "CREATE TABLE photos (file TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, reason TEXT, "
    f"{', '.join(_COLUMNS)}) WITHOUT ROWID"
)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Unusable:
    """Why a file cannot be used, in one sentence, and whether that holds until the file changes."""

    reason: str
    lasting: bool


Outcome = Measured | Unusable


def survey_folder(root: Path) -> Path:
    """Return the folder for all that is known about a photo folder; it may not exist yet."""
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return cache_dir() / "datasets" / name


class SurveyCache:
    """The database of one photo folder, for one thread; other processes may use the same one at the same time.

    It can be lost at any time: a damaged one, or one of another version, is replaced by an empty one.

    Raises:
        DatasetError: by every method, when the cache folder cannot be written or is full.
    """

    def __init__(self, root: Path) -> None:
        self._folder = survey_folder(root)
        self._path = self._folder / "photos.sqlite"
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> "SurveyCache":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def valid(self, photos: Iterable[ListedPhoto]) -> dict[str, Outcome]:
        """Return what is known, by file name, about files whose size and time are still the same."""
        wanted = {photo.file: (photo.bytes, photo.mtime_ns) for photo in photos}
        return self._do(lambda database: _read(database, wanted))

    def store(self, outcomes: Sequence[tuple[ListedPhoto, Outcome]]) -> None:
        """Keep a batch for good: once this returns, a killed scan does not lose it."""
        rows = [_row(photo, outcome) for photo, outcome in outcomes if _lasts(outcome)]
        marks = ", ".join("?" * (4 + len(_COLUMNS)))
        self._do(lambda database: _write(database, f"INSERT OR REPLACE INTO photos VALUES ({marks})", rows))

    def prune(self, files: Iterable[str]) -> None:
        """Forget every file but these."""
        kept = set(files)

        def action(database: sqlite3.Connection) -> None:
            known = database.execute("SELECT file FROM photos").fetchall()
            _write(database, "DELETE FROM photos WHERE file = ?", [row for row in known if row[0] not in kept])

        self._do(action)

    def _do(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run an action; when the database turns out to be damaged, run it again on an empty one."""
        try:
            try:
                return action(self._connection())
            except sqlite3.DatabaseError as error:
                if type(error) is not sqlite3.DatabaseError:  # the subclasses stand for other things than damage
                    raise
                self._set_aside()
                return action(self._connection())
        except (sqlite3.OperationalError, OSError) as error:
            raise DatasetError(
                f"Expected a cache that can be written in {self._folder}, found: {error}. "
                "Free some space, or set DERMNET_CACHE_DIR to another folder."
            ) from error

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            # No write-ahead log: it does not work on network drives, and writes here are few and short.
            self._database = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)
            self._database.execute("PRAGMA synchronous = NORMAL")
            _prepare(self._database)
        return self._database

    def _set_aside(self) -> None:
        """Rename the damaged file; its journal goes first, or it would be played into the new one."""
        self._close()
        Path(f"{self._path}-journal").unlink(missing_ok=True)
        if self._path.exists():
            self._path.replace(self._path.with_suffix(".damaged"))

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _prepare(database: sqlite3.Connection) -> None:
    """Make the table where there is none of this version."""
    if _version(database) == _VERSION:
        return
    with database:
        database.execute(_LOCK)
        if _version(database) != _VERSION:  # another scan may have made it in the meantime
            database.execute("DROP TABLE IF EXISTS photos")
            database.execute(_TABLE)
            database.execute(f"PRAGMA user_version = {_VERSION}")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _write(database: sqlite3.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        with database:  # all or nothing
            database.execute(_LOCK)
            database.executemany(statement, rows)


def _read(database: sqlite3.Connection, wanted: dict[str, tuple[int, int]]) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    # A row of which the miniature is not whole is measured again.
    statement = (
        f"SELECT file, bytes, mtime_ns, reason, {', '.join(_COLUMNS)} FROM photos "
        f"WHERE reason IS NOT NULL OR length(miniature) = {MINIATURE * MINIATURE}"
    )
    with closing(database.execute(statement)) as rows:
        for file, size, time, reason, *values in rows:
            if wanted.get(file) == (size, time):
                found[file] = Unusable(reason, lasting=True) if reason is not None else _measured(values)
    return found


def _lasts(outcome: Outcome) -> bool:
    return isinstance(outcome, Measured) or outcome.lasting


def _row(photo: ListedPhoto, outcome: Outcome) -> tuple[Any, ...]:
    key = (photo.file, photo.bytes, photo.mtime_ns)
    if isinstance(outcome, Unusable):
        return (*key, outcome.reason, *(None for _ in _COLUMNS))
    *values, miniature = (getattr(outcome, column) for column in _COLUMNS)
    return (*key, None, *values, miniature.tobytes())


def _measured(values: Sequence[Any]) -> Measured:
    *figures, miniature = values
    pixels = np.frombuffer(miniature, np.uint8).reshape(MINIATURE, MINIATURE)
    return Measured(**dict(zip(_COLUMNS, [*figures, pixels], strict=True)))
