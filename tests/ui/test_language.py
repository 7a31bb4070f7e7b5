"""Which language a visitor reads, and in which one their files are written."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core import i18n
from dermnet_ui import language


@pytest.mark.parametrize(
    ("locale", "code"),
    [("tr-TR", "tr"), ("tr", "tr"), ("TR_tr", "tr"), ("en-GB", "en"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_the_language_of_the_browser(locale, code):
    assert language.offered(locale) == code


def test_nobody_in_particular_reads_english():
    assert language.visitor() == i18n.SOURCE


def test_a_file_that_is_written_later_keeps_the_language(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(language, "visitor", lambda: "tr")
        write = language.kept(lambda: i18n._("Eczema"))
    monkeypatch.setattr(i18n, "_asked", language.visitor)
    assert i18n._("Eczema") == "Eczema"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(write).result() == "Egzama"
        assert pool.submit(i18n._, "Eczema").result() == "Eczema"


def test_the_choice_counts_from_then_on(monkeypatch):
    monkeypatch.setattr(i18n, "_asked", language.visitor)

    def script() -> None:
        import streamlit as st

        from dermnet_core.i18n import _
        from dermnet_ui import language

        st.markdown(_("Eczema"))
        language.picker()

    app = AppTest.from_function(script).run()
    assert app.markdown[0].value == "Eczema"
    app.selectbox[0].set_value("tr").run()
    assert app.markdown[0].value == "Egzama"
