"""Hand a photo to a command of this package that loads TensorFlow, in a process of its own.

TensorFlow's 700 MB are given back only when the process that loaded it ends.
"""

import io
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermnet_core.data.images import Photo, read_photo, read_photo_file
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.i18n import N_
from dermnet_core.paths import ROOT

_STDIN = "-"
_ONE_AT_A_TIME = threading.Lock()  # two visitors at once would need twice the memory


def answer(command: str, arguments: Sequence[str], rgb: NDArray[np.uint8], title: str, timeout: float) -> NDArray[Any]:
    """Return the array that ``python -m dermnet_core COMMAND - ARGUMENTS`` computes for pixels (h, w, 3).

    Args:
        command: name of a command that reads a photo with ``read_input`` and writes with ``write_output``.
        arguments: what follows the photo, without ``--out``.
        rgb: handed over through a pipe: a visitor's photo is never written to disk.
        title: what is computed, for messages.
        timeout: seconds after which the process is stopped.

    Raises:
        RunError: the process failed, was killed, for example for lack of memory, or took too long.
    """
    photo = io.BytesIO()
    Image.fromarray(rgb).save(photo, format="PNG")
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        out = Path(folder) / "out.npy"
        line = [sys.executable, "-m", "dermnet_core", command, _STDIN, *arguments, "--out", str(out)]
        _run(line, photo.getvalue(), title, timeout)
        return np.asarray(np.load(out, allow_pickle=False))


def read_input(path: Path) -> Photo:
    """Return the photo of a command: a file, or standard input for ``-``.

    Raises:
        ImageError: it cannot be read.
    """
    return read_photo(sys.stdin.buffer.read()) if str(path) == _STDIN else read_photo_file(path)


def check_output(path: Path) -> None:
    """Refuse the name of a file that ``write_output`` cannot write, before anything is computed.

    Raises:
        ConfigError: it ends neither in .npy nor in .png.
    """
    if path.suffix not in (".npy", ".png"):
        raise ConfigError(f"Expected --out to end in .npy or .png, found {path.name}. Rename it.")


def write_output(path: Path, values: NDArray[Any], picture: Callable[[], NDArray[np.uint8]]) -> None:
    """Write values as .npy, or a picture (h, w, 3) of them as .png.

    Raises:
        RunError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        with temporary.open("wb") as stream:
            if path.suffix == ".npy":
                np.save(stream, values, allow_pickle=False)
            else:
                Image.fromarray(picture()).save(stream, format="PNG")
        temporary.replace(path)
    except OSError as error:
        raise RunError(f"Expected to write {path}, found: {error}. Choose another --out.") from error


def _run(command: list[str], photo: bytes, title: str, timeout: float) -> None:
    try:
        done = subprocess.run(command, input=photo, cwd=ROOT, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise RunError(
            N_(
                "Expected {title} within {seconds} seconds, found it still at work and stopped it. "
                "Try again when the computer is less busy."
            ).format(title=title, seconds=f"{timeout:.0f}")
        ) from error
    except OSError as error:
        message = N_("Expected to start a process for {title}, found: {error}. Free some memory.")
        raise RunError(message.format(title=title, error=error)) from error
    if done.returncode < 0:
        raise RunError(
            N_(
                "Expected {title}, found that its process was stopped (signal {signal}), most likely for lack of "
                "memory: it needs about 1 GB. Free some and try again."
            ).format(title=title, signal=-done.returncode)
        )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        reason = next((line for line in lines if line.startswith("Error: ")), lines[-1]).removeprefix("Error: ")
        message = N_("Expected {title}, found that its process failed: {reason}")
        raise RunError(message.format(title=title, reason=reason))
