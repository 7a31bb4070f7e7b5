"""Fetch the photos of the atlas from Kaggle."""

import contextlib
import errno
import os
import sys
from pathlib import Path

from dermnet_core.errors import DatasetError

HANDLE = "shubhamgoel27/dermnet"
_BY_HAND = (
    f"Or download it in a browser from kaggle.com/datasets/{HANDLE}, unpack it, and set DERMNET_DATA_DIR to the folder "
    "that holds train and test, or give that folder to the command."
)


def download() -> Path:
    """Return the folder that holds train and test, fetched from Kaggle unless an earlier call did.

    kagglehub keeps the photos below its own folder (``KAGGLEHUB_CACHE``, else .cache/kagglehub at home).

    Raises:
        DatasetError: no network, no or refused credentials, no such data set, a full disk, a damaged download; each
            message says how to go on without the network.
    """
    # kagglehub logs to the standard output that it finds on import; ours is for the result.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            import kagglehub  # type: ignore[import-untyped]  # takes a second, and no other command needs it

            folder = kagglehub.dataset_download(HANDLE)
        except Exception as error:  # kagglehub, requests, zipfile and the system each have errors of their own
            raise DatasetError(
                f"Expected the photos of {HANDLE} from Kaggle, found {_reason(error)} {_BY_HAND}"
            ) from error
    return photo_root(Path(folder))


def photo_root(folder: Path) -> Path:
    """Return the first folder that holds train and test, the folder itself or one inside.

    Raises:
        DatasetError: there is none.
    """
    for place, folders, _ in os.walk(folder):
        folders.sort()
        if {"train", "test"} <= set(folders):
            return Path(place)
    raise DatasetError(
        f"Expected the folders train and test in what Kaggle sent, found none below {folder}. Remove it and try again. "
        f"{_BY_HAND}"
    )


def _reason(error: Exception) -> str:
    """Say what went wrong and what to do about it."""
    if isinstance(error, ImportError):
        return f"no working kagglehub ({error}). Install what requirements.txt names."
    import requests  # comes with kagglehub

    if isinstance(error, requests.HTTPError):
        return _refusal(error.response.status_code if error.response is not None else None)
    if isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError):
        return "no connection, or one that broke off. Check the network and any proxy, and try again."
    if isinstance(error, ValueError) and "credentials" in str(error).lower():
        return f"credentials that cannot be read ({error}). Correct or remove that file."
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "the disk full. The archive and the unpacked photos have to fit: free some space and try again."
    if number is not None:
        return f"a folder that cannot be written ({error}). Set KAGGLEHUB_CACHE to one that can."
    return f"that the download failed ({type(error).__name__}: {error}). Try again."


def _refusal(status: int | None) -> str:
    if status in (401, 403):
        return (
            f"the credentials missing or refused ({status}). Create an API token in the settings of your Kaggle "
            "account and put it into KAGGLE_API_TOKEN."
        )
    if status == 404:
        return "no such data set there (404). It may have moved."
    if status == 429:
        return "too many requests at once (429). Wait a while and try again."
    return f"the answer {status or 'of an unknown kind'}. Try again later."
