"""Who sees a page: everybody, unless DERMNET_LOGIN is on; then nobody whom the provider has not signed in."""

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.paths import ROOT

PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))


def page(name: str = "models.py", **user: object) -> AppTest:
    test = AppTest.from_file(str(ROOT / "pages" / name), default_timeout=60)
    test.user = user
    test.run()
    assert not test.exception
    return test


def is_open(test: AppTest) -> bool:
    """Return whether anything of the page stands below its title."""
    return bool(test.markdown[1:] or test.expander or test.get("download_button"))


def test_without_the_setting_nobody_signs_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DERMNET_LOGIN", raising=False)
    test = page()
    assert is_open(test)
    assert not test.sidebar.button


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_sees_a_button_and_nothing_else(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_LOGIN", "on")
    test = page(name, is_logged_in=False)
    assert [button.key for button in test.button] == ["sign-in"]
    assert not is_open(test)


def test_a_colleague_sees_the_page_and_can_sign_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_LOGIN", "on")
    test = page(is_logged_in=True, email="nurse@hospital.example")
    assert is_open(test)
    assert test.sidebar.text[0].value == "Signed in: nurse@hospital.example"
    test.sidebar.button(key="sign-out").click().run()
    assert not is_open(test)


@pytest.mark.parametrize(("setting", "words"), [("on", "[auth]"), ("yes", "found 'yes'")])
def test_a_wrong_setting_closes_the_page(setting: str, words: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMNET_LOGIN", setting)
    test = page()
    assert words in test.error[0].value
    assert not is_open(test)
