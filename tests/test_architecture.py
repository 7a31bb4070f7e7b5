"""The rules of docs/ARCHITECTURE.md that import-linter (``make contracts``) cannot express."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "pages").glob("*.py"))
SCRIPTS = [ROOT / "streamlit_app.py", *PAGES]
PACKAGES = [ROOT / "dermnet_core", ROOT / "dermnet_ui"]
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))

MAX_PAGE_LINES = 80
MAX_MODULE_LINES = 300
BANNED_IN_PAGES = {"keras", "keras_tuner", "tensorflow", "tf_keras_vis", "pages", "streamlit_app"}

WITHOUT_TENSORFLOW = [
    "dermnet_core.inference",
    "dermnet_core.evaluation.report",
    "dermnet_core.explain.overlay",
    "dermnet_core.data.images",
    "dermnet_core.data.quality",
    "dermnet_core.data.scan",
    "dermnet_core.data.splits",
    "dermnet_core.training.jobs",
    "dermnet_core.__main__",
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "pages" if node.level else node.module or ""


def test_there_are_pages():
    assert [name_of(path) for path in PAGES], "pages/ holds no page, so the tests below would check nothing"


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_page_imports_neither_keras_nor_another_page(path: Path):
    stems = {page.stem for page in PAGES}
    tops = {name.split(".")[0] for name in imported(path)}
    assert not tops & (BANNED_IN_PAGES | stems)


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_page_is_a_thin_script(path: Path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_PAGE_LINES, f"{lines} lines; move some into dermnet_ui or dermnet_core"


@pytest.mark.parametrize("path", sorted((ROOT / "dermnet_ui").glob("charts*.py")), ids=name_of)
def test_charts_are_pure(path: Path):
    assert "streamlit" not in {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_stays_readable(path: Path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_MODULE_LINES, f"{lines} lines; divide it by what its parts are for"


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=name_of)
def test_an_init_file_holds_a_docstring_alone(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("module", WITHOUT_TENSORFLOW)
def test_importing_it_does_not_load_tensorflow(module: str):
    code = (
        f"import sys, {module}; "
        "loaded = {'tensorflow', 'keras', 'tf_keras_vis'} & set(sys.modules); "
        "sys.exit(f'loaded {sorted(loaded)}' if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
