"""Sign in through a provider of our own on this computer, and out again, in a real browser."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import Page

from dermnet_core.paths import ROOT
from tests.servers import free_port, wait_for

pytestmark = pytest.mark.browser


class Provider(BaseHTTPRequestHandler):
    """The least that OpenID Connect asks of a provider; it knows one person and asks for no password."""

    key = RSAKey.generate_key(2048, {"kid": "1"})
    nonce = ""

    def do_GET(self):
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/authorize":
            Provider.nonce = query["nonce"][0]
            back = urlencode({"code": "once", "state": query["state"][0]})
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri'][0]}?{back}")
            self.end_headers()
        elif path == "/jwks":
            self.answer({"keys": [self.key.as_dict(private=False)]})
        else:
            at = self.issuer()
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            algorithms = {"id_token_signing_alg_values_supported": ["RS256"]}
            self.answer({"issuer": at} | {name: f"{at}/{path}" for name, path in names.items()} | algorithms)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        now = int(time.time())
        claims = {"iss": self.issuer(), "sub": "7", "aud": "workbench", "iat": now, "exp": now + 600}
        claims |= {"nonce": self.nonce, "email": "nurse@hospital.example"}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        self.answer({"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def issuer(self) -> str:
        return f"http://localhost:{self.server.server_port}"

    def answer(self, content: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object):
        pass


@pytest.fixture
def provider() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def closed_server(provider: str, tmp_path: Path) -> Iterator[str]:
    """Start the application with DERMNET_LOGIN=on and return its address."""
    port = free_port()
    address = f"http://localhost:{port}"
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "{address}/oauth2callback"\ncookie_secret = "{"s" * 40}"\n'
        f'client_id = "workbench"\nclient_secret = "any"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", f"--secrets.files={secrets}"]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DERMNET_LOGIN": "on"})
    try:
        wait_for(f"{address}/_stcore/health")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


def test_a_visitor_signs_in_and_out(closed_server: str, browser_page: Page):
    browser_page.goto(f"{closed_server}/models")
    browser_page.get_by_role("button", name="Sign in").wait_for()
    assert not browser_page.get_by_text("parameters").count()
    browser_page.get_by_role("button", name="Sign in").click()
    browser_page.get_by_text("Signed in: nurse@hospital.example").wait_for()
    browser_page.get_by_role("button", name="Sign out").click()
    browser_page.get_by_role("button", name="Sign in").wait_for()
