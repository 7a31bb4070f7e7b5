"""What the tests of translated pages share."""

from collections.abc import Iterator

import pytest
import streamlit as st

from dermnet_core import i18n
from tests.pages.visible import Brackets


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve the marked sentences in brackets."""
    monkeypatch.setattr(i18n, "_catalogue", lambda _code: Brackets())
    # Caches go by language: what was made with brackets and what was made without take the same place.
    _forget()
    yield
    _forget()


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
