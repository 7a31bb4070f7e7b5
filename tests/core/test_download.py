"""Fetching the atlas: kagglehub itself against a server of this computer, and every way in which it can fail."""

import errno
import io
import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import kagglehub
import pytest
from kagglesdk import kaggle_env

from dermnet_core.data.download import HANDLE, download, photo_root
from dermnet_core.errors import DatasetError
from dermnet_core.paths import ROOT

BY_HAND = rf"download it in a browser from kaggle\.com/datasets/{HANDLE}, unpack it, and set DERMNET_DATA_DIR"


class Kaggle(HTTPServer):
    """Answers like Kaggle: with a status that is no success, or with the photos as an archive."""

    status = 200
    archive = b""
    asked: list[str]


class Answers(BaseHTTPRequestHandler):
    server: Kaggle

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/GetDataset"):
            self.answer(json.dumps({"currentVersionNumber": 1}).encode(), "application/json")
        else:
            self.answer(self.server.archive, "application/zip")

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Type", kind if self.server.status == 200 else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def nobody_in_particular(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KAGGLE") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def kaggle(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    with Kaggle(("127.0.0.1", 0), Answers) as server:
        server.asked = []
        point_at(monkeypatch, server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def point_at(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, f"http://127.0.0.1:{port}")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in names:
            packed.writestr(name, "a photo")
    return buffer.getvalue()


def test_the_photos_are_fetched_once_and_the_folder_with_both_splits_is_found(kaggle, tmp_path, capsys) -> None:
    kaggle.archive = archive("dermnet/train/acne/1.jpg", "dermnet/test/acne/2.jpg", "dermnet/readme.txt")
    folder = download()
    assert (folder / "train" / "acne" / "1.jpg").read_text() == "a photo"
    assert folder.is_relative_to(tmp_path / "hub")
    asked = len([path for path in kaggle.asked if path.endswith("/DownloadDataset")])
    assert download() == folder
    assert len([path for path in kaggle.asked if path.endswith("/DownloadDataset")]) == asked == 1
    assert capsys.readouterr().out == "", "standard output is for the result"


def test_an_unreachable_host_is_told_in_words(monkeypatch) -> None:
    point_at(monkeypatch, closed_port())
    with pytest.raises(DatasetError, match=rf"found no connection.*Check the network.*{BY_HAND}"):
        download()


def test_the_command_tells_it_without_a_traceback(tmp_path) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    environment = os.environ | {"HTTPS_PROXY": dead, "HTTP_PROXY": dead, "DERMNET_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "dermnet_core", "dataset", "--download", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: Expected the photos of {HANDLE} from Kaggle, found no connection")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (401, r"credentials missing or refused \(401\).*KAGGLE_API_TOKEN"),
        (403, r"credentials missing or refused \(403\).*KAGGLE_API_TOKEN"),
        (404, r"no such data set there \(404\)"),
        (429, r"too many requests at once \(429\)\. Wait"),
        (503, r"the answer 503\. Try again later"),
    ],
)
def test_a_refusal_is_told_in_words(kaggle, status, found) -> None:
    kaggle.status = status
    with pytest.raises(DatasetError, match=rf"{found}.*{BY_HAND}"):
        download()


def test_what_is_no_archive_is_told_in_words(kaggle) -> None:
    kaggle.archive = b"no archive"
    with pytest.raises(DatasetError, match=rf"the download failed \(ValueError: Unsupported archive.*{BY_HAND}"):
        download()


def test_an_archive_of_something_else_is_told_in_words(kaggle) -> None:
    kaggle.archive = archive("photos/1.jpg")
    with pytest.raises(DatasetError, match=rf"train and test in what Kaggle sent, found none below .*{BY_HAND}"):
        download()


def test_credentials_that_cannot_be_read_are_named(kaggle, tmp_path) -> None:
    (tmp_path / "kaggle.json").write_text("{ no json")
    with pytest.raises(DatasetError, match=rf"credentials that cannot be read .*kaggle\.json.*{BY_HAND}"):
        download()


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "found the disk full.*free some space"),
        (PermissionError(errno.EACCES, "Permission denied"), "cannot be written.*Set KAGGLEHUB_CACHE"),
        (TimeoutError(), r"the download failed \(TimeoutError"),
    ],
)
def test_what_the_system_refuses_is_told_in_words(monkeypatch, error, found) -> None:
    def fail(handle: str) -> str:
        raise error

    monkeypatch.setattr(kagglehub, "dataset_download", fail)
    with pytest.raises(DatasetError, match=rf"{found}.*{BY_HAND}"):
        download()


def test_without_kagglehub_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DatasetError, match=r"no working kagglehub .*requirements\.txt"):
        download()


def test_the_folder_that_comes_first_is_taken(tmp_path) -> None:
    for name in ("b/train", "b/test", "a/train", "a/deep/train", "a/deep/test"):
        (tmp_path / name).mkdir(parents=True)
    assert photo_root(tmp_path) == tmp_path / "a" / "deep"
    (tmp_path / "train").mkdir()
    (tmp_path / "test").mkdir()
    assert photo_root(tmp_path) == tmp_path
