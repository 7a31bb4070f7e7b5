"""Who may name a folder of the server: nobody, unless every sign says that server and visitor are one computer."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_ui.dataset.folder import is_local

ON = {"DERMNET_LOCAL": "on"}
HERE = [("Host", "localhost:8501"), ("Origin", "http://localhost:8501"), ("User-Agent", "Browser")]


def without(name: str) -> list[tuple[str, str]]:
    return [pair for pair in HERE if pair[0] != name]


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_the_own_computer_may(address: str):
    assert is_local(ON, address, HERE)


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "[::1]:8501", "localhost"])
def test_every_way_to_write_loopback_is_known(host: str):
    assert is_local(ON, "localhost", [("host", host), ("origin", f"http://{host}")])


@pytest.mark.parametrize("environment", [{}, {"DERMNET_LOCAL": ""}, {"DERMNET_LOCAL": "off"}, {"DERMNET_LOCAL": "1"}])
def test_not_unless_the_person_who_started_it_says_so(environment: dict[str, str]):
    assert not is_local(environment, "localhost", HERE)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.0.7", "example.org", "localhost.example.org"])
def test_not_when_others_can_reach_the_server(address: str | None):
    assert not is_local(ON, address, HERE)


@pytest.mark.parametrize("header", ["Host", "Origin"])
@pytest.mark.parametrize(
    "value",
    ["http://example.org", "http://localhost.example.org", "http://127.0.0.1.example.org", "http://192.168.0.7:8501",
     "http://localhost@example.org", "null", "", "http://[", "http://0.0.0.0:8501"],
)  # fmt: skip
def test_not_when_the_browser_asked_for_another_address(header: str, value: str):
    shown = value.removeprefix("http://") if header == "Host" else value
    assert not is_local(ON, "localhost", [*without(header), (header, shown)])
    assert not is_local(ON, "localhost", [*HERE, (header, shown)])  # a second value beside the good one


@pytest.mark.parametrize("header", ["Host", "Origin"])
def test_not_when_a_header_is_missing(header: str):
    assert not is_local(ON, "localhost", without(header))


def test_not_without_headers():
    assert not is_local(ON, "localhost", [])


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PROTO", "Forwarded", "X-Real-IP", "Via"]
)
def test_not_behind_a_proxy(name: str):
    assert not is_local(ON, "localhost", [*HERE, (name, "127.0.0.1")])


def choosing() -> None:
    from dermnet_ui.dataset import folder

    root = folder.current()
    folder.in_sidebar(root)
    folder.choice(root)


@pytest.fixture
def may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dermnet_ui.dataset.folder.may_choose_folder", lambda: True)


def sidebar(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.sidebar.get("html"))


def choose(page: AppTest, path: str) -> AppTest:
    page.text_input(key="dataset_folder_box").set_value(path)
    page.button[0].click()
    return page.run()


def test_a_session_without_headers_gets_no_box_but_a_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_LOCAL", "on")
    page = AppTest.from_function(choosing).run()
    assert not page.exception
    assert not page.text_input
    assert "DERMNET_DATA_DIR" in page.code[0].value


@pytest.mark.usefixtures("may")
def test_a_folder_can_be_chosen_and_is_named(photo_folder: Path):
    page = choose(AppTest.from_function(choosing).run(), f' "{photo_folder}" ')
    assert not page.exception
    assert not page.error
    assert str(photo_folder) in sidebar(page)


@pytest.mark.usefixtures("may")
@pytest.mark.parametrize("path", ["no/such/folder", "a\0b", "~nobody-of-this-name/photos"])
def test_a_bad_path_is_refused_in_words_and_nothing_is_lost(photo_folder: Path, path: str):
    page = choose(AppTest.from_function(choosing).run(), str(photo_folder))
    choose(page, path)
    assert not page.exception
    assert page.error[0].value.startswith("Expected ")
    assert str(photo_folder) in sidebar(page)
    assert page.text_input(key="dataset_folder_box").value == path


def test_a_choice_is_forgotten_when_the_visitor_may_not_choose(photo_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_DATA_DIR", str(photo_folder))
    page = AppTest.from_function(choosing)
    page.session_state["dataset_folder"] = "/etc"
    page.run()
    assert photo_folder.name in sidebar(page)
    assert str(photo_folder) not in sidebar(page)  # a visitor from elsewhere learns no path
    assert "/etc" not in sidebar(page)
