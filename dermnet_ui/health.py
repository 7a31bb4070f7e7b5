"""Ask the server of this container whether it is well: ``python -m dermnet_ui.health``, exit status 0 or 1."""

import os
import sys
import urllib.request


def address() -> str:
    """Return where Streamlit answers "ok": at the container's port, below the base path that Streamlit was given."""
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip().strip("/")
    return f"http://127.0.0.1:8501/{base + '/' if base else ''}_stcore/health"


def main() -> int:
    """Return 0 when the server answers, else say why on standard error and return 1."""
    try:
        with urllib.request.urlopen(address(), timeout=3) as answer:
            return int(answer.status != 200)
    except OSError as error:
        print(f"Expected an answer from {address()}, found: {error}. Look into the server's log.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
