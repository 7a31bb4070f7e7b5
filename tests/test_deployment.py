"""The container: its file is linted and follows the Makefile; what it starts writes to its data folder alone."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dermnet_ui import health
from tests.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
APPLICATION = ("streamlit_app.py", "pages/classify.py", "dermnet_core/paths.py", "assets/style.css")


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile as (name, arguments), continued lines joined."""
    lines = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
    parts = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return [(name, arguments.strip()) for name, _, arguments in parts]


def arguments(name: str) -> list[str]:
    return [found for instruction, found in instructions() if instruction == name]


def environment() -> dict[str, str]:
    pairs = [shlex.split(line) for line in arguments("ENV")]
    return dict(pair.split("=", 1) for line in pairs for pair in line)


def make(*wanted: str) -> str:
    command = ["make", "--no-print-directory", "--dry-run", "--always-make", *wanted, f"PYTHON={sys.executable}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_linter_has_nothing_to_say():
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.is_file():
        pytest.skip("NOT LINTED: expected hadolint beside this Python; make install brings it")
    done = subprocess.run([linter, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_both_stages_have_the_same_named_base():
    bases = [line.split()[0] for line in arguments("FROM")]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.1[123](\.\d+)?-slim-\w+(@sha256:[0-9a-f]{64})?", bases[0])


def test_nothing_is_fetched_but_packages():
    assert not arguments("ADD")
    assert not re.search(r"https?://(?!127\.0\.0\.1)|\b(curl|wget|git)\b", DOCKERFILE)


ASKED = """
import sys
from streamlit import net_util
from streamlit.web import bootstrap, cli
net_util.get_external_ip = lambda: exit(3)
bootstrap.run = lambda *_, **__: bootstrap._print_url(False)
cli.main(sys.argv[1:])
"""


@pytest.mark.parametrize(("left_out", "expected"), [("", 0), ("STREAMLIT_BROWSER_SERVER_ADDRESS", 3)])
def test_no_other_computer_is_asked_for_this_ones_address(left_out: str, expected: int):
    own = {name: value for name, value in environment().items() if name != left_out}
    command = [sys.executable, "-c", ASKED, *json.loads(arguments("CMD")[-1])[3:]]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | own, capture_output=True, check=False)
    assert done.returncode == expected


def test_it_runs_as_nobody_in_particular():
    names = [name for name, _ in instructions()]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", arguments("USER")[-1])
    assert names.index("USER") > max(at for at, name in enumerate(names) if name in ("RUN", "COPY"))
    assert arguments("VOLUME") == ["/data"]


def test_it_installs_as_the_makefile_does():
    target = dict(line.split("=", 1) for line in arguments("ARG"))["INSTALL"]
    assert target == "install-serve"
    assert any(line.startswith('make "$INSTALL" ') for line in arguments("RUN"))
    for name, file in (("install-serve", "requirements-serve.txt"), ("install-runtime", "requirements.txt")):
        assert f"pip install --disable-pip-version-check --require-hashes  -r {file}" in make(name)
        assert file in " ".join(arguments("COPY"))


def test_it_starts_what_make_serve_starts():
    command = json.loads(arguments("CMD")[-1])
    line = make("serve", "PORT=8501", "ADDRESS=0.0.0.0").splitlines()[-1]
    assert line == f"DERMNET_LOCAL={environment()['DERMNET_LOCAL']} {shlex.join(command)}"


def test_every_folder_that_is_written_to_lies_in_the_volume():
    names = set(re.findall(r'_folder\("(DERMNET_\w+)"', (ROOT / "dermnet_core/paths.py").read_text(encoding="utf-8")))
    assert len(names) >= 5
    assert {name for name, value in environment().items() if value.startswith("/data/")} == names


def test_the_health_check_asks_streamlit():
    check = arguments("HEALTHCHECK")[-1]
    assert json.loads(check[check.index("[") :]) == [".venv/bin/python", "-m", "dermnet_ui.health"]


class Answering(BaseHTTPRequestHandler):
    """A server that is well or not."""

    status = 200

    def do_GET(self):
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object):
        pass


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answering]]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        monkeypatch.setattr(health, "address", lambda: f"http://127.0.0.1:{server.server_port}/_stcore/health")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Answering
        server.shutdown()


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1)])
def test_health_is_what_the_server_answers(answering, status, expected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(answering, "status", status)
    assert health.main() == expected


@pytest.mark.parametrize(("base", "path"), [(None, "_stcore/health"), ("/skin/", "skin/_stcore/health")])
def test_health_is_asked_below_the_base_path(base, path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("STREAMLIT_SERVER_BASE_URL_PATH", raising=False)
    if base:
        monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", base)
    assert health.address() == f"http://127.0.0.1:8501/{path}"


def allowed() -> list[str]:
    """Return the files of the checkout that .dockerignore lets into the image."""
    rules = [line.strip() for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()]
    assert rules[1] == "*", "everything is left out first"
    let_in = [rule[1:] for rule in rules if rule.startswith("!")]
    assert [rule for rule in let_in if not (ROOT / rule).exists()] == []
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if (ROOT / name).is_file()]
    return [n for n in names if any(fnmatch(n, f"{rule}*" if rule.endswith("/") else rule) for rule in let_in)]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return a folder with what the image holds, which nobody may write to."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("NOT CHECKED: this is no git checkout, or there is no git")
    folder = tmp_path / "app"
    for name in allowed():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def test_the_image_holds_the_application_and_no_more(image: Path):
    assert [name for name in APPLICATION if not (image / name).is_file()] == []
    assert {path.name for path in image.iterdir()}.isdisjoint({"tests", "docs", "benchmarks", ".git", ".dermnet"})


@pytest.mark.browser
def test_it_answers_a_photo_and_writes_to_its_data_folder_alone(image: Path, browser_page: Page, tmp_path: Path):
    before = {path: path.stat().st_mtime_ns for path in image.rglob("*")}
    data, home = tmp_path / "data", tmp_path / "home"
    for folder in (data, home):
        folder.mkdir()
    port = free_port()
    own = {name: value.replace("/data", str(data)) for name, value in environment().items()}
    command = [sys.executable, *json.loads(arguments("CMD")[-1])[1:]]
    command = [str(port) if part == "8501" else "127.0.0.1" if part == "0.0.0.0" else part for part in command]
    server = subprocess.Popen(command, cwd=image, env=os.environ | own | {"HOME": str(home)})
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        browser_page.goto(f"http://127.0.0.1:{port}")
        browser_page.get_by_role("button", name="Try it with a drawing").click()
        browser_page.get_by_role("heading", name="MobileNetV2").first.wait_for()
    finally:
        server.terminate()
        server.wait(timeout=10)
    assert {path: path.stat().st_mtime_ns for path in image.rglob("*")} == before
    assert list(home.rglob("*")) == []
