"""Fixtures that several test modules share: photo folders, a running application, a real browser."""

import os

# Read by the libraries when they are imported, so they stand before every import that could bring one in.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # eager gradients of very narrow layers crash with oneDNN
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
# pytest runs as many tests at once as there are processors; more threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import gc
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from dermnet_core.data.synthetic import write_photo_folder

gc.set_threshold(100_000, 50, 100)  # building networks makes millions of objects that stay: a tenth less time

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ON_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS = 90


@pytest.fixture(scope="session", autouse=True)
def own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's own data folder and caches out of the tests, and the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DERMNET_DATA_DIR", raising=False)
        for name in ("CACHE", "EVALUATIONS", "MODELS", "RUNS", "SEARCHES"):
            patch.setenv(f"DERMNET_{name}_DIR", str(tmp_path_factory.mktemp(name.lower())))
        for name in ("DERMNET_TRAINING", "DERMNET_LOCAL", "DERMNET_LOGIN"):
            patch.delenv(name, raising=False)
        # After each run of a page Streamlit clears a Keras session that is in the process, which takes 0.3 s here. In
        # the application there is none: Keras runs in processes of its own.
        patch.setattr("streamlit.runtime.scriptrunner.script_runner._clean_problem_modules", lambda: None)
        yield


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Put the main module back: AppTest leaves a page there, which the processes of a scan would then run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the real photos beside the checkout; a test that uses it is marked ``shared``."""
    folder = ROOT.parent / "shared"
    if not (folder / "dermnet").is_dir():
        pytest.skip(f"NOT CHECKED ON REAL PHOTOS: expected the folder dermnet/ in {folder}, found none")
    return folder


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small synthetic photo folder with train and test photos of three classes; read it, never change it."""
    folder = tmp_path_factory.mktemp("photos")
    write_photo_folder(folder)
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; without one the test is skipped, but fails in CI."""
    wanted = os.environ.get("CHROMIUM")
    candidates = (wanted,) if wanted else (*CHROMIUM_NAMES, *CHROMIUM_ON_MACOS)
    for candidate in candidates:
        if found := shutil.which(candidate):
            return found
    message = f"expected a Chromium, found none of {', '.join(candidates)}; install one or set CHROMIUM to its path"
    if os.environ.get("CI"):
        pytest.fail(f"In CI the browser tests may not be skipped: {message}")
    pytest.skip(f"NOT CHECKED IN A BROWSER: {message}")


@pytest.fixture
def app_server(tmp_path: Path) -> Iterator[str]:
    """Start a fresh application on a free port and return its address, without a slash at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "streamlit.log"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    with log.open("wb") as output:
        server = subprocess.Popen([*command, *options], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, server, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        print(log.read_text())  # pytest shows it when the test fails


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"The application ended at once with status {server.returncode}:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The application was not healthy after {START_SECONDS} s:\n{log.read_text()}")


@pytest.fixture
def browser_page(chromium: str) -> Iterator[Page]:
    """Return an empty page of a fresh browser; the test fails if the page asks another computer for anything."""
    outside: list[str] = []

    def stay_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname in {"127.0.0.1", "localhost", None}:
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        context.set_default_timeout(30_000)
        context.route("**/*", stay_here)
        yield context.new_page()
        context.close()
        browser.close()
    assert not outside, f"The application works offline, yet the browser asked for {outside}"
