import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dermnet_core.data.stats import PROPERTIES
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_ui.dataset.properties import quantile_words
from tests.ui.dataset_cases import make_summary, small_report


def with_folder(report, root):
    from dermnet_ui.dataset import properties

    properties.show(report.summary, report, root)


def without_folder(summary):
    from dermnet_ui.dataset import properties

    properties.show(summary)


@pytest.fixture
def folder(tmp_path):
    write_photo_folder(tmp_path, classes=2, per_class=8)
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "train" / "class-a" / "night-1.png")
    return tmp_path


def test_every_property_says_what_it_is_and_shows_its_quantiles(folder):
    report = small_report(folder)
    at = AppTest.from_function(with_folder, default_timeout=20, args=(report, folder)).run()
    for key in PROPERTIES:
        at.selectbox(key="property").set_value(key).run()
        assert not at.exception
        assert PROPERTIES[key].meaning in [element.value for element in at.markdown]
        assert quantile_words(report.summary.properties[key], "")[3].startswith("half lies below")


def test_the_photos_that_stick_out_can_be_opened(folder):
    at = AppTest.from_function(with_folder, default_timeout=20, args=(small_report(folder), folder)).run()
    at.selectbox(key="property").set_value("brightness").run()
    assert at.button(key="outliers-low-0").help == "night-1.png"
    at.button(key="outliers-low-0").click().run()
    assert at.session_state["open_photo"] == "train/class-a/night-1.png"


def test_nothing_sticks_out_of_photos_of_one_size(folder):
    at = AppTest.from_function(with_folder, default_timeout=20, args=(small_report(folder), folder)).run()
    at.selectbox(key="property").set_value("width").run()
    assert "Nothing sticks out." in [element.value for element in at.markdown]
    assert not at.button


def test_without_a_folder_there_is_a_histogram_and_nothing_to_open(folder):
    at = AppTest.from_function(without_folder, args=(small_report(folder).summary,)).run()
    assert not at.exception
    assert at.get("plotly_chart")
    assert not at.button


def test_figures_without_properties_say_so():
    at = AppTest.from_function(without_folder, args=(make_summary({}),)).run()
    assert "made without the photos" in at.markdown[0].value
