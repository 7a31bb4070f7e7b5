"""What tests that start a server of their own need: a free port, and patience."""

import socket
import time
import urllib.request


def free_port() -> int:
    """Return a port of this computer that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(address: str, seconds: float = 60.0) -> None:
    """Return as soon as an address answers with success."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            assert time.monotonic() < deadline, f"no answer from {address}"
            time.sleep(0.1)
