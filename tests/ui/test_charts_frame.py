import timeit

import numpy as np
import plotly.graph_objects as go
import pytest

from dermnet_core import i18n
from dermnet_ui.charts_frame import PICTURE_KINDS, file_name, framed, picture_config


def test_a_title_leaves_the_drawing_as_high_as_before_and_the_figure_as_it_was():
    figure = go.Figure(layout={"height": 200, "margin": {"t": 10, "b": 30}})
    found = framed(figure, "Right by class", "n = 3")
    assert figure.layout.height == 200
    assert figure.layout.title.text is None
    assert (found.layout.title.text, found.layout.title.subtitle.text) == ("Right by class", "n = 3")
    assert found.layout.height - found.layout.margin.t == 190
    assert framed(figure, "Right by class").layout.height < found.layout.height


def test_ink_reaches_all_text_since_style_sheets_do_not_reach_saved_pictures():
    figure = framed(go.Figure(layout={"xaxis": {"title": {"text": "Score"}}}), "Title", "note", "#123456")
    layout = figure.layout
    colours = [layout.font, layout.title.font, layout.title.subtitle.font, layout.xaxis.tickfont,
               layout.xaxis.title.font, layout.yaxis.tickfont]  # fmt: skip
    assert {font.color for font in colours} == {"#123456"}


@pytest.mark.parametrize("kind", PICTURE_KINDS)
def test_the_only_button_saves_a_picture(kind: str):
    config = picture_config("CNN: class → called", kind)
    assert config["modeBarButtons"] == [["toImage"]]
    assert config["toImageButtonOptions"] == {"format": kind, "filename": "cnn-class-called", "scale": 2}


def test_numbers_in_hovers_have_the_signs_of_the_visitors_language(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    assert framed(go.Figure(), "Title").layout.separators == ",."


def test_a_frame_holds_what_plotly_accepts_and_takes_no_second_check_of_the_drawing():
    drawn = go.Figure(
        go.Scatter(x=np.arange(2000), y=np.arange(2000)),
        layout={"annotations": [{"text": "here", "x": 1, "y": 2}] * 60},
    )
    found = framed(drawn, "Title", "note", "#123456")
    assert go.Figure(found.to_dict()) == found
    checked = min(timeit.repeat(lambda: go.Figure(drawn), number=1, repeat=3))
    assert min(timeit.repeat(lambda: framed(drawn, "Title", "note", "#123456"), number=1, repeat=5)) < checked / 2


def test_file_names_have_no_accents():
    assert file_name("Karışıklık: sınıf → çağrılan İlk-1 ÖĞŞ") == "karisiklik-sinif-cagrilan-ilk-1-ogs"


def test_a_name_without_letters_is_still_a_file_name():
    assert file_name("→ %") == "chart"
