"""Answers to batches of photos, kept in a file of the cache, so that a stopped evaluation goes on where it was."""

import hashlib
import os
import zlib
from collections.abc import Iterable
from types import TracebackType
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from dermnet_core.errors import DatasetError
from dermnet_core.paths import cache_dir

FloatArray = NDArray[np.float32]
_HEAD = np.dtype([("number", "<u4"), ("rows", "<u4"), ("crc", "<u4")])


def batches_key(model_sha256: str, contents: Iterable[str], batch: int) -> str:
    """Return what answers depend on as one digest: LiteRT file, contents of the photos in their order, batch size."""
    return hashlib.sha256("\n".join([model_sha256, str(batch), *contents]).encode()).hexdigest()


class KeptBatches:
    """The finished batches of one evaluation: fixed-size records in the order in which they were finished.

    A record holds the number of the batch, its logits and a checksum, so that one half written by a killed process, or
    damaged since, is run again.

    Raises:
        DatasetError: by every method, when the cache folder cannot be written or is full.
    """

    def __init__(self, key: str, batch: int, classes: int) -> None:
        self.path = cache_dir() / "evaluations" / f"{key}.batches"
        self._shape = (batch, classes)
        self._length = _HEAD.itemsize + 4 * batch * classes
        self._stream: BinaryIO | None = None

    def __enter__(self) -> "KeptBatches":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def load(self) -> dict[int, FloatArray]:
        """Return number of a batch -> its logits (n, classes), of those that are whole."""
        try:
            data = self.path.read_bytes()
            if len(data) % self._length:
                os.truncate(self.path, len(data) - len(data) % self._length)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._trouble(error) from error
        places = range(0, len(data) - self._length + 1, self._length)
        records = [self._record(data[place : place + self._length]) for place in places]
        return {number: logits for number, logits in filter(None, records)}

    def add(self, number: int, logits: FloatArray) -> None:
        """Keep a batch; once this returns, a killed process does not lose it."""
        payload = np.zeros(self._shape, "<f4")
        payload[: len(logits)] = logits
        head = np.zeros((), _HEAD)
        head["number"], head["rows"], head["crc"] = number, len(logits), _checksum(number, len(logits), payload)
        try:
            if self._stream is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._stream = self.path.open("ab", buffering=0)
            self._stream.write(head.tobytes() + payload.tobytes())
        except OSError as error:
            raise self._trouble(error) from error

    def remove(self) -> None:
        """Forget the batches, when the evaluation is written."""
        self._close()
        self.path.unlink(missing_ok=True)

    def _record(self, data: bytes) -> tuple[int, FloatArray] | None:
        head = np.frombuffer(data, _HEAD, 1)[0]
        payload = np.frombuffer(data, "<f4", offset=_HEAD.itemsize).reshape(self._shape)
        number, rows = int(head["number"]), int(head["rows"])
        if int(head["crc"]) != _checksum(number, rows, payload):
            return None
        return number, payload[:rows].astype(np.float32)

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _trouble(self, error: OSError) -> DatasetError:
        return DatasetError(
            f"Expected to keep finished work in {self.path.parent}, found: {error.strerror}. Free some space, or set "
            "DERMNET_CACHE_DIR to another folder."
        )


def _checksum(number: int, rows: int, payload: FloatArray) -> int:
    return zlib.crc32(payload.tobytes(), zlib.crc32(f"{number} {rows}".encode()))
