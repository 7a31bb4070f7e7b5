"""Whatever the server keeps for all visitors is bounded, however long it runs."""

import ast
from pathlib import Path

import pytest

from dermnet_core.paths import ROOT

SOURCES = [path for part in ("dermnet_core", "dermnet_ui", "pages") for path in sorted((ROOT / part).rglob("*.py"))]
BOUNDS = {"max_entries", "maxsize"}
FEW = {
    "_catalogue": "a language of the application",
    "_patterns": "a language of the application",
    "_search": "in a process of a scan, which has one folder and ends",
    "_warn_once": "a kind of error",
}
"""Functions whose arguments take few values by themselves, and which."""
CACHES = {"st.cache_data", "st.cache_resource", "functools.cache", "functools.lru_cache"}


def caches(path: Path) -> list[tuple[ast.FunctionDef, str, set[str]]]:
    """Return the functions that a module caches, with the decorator and its options."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else []:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            options = {word.arg or "" for word in decorator.keywords} if isinstance(decorator, ast.Call) else set()
            if ast.unparse(called) in CACHES:
                found.append((node, ast.unparse(called), options))
    return found


def test_there_are_caches_to_look_at():
    assert sum(len(caches(path)) for path in SOURCES) > 10


@pytest.mark.parametrize("path", [path for path in SOURCES if caches(path)], ids=lambda path: path.stem)
def test_every_cache_is_bounded(path: Path):
    for function, _, options in caches(path):
        one_entry = not function.args.args and not function.args.kwonlyargs
        bounded = one_entry or options & BOUNDS or function.name in FEW
        assert bounded, f"{function.name} keeps one result for each of its arguments, for ever"
