"""Processes that share the work of a scan."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import FrameType
from typing import ParamSpec, TypeVar

from dermnet_core.errors import DatasetError

_P = ParamSpec("_P")
_T = TypeVar("_T")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_MEMORY = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
# Read when a process starts. One thread each; and memory that one photo or block gave back is kept for the next: asking
# the system for large arrays anew, as glibc does, took half of the time. Other C libraries take no notice.
_GRACE = 5
"""Seconds after SIGTERM in which a worker sends what it has; a pool that is broken would never take it."""
SETTINGS = dict.fromkeys(_THREADS, "1") | dict.fromkeys(_MEMORY, str(2**28))
"""Environment of the processes."""


@contextmanager
def workers(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Give processes that import little, use one thread each, and never outlive this one.

    SIGTERM ends what they are at, and them only a while later: one that died while it sends an answer would keep the
    pool waiting for the rest of it for ever.

    Raises:
        DatasetError: one was killed or told to end.
    """
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(SETTINGS)
    pool = _Pool(processes, multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield pool
    except BrokenProcessPool as error:
        raise DatasetError(
            "Expected every process of the scan to finish, found that one was killed, often for lack of memory. "
            "Finished work is kept: scan again, with fewer processes if it happens again."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Pool(ProcessPoolExecutor):
    def submit(self, task: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        return super().submit(_Work.do, task, *args, **kwargs)


class _Ended(BaseException):
    """A worker was told to end in the middle of a task."""


class _Work:
    """What a worker is at; the signal of its main thread changes it."""

    going = stopped = False

    @classmethod
    def do(cls, task: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            cls.going = True
            if cls.stopped:
                raise _Ended
            return task(*args, **kwargs)
        except _Ended:
            raise BrokenProcessPool("A process was told to end.") from None
        finally:
            cls.going = False

    @classmethod
    def stop(cls, number: int, frame: FrameType | None) -> None:
        signal.alarm(_GRACE)
        cls.stopped = True
        if cls.going:
            cls.going = False  # a second signal finds it ending
            raise _Ended


def _begin() -> None:
    """Leave Ctrl+C to the process that started this one, and end when that one ends, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _Work.stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
