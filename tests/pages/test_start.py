"""What every page owes: it starts without TensorFlow, and from any entry."""

import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from dermnet_core.paths import ROOT
from dermnet_ui.frame import DISCLAIMER

PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))

WITHOUT_TENSORFLOW = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[1], default_timeout=60).run()
if page.exception:
    sys.exit(str(page.exception))
if any(button.key == "try" for button in page.button):
    page.button(key="try").click().run()
loaded = {"tensorflow", "keras", "tf_keras_vis"} & set(sys.modules)
sys.exit(f"loaded {sorted(loaded)}" if loaded else 0)
"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_answers_without_tensorflow(name: str):
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, str(ROOT / "pages" / name)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_application_opens_with_classify():
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert not page.exception
    assert page.title[0].value == "Classify"
    assert any(DISCLAIMER in element.proto.body for element in page.get("html"))
