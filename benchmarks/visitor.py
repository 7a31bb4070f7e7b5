"""A visitor without a browser: speaks to a running application as the page in the browser does.

Streamlit's page talks to its server over a websocket in protocol buffers; files and pictures go over HTTP beside it.
Twenty browsers would need more of the computer than the server that they are to measure.
"""

import asyncio
import http.client
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0
_COOKIE = "_streamlit_xsrf"


@dataclass
class Screen:
    """What the server has drawn: elements by their place, and the fragment that each belongs to."""

    elements: dict[tuple[int, ...], Any] = field(default_factory=dict)
    fragments: dict[tuple[int, ...], str] = field(default_factory=dict)

    def all(self, kind: str) -> list[Any]:
        """Return the elements of a kind, in reading order."""
        found = (self.elements[place] for place in sorted(self.elements))
        return [getattr(element, kind) for element in found if element.WhichOneof("type") == kind]

    def fragment_of(self, kind: str) -> str:
        """Return the fragment of the first element of a kind; an empty text when it is in none."""
        places = (place for place in sorted(self.elements) if self.elements[place].WhichOneof("type") == kind)
        return next((self.fragments[place] for place in places), "")

    def pictures(self) -> list[str]:
        """Return the addresses of all pictures."""
        return [picture.url for images in self.all("imgs") for picture in images.imgs]

    def problems(self) -> list[str]:
        """Return the errors on the screen: tracebacks and red boxes."""
        boxes = [alert.body for alert in self.all("alert") if alert.format == alert.ERROR]
        return [f"{found.type}: {found.message}" for found in self.all("exception")] + boxes


class Visitor:
    """One visit: a session of its own, its screen, and the connections it holds."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._http = http.client.HTTPConnection(self._host, timeout=PATIENCE)
        self._token = self._cookie = ""
        self._socket: ClientConnection | None = None
        self.session = ""
        self.screen = Screen()

    async def __aenter__(self) -> Self:
        """Come in and wait until the page stands."""
        await self.enter()
        await self.run()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave."""
        await self.leave()

    async def leave(self) -> None:
        """Let go of all connections."""
        if self._socket is not None:
            await self._socket.close()
        self._http.close()

    async def enter(self) -> None:
        """Connect without asking for a page."""
        _, headers, _ = await self.request("GET", "/_stcore/health")
        cookies = [value for name, value in headers if name.lower() == "set-cookie" and value.startswith(_COOKIE)]
        self._token = cookies[0].partition(";")[0].partition("=")[2] if cookies else ""
        self._cookie = f"{_COOKIE}={self._token}"
        self._socket = await connect(
            f"ws://{self._host}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": self._cookie, "Origin": f"http://{self._host}"},
            max_size=None,
            open_timeout=PATIENCE,
        )

    async def run(self, widgets: Iterable[WidgetState] = (), fragment: str = "") -> Screen:
        """Let the page run with changed widgets and return what it has drawn."""
        await self.ask(widgets, fragment)
        while True:
            answer = await self._receive()
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self.session = answer.new_session.initialize.session_id
                if not fragment:
                    self.screen = Screen()
            elif kind == "delta":
                self._draw(answer)
            elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return self.screen

    async def ask(self, widgets: Iterable[WidgetState] = (), fragment: str = "") -> None:
        """Ask the page to run, and do not wait for it."""
        message = BackMsg()
        message.rerun_script.widget_states.widgets.extend(widgets)
        message.rerun_script.fragment_id = fragment
        await self._send(message)

    async def upload(self, name: str, data: bytes) -> UploadedFileInfo:
        """Send a file to the place that the server names, as the upload box does before the page runs.

        Raises:
            ConnectionError: the server refuses it.
        """
        message = BackMsg()
        message.file_urls_request.request_id = str(uuid.uuid4())
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        await self._send(message)
        while (answer := await self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        place = answer.file_urls_response.file_urls[0]
        status, _, body = await self.put(place.upload_url, name, data)
        if status not in (200, 204):
            raise ConnectionError(f"Expected the server to take {name}, found status {status}: {body[:200]!r}")
        return UploadedFileInfo(name=name, size=len(data), file_id=place.file_id, file_urls=place)

    async def put(self, path: str, name: str, data: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send a file to a path of the server and return status, headers and body of the answer."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + data + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "X-Xsrftoken": self._token}
        return await self.request("PUT", path, body, headers | {"Cookie": self._cookie})

    async def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the server over HTTP and return status, headers and body of its answer."""
        return await asyncio.to_thread(self._request, method, path, body, headers or {})

    def _request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        try:
            self._http.request(method, path if path.startswith("/") else f"/{path}", body, headers)
            answer = self._http.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server lets go of a connection that was idle for some seconds.
            self._http.close()
            self._http.request(method, path if path.startswith("/") else f"/{path}", body, headers)
            answer = self._http.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    async def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _receive(self) -> ForwardMsg:
        assert self._socket is not None
        data = await asyncio.wait_for(self._socket.recv(), PATIENCE)
        message = ForwardMsg()
        message.ParseFromString(data if isinstance(data, bytes) else data.encode())
        return message

    def _draw(self, message: ForwardMsg) -> None:
        place = tuple(message.metadata.delta_path)
        if message.delta.WhichOneof("type") == "new_element":
            self.screen.elements[place] = message.delta.new_element
            self.screen.fragments[place] = message.delta.fragment_id
        elif message.delta.WhichOneof("type") == "add_block":
            # A new block replaces whatever stood at its place.
            self.screen.elements = {at: what for at, what in self.screen.elements.items() if at[: len(place)] != place}
