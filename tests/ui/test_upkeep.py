"""Garbage is collected now and then instead of after every run."""

import gc
import tomllib

import pytest

from dermnet_core.paths import ROOT
from dermnet_ui import upkeep


@pytest.fixture(autouse=True)
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "_last", float("-inf"))


class Knot:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.self = self


def test_garbage_goes_once_in_a_period(monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    gc.disable()
    try:
        Knot()
        assert upkeep.tidy()
        assert not any(isinstance(found, Knot) for found in gc.get_objects())
        Knot()
        now += upkeep.PERIOD - 0.1
        assert not upkeep.tidy()
        assert any(isinstance(found, Knot) for found in gc.get_objects())
        now += 0.2
        assert upkeep.tidy()
        assert not any(isinstance(found, Knot) for found in gc.get_objects())
    finally:
        gc.enable()


def test_what_libraries_brought_is_walked_once(monkeypatch: pytest.MonkeyPatch):
    gc.unfreeze()
    monkeypatch.setattr(upkeep, "_modules", 0)
    try:
        assert upkeep.tidy()
        stays = gc.get_freeze_count()
        assert stays > 10_000
        mine = Knot()
        monkeypatch.setattr(upkeep, "_last", float("-inf"))
        assert upkeep.tidy()
        assert gc.get_freeze_count() == stays
        assert any(found is mine for found in gc.get_objects())
    finally:
        gc.unfreeze()


def test_nobody_waits_for_another_visitors_round():
    with upkeep._LOCK:
        assert not upkeep.tidy()


def test_streamlit_leaves_the_collecting_to_us():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["runner"]["postScriptGC"] is False
