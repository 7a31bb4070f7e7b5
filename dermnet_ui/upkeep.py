"""What keeps a server that runs for weeks quick and small."""

import gc
import sys
import threading

_LOCK = threading.Lock()
_seen = 0


def settle() -> None:
    """Take everything that was imported so far out of the garbage collector's sight.

    Streamlit collects garbage after each run of a page, which is right: pictures and photos go at once. But the
    libraries hold some 300,000 objects that stay for ever, and walking them took 60 ms, two thirds of the processor
    time of a run.
    Called at the start of a run; does something only where modules have been imported since the last time.
    """
    global _seen
    with _LOCK:
        if len(sys.modules) == _seen:
            return
        gc.collect()
        gc.freeze()
        _seen = len(sys.modules)
