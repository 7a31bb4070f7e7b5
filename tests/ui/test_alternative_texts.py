"""Every picture and every chart has words for those who do not see it."""

import ast
import re
from pathlib import Path

import pytest

from dermnet_core.paths import ROOT

FILES = sorted([*(ROOT / "dermnet_ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")])
DRAWN = {"image", "plotly_chart"}
WORDLESS = {"pyplot", "altair_chart", "line_chart", "bar_chart", "area_chart", "scatter_chart", "graphviz_chart"}
"""Streamlit's charts that take no alternative text."""


def without_words(source: str) -> list[str]:
    """Return the calls and tags of a module that show a picture or a chart without an alternative text."""
    found = [tag for tag in re.findall(r"<img\b[^>]*>", source) if " alt=" not in tag]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            texts = [keyword.value for keyword in node.keywords if keyword.arg == "alt"]
            missing = not texts or (isinstance(texts[0], ast.Constant) and not texts[0].value)
            if node.func.attr in WORDLESS or (node.func.attr in DRAWN and missing):
                found.append(f"line {node.lineno}: {node.func.attr}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_picture_and_chart_has_words(path: Path):
    assert without_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "st.image(pixels)",
        "st.image(pixels, alt='')",
        "column.plotly_chart(figure, key='a')",
        "st.line_chart(figure)",
        "html = '<img src=\"a.png\">'",
    ],
)
def test_one_without_is_found(source: str):
    assert without_words(source)
