"""Limits on what visitors send, asked of a real server past the browser."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from PIL import Image
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.hostile import encode, noise
from benchmarks.load import served
from benchmarks.visitor import Screen, Visitor
from dermnet_ui.resources import MAX_BYTES
from dermnet_ui.table import MAX_PHOTOS
from dermnet_ui.uploads import MAX_FILES

Visit = Callable[[Visitor], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served() as (address, _):
        yield address


@pytest.fixture
def visit(server: str) -> Callable[[Visit], None]:
    """Return a function that lets a visitor do something and then asks whether the next one is served."""

    async def come(doing: Visit) -> None:
        async with Visitor(server) as visitor:
            assert visitor.screen.problems() == []
            await doing(visitor)
        async with Visitor(server) as following:
            screen = await bring(following, await following.upload("next.png", photo(99)))
            assert (screen.problems(), len(screen.all("imgs"))) == ([], 2)

    return lambda doing: asyncio.run(come(doing))


def photo(number: int) -> bytes:
    return encode(Image.new("RGB", (64, 48), (2 * number, 90, 120)), "PNG")


async def bring(visitor: Visitor, *files: UploadedFileInfo) -> Screen:
    """Tell the page that the upload box holds these files."""
    box = WidgetState(id=visitor.screen.all("file_uploader")[0].id)
    box.file_uploader_state_value.uploaded_file_info.extend(files)
    return await visitor.run([box])


def test_files_that_are_too_large_or_nobodys_are_not_taken(visit):
    async def doing(visitor: Visitor) -> None:
        own = f"/_stcore/upload_file/{visitor.session}/some-file"
        assert (await visitor.put(own, "large.png", bytes(MAX_BYTES + 1)))[0] == 413
        assert (await visitor.put("/_stcore/upload_file/another/some-file", "a.png", photo(1)))[0] == 400
        visitor._token = "forged"
        assert (await visitor.put(own, "a.png", photo(1)))[0] == 403

    visit(doing)


def test_a_visitor_cannot_fill_the_memory_with_files(visit):
    async def doing(visitor: Visitor) -> None:
        for number in range(MAX_FILES):
            await visitor.upload("a.png", photo(number))
        with pytest.raises(ConnectionError, match=f"status 429: b'Expected at most {MAX_FILES} files at a time"):
            await visitor.upload("a.png", photo(0))

    visit(doing)


def test_the_store_lets_go_of_files_that_the_page_has_taken(visit):
    async def doing(visitor: Visitor) -> None:
        for number in range(MAX_FILES + 3):
            file = await visitor.upload("a.png", photo(number % 3))
            screen = await bring(visitor, file)
        assert screen.problems() == []
        assert len(screen.all("imgs")) == 3 + 2  # the strip, and two heatmaps
        # The same file again: the server has it no more, and the page says nothing about it.
        assert (await bring(visitor, file)).problems() == []

    visit(doing)


def test_one_file_named_a_thousand_times_is_refused_in_a_few_lines(visit):
    async def doing(visitor: Visitor) -> None:
        file = await visitor.upload("a.png", photo(1))
        problems = (await bring(visitor, *[file] * 1000)).problems()
        assert len(problems) == MAX_PHOTOS
        assert all(f"Expected at most {MAX_PHOTOS} photos at a time." in problem for problem in problems)

    visit(doing)


def test_a_file_that_never_came_is_passed_over(visit):
    async def doing(visitor: Visitor) -> None:
        never = UploadedFileInfo(name="b.png", size=3, file_id="never")
        assert (await bring(visitor, never)).problems() == []

    visit(doing)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", b"MZ\x90\0 this program cannot be run"),
        ("<img src=x onerror=alert(1)>.jpg", b"\xff\xd8\xff\xe0 cut off"),
        ("../../evil.png", b"GIF89a"),
        ("n" * 300 + ".png", b"II*\0"),
        ("model.zip", b"PK\x03\x04\x14\0"),
        ("program.exe", photo(1)),
    ],
)
def test_no_file_brings_a_traceback(visit, name: str, data: bytes):
    async def doing(visitor: Visitor) -> None:
        screen = await bring(visitor, await visitor.upload(name, data))
        problems = screen.problems()
        assert "Traceback" not in "".join(problems)
        assert all(len(problem) < 1000 for problem in problems)
        # Only a forged request has an ending that the upload box does not offer; Streamlit refuses it in its own words.
        assert screen.all("exception") == [] or (name.endswith((".zip", ".exe")) and "redacted" in problems[0])

    visit(doing)


def test_nonsense_on_the_line_ends_that_visit_alone(server: str):
    async def doing() -> None:
        async with Visitor(server) as victim:
            for nonsense in (b"\xff" * 100, b"", "text", bytes(3_000_000)):
                visitor = Visitor(server)
                await visitor.enter()
                assert visitor._socket is not None
                await visitor._socket.send(nonsense)
                await visitor.leave()
            screen = await bring(victim, await victim.upload("a.png", encode(noise(), "PNG")))
            assert (screen.problems(), len(screen.all("imgs"))) == ([], 2)

    asyncio.run(doing())
