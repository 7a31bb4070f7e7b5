import pytest

from dermnet_core import i18n
from dermnet_ui import widget_words


def test_english_needs_no_style():
    assert widget_words.style() == ""
    assert widget_words.shown({"p": "one"}) == ""


def test_words_in_another_language_stand_in_place_of_streamlits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    assert 'content: "Fotoğraf çek";' in widget_words.style()
    assert widget_words.shown({"p": 'a "b" </style>'}).count("</style>") == 1
