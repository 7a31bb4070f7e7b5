"""Every text that a page shows, read off what it sends to the browser; and what of it nobody marked for translation."""

import json
import re
import string
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from babel.dates import get_month_names
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Node

from dermnet_core.paths import ROOT

MARK = re.compile("⟦[^⟦⟧]*⟧")
_WORD = re.compile(r"(?<!\w)[^\W\d_]{3,}(?!\w)")
"""Letters alone: what holds digits is a name or a fingerprint."""
# Names of products, models, formats and units, and what stands in commands and paths, are the same in each language.
ALLOWED = frozenset(
    re.findall(
        r"\w+",
        "DermNet Workbench CNN TensorFlow Keras LiteRT Kaggle CSV JSON HTML JPEG PNG SVG WebP HEIC UTF UTC "
        "SHA MiB GiB Language Dil English Türkçe",
    )
) | frozenset(get_month_names("wide", locale="tr").values())
# Fields of Streamlit's messages that nobody reads.
_UNSEEN = frozenset(
    re.findall(
        r"\w+",
        "id key form_id url url_path icon type theme format figure_format config css_key user_key fragment_id "
        "data deferred_file_id element_hash selection_mode language unit text_alignment color",
    )
)
_SEEN_ATTRIBUTES = frozenset({"alt", "aria-label", "placeholder", "title"})


class Brackets:
    """A catalogue whose every translation is the sentence itself, in brackets but for the values that it takes."""

    def gettext(self, message: str) -> str:
        """Return a sentence with each part between two values in brackets."""
        parts = string.Formatter().parse(message)
        return "".join(
            (f"⟦{_escaped(words)}⟧" if words else "") + (f"{{{name}}}" if name is not None else "")
            for words, name, _format, _conversion in parts
        )

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the form for a number as `gettext` does."""
        return self.gettext(singular if n == 1 else plural)


def turkish(name: str, **state: object) -> AppTest:
    """Run a page as a visitor who reads Turkish."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=180)
    app.session_state["language"] = "tr"
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def untranslated(app: AppTest, names: Iterable[str] = ()) -> list[str]:
    """Return the texts of a page that hold words outside of `Brackets`, without those that are allowed.

    Args:
        app: a page that has run with `Brackets`.
        names: that a visitor chose, such as names of files; longer ones are looked for first.
    """
    own = sorted(filter(None, names), key=len, reverse=True)
    return [text for text in texts(app) if words_left(text, own)]


def words_left(text: str, names: Iterable[str] = ()) -> set[str]:
    """Return the words of three and more letters outside of brackets that are not allowed."""
    text = re.sub(r"%\{[^}]*\}|</?(?:b|br|i|extra)>", " ", text)  # plotly fills in values, and knows tags
    while MARK.search(text):
        text = MARK.sub(" ", text)
    text = re.sub(r"\\(?=[^\w\s])", "", text)  # Markdown takes signs for what they are after a backslash
    for name in names:
        text = text.replace(name, " ")
    return set(_WORD.findall(text)) - ALLOWED


def texts(app: AppTest) -> Iterator[str]:
    """Yield what a page shows: titles, words, labels, options, help, texts of charts, cells of tables."""
    waiting: list[Node] = [app._tree]
    while waiting:
        node = waiting.pop()
        waiting += getattr(node, "children", {}).values()
        kind, proto = getattr(node, "type", ""), getattr(node, "proto", None)
        if kind == "html":
            yield from in_html(proto.body)
        elif kind == "plotly_chart":
            yield from in_figure(json.loads(proto.spec))
            yield proto.alt
        elif kind == "dataframe":
            yield from in_table(node.value)
            yield from _under(json.loads(proto.columns or "{}"), {"label", "help"})
            yield proto.alt
        elif kind != "code" and isinstance(proto, Message):
            yield from _strings(proto)


def in_html(body: str) -> Iterator[str]:
    """Yield the text of an HTML fragment and the attributes that are read out or shown."""
    reader = _Reader()
    reader.feed(body)
    yield "".join(reader.found)
    yield from reader.attributes


def in_figure(figure: dict[str, Any]) -> Iterator[str]:
    """Yield titles, annotations, hovers and the names of categories; names of traces where a legend or hover has them.

    Args:
        figure: as plotly writes it in JSON.
    """
    layout = {key: value for key, value in figure["layout"].items() if key != "template"}
    yield from _under(layout, {"text", "ticktext", "title", "hovertext"})
    for trace in figure["data"]:
        used = {"customdata"} if "customdata" in str(trace.get("hovertemplate")) else set()
        yield from _under(trace, {"text", "hovertext", "hovertemplate", "ticktext", "title"} | used)
        for axis in ("x", "y"):
            yield from _under({"text": trace.get(axis)}, {"text"})
        if layout.get("showlegend", True) and trace.get("showlegend", True):
            yield str(trace.get("name", ""))


def in_table(frame: Any) -> Iterator[str]:
    """Yield the heads and the cells of a table."""
    yield from map(str, frame.columns)
    for cell in frame.to_numpy().ravel().tolist():
        if isinstance(cell, str):
            yield cell


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "script")
        self.found.append(" ")
        self.attributes += [value for name, value in attrs if name in _SEEN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script")
        self.found.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def _strings(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in _UNSEEN:
            continue
        for part in value if isinstance(value, list) or hasattr(value, "append") else [value]:
            if isinstance(part, str):
                yield part
            elif isinstance(part, Message):
                yield from _strings(part)


def _under(value: Any, keys: set[str], seen: bool = False) -> Iterator[str]:
    """Yield the strings below any of the keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _under(inner, keys, seen=key in keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _under(inner, keys, seen)
    elif seen and isinstance(value, str):
        yield value


def _escaped(words: str) -> str:
    return words.replace("{", "{{").replace("}", "}}")
