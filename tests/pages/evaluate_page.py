"""What several tests of the Evaluate page do with it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest


def checked(app: AppTest) -> AppTest:
    """Return a page that shows neither an exception nor an error."""
    assert not app.exception
    assert not app.error
    return app


def compare(app: AppTest, first: Path, second: Path | str) -> AppTest:
    """Choose two evaluations by their folders; an empty text for none beside the first."""
    app.selectbox(key="evaluation-first").set_value(str(first))
    return checked(app.selectbox(key="evaluation-second").set_value(str(second)).run())


def words(app: AppTest) -> str:
    """Return what stands on the page as text."""
    html = [element.proto.body for element in app.get("html")]
    text = [element.value for kind in (app.markdown, app.caption, app.subheader, app.info) for element in kind]
    return "\n".join([*html, *text])
