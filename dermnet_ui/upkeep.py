"""What keeps a server that runs for weeks quick and small."""

import ctypes
import gc
import sys
import threading
import time

PERIOD = 10.0
"""Seconds between two rounds."""
_LOCK = threading.Lock()
_last = 0.0
_modules = 0
"""Loaded when objects were last set aside."""


def tidy() -> bool:
    """Collect garbage and give freed memory back to the system, at most once in PERIOD; return whether it was done.

    Streamlit would collect after every run of a page (``runner.postScriptGC``, off in ``.streamlit/config.toml``). That
    walks the 300,000 objects of the libraries each time: 60 ms, two thirds of the processor time of a run. Here they
    are set aside once they are loaded, and later rounds walk only what visitors left.
    """
    global _last, _modules
    if not _LOCK.acquire(blocking=False):
        return False
    try:
        if time.monotonic() - _last < PERIOD:
            return False
        gc.collect()
        if len(sys.modules) != _modules:
            gc.freeze()
            _modules = len(sys.modules)
        _give_back()
        _last = time.monotonic()
        return True
    finally:
        _LOCK.release()


def _give_back() -> None:
    """Hand free memory to the system; the C library of Linux keeps what a large photo once took."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only glibc has it
        if trim is not None:
            trim(0)
