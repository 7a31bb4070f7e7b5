"""What the tests of pages share: photo folders with all rights, folders of runs, the marked sentences in brackets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from dermnet_core import i18n
from dermnet_core.data.synthetic import write_photo_folder
from tests.pages.visible import Brackets


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve the marked sentences in brackets."""
    monkeypatch.setattr(i18n, "_catalogue", lambda _code: Brackets())
    # Caches go by language: what was made with brackets and what was made without take the same place.
    _forget()
    yield
    _forget()


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep runs and models in folders of their own."""
    for name in ("runs", "models"):
        monkeypatch.setenv(f"DERMNET_{name.upper()}_DIR", str(tmp_path / name))
    return tmp_path / "runs"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a visitor train on a folder."""
    return _allowed(tmp_path / "photos", monkeypatch, per_class=60, size=32)


@pytest.fixture
def skin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a visitor evaluate a folder."""
    return _allowed(tmp_path / "skin", monkeypatch)


def _allowed(folder: Path, monkeypatch: pytest.MonkeyPatch, **photos: int) -> Path:
    write_photo_folder(folder, **photos)
    monkeypatch.setenv("DERMNET_TRAINING", "on")
    monkeypatch.setenv("DERMNET_DATA_DIR", str(folder))
    return folder


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
