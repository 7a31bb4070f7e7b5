"""What must hold of the repository itself: nothing private in it, everything pinned, the settings of the server."""

import ast
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
PHOTO_ENDINGS = {".jpg", ".jpeg", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif"}
PHOTO_MAGIC = (b"\xff\xd8\xff", b"RIFF", b"GIF8", b"II*\x00", b"MM\x00*")
PNG_HOMES = ("assets/", "docs/")
MAX_MODEL_BYTES = 15 * 1024 * 1024

ABSOLUTE_PATH = re.compile(r"^(/[A-Za-z][\w.-]*/[\w.-]|[A-Za-z]:\\|~/)")
WELL_KNOWN = ("/usr/bin/", "/Applications/", "/_stcore/")

CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
MODEL_COLOURS = {"#0072B2", "#D55E00"}


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Return the files that git tracks."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("NOT CHECKED: this is no git checkout, or there is no git")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_photo_is_tracked(tracked: list[Path]):
    def is_photo(path: Path) -> bool:
        if path.suffix.lower() == ".png":
            return not path.relative_to(ROOT).as_posix().startswith(PNG_HOMES)
        with path.open("rb") as file:
            return path.suffix.lower() in PHOTO_ENDINGS or file.read(4).startswith(PHOTO_MAGIC)

    assert [str(path.relative_to(ROOT)) for path in tracked if is_photo(path)] == []


def strings_in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def strings_in_json(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in strings_in_json(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in strings_in_json(part))


def test_no_absolute_path_in_code_or_assets(tracked: list[Path]):
    found = []
    for path in tracked:
        if path.suffix == ".py":
            strings = strings_in_python(path)
        elif path.suffix == ".json":
            strings = strings_in_json(json.loads(path.read_text(encoding="utf-8")))
        else:
            continue
        bad = [text for text in strings if ABSOLUTE_PATH.match(text) and not text.startswith(WELL_KNOWN)]
        found += [f"{path.relative_to(ROOT)}: {text[:80]}" for text in bad]
    assert found == []


def test_shipped_models_stay_small():
    for folder in (ROOT / "assets" / "models").glob("*/"):
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert size < MAX_MODEL_BYTES, f"{folder.name} has {size / 1e6:.1f} MB"


SETS = ("requirements-serve", "requirements", "requirements-dev")
PIN = re.compile(r"([a-z0-9][a-z0-9._-]*)==(\d[\w.]*)(?: ?; (.+))?")


def wanted(name: str) -> dict[str, str]:
    """Return {package: version} of what is asked for by hand in an .in file, without the ones that it includes."""
    lines = (line.split("#")[0].strip() for line in (ROOT / f"{name}.in").read_text(encoding="utf-8").splitlines())
    pins = [PIN.fullmatch(line) for line in lines if line and not line.startswith("-r ")]
    assert pins
    assert all(pins), "every line of an .in file is NAME==VERSION"
    return {pin[1]: pin[2] for pin in pins if pin}


def locked(name: str) -> dict[str, tuple[str, str | None, list[str]]]:
    """Return {package: (version, marker, hashes)} of a lock that ``make lock`` wrote."""
    text = (ROOT / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    entries = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        pin = PIN.fullmatch(requirement)
        assert pin, f"expected NAME==VERSION with hashes, found {line[:80]!r}"
        assert pin[1] not in entries, f"{pin[1]} is locked twice"
        entries[pin[1]] = (pin[2], pin[3], hashes)
    return entries


@pytest.mark.parametrize("name", SETS)
def test_every_requirement_is_pinned_with_hashes(name: str):
    entries = locked(name)
    assert len(entries) > 40
    for package, (_, _, hashes) in entries.items():
        assert hashes, package
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), package


@pytest.mark.parametrize("name", SETS)
def test_the_lock_holds_what_is_asked_for(name: str):
    entries = locked(name)
    for package, version in wanted(name).items():
        assert entries[package][0] == version, f"{package}: run make lock"


def test_the_smaller_locks_are_parts_of_the_larger_ones():
    serve, run, develop = (locked(name) for name in SETS)
    assert serve.items() <= run.items() <= develop.items()


def test_the_installed_packages_are_the_locked_ones():
    for package, (version, marker, _) in locked("requirements-dev").items():
        if marker is None:
            assert metadata.version(package) == version, f"{package}: run make install"


def test_serving_brings_no_tensorflow():
    assert {"tensorflow", "tensorflow-cpu", "keras", "tf-keras-vis"}.isdisjoint(locked("requirements-serve"))


def test_each_system_gets_one_tensorflow():
    entries = locked("requirements")
    markers = {name: Marker(entries[name][1] or "") for name in ("tensorflow", "tensorflow-cpu")}
    for system, machine, expected in [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
    ]:
        for python in ("3.11", "3.12", "3.13"):
            where = {"sys_platform": system, "platform_machine": machine, "python_version": python}
            assert [name for name, marker in markers.items() if marker.evaluate(where)] == [expected]


def test_the_server_keeps_quiet_and_private():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["maxUploadSize"] == 10
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["showErrorLinks"] is False


def option_names(settings: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from option_names(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_streamlit_knows_every_setting():
    from streamlit import config

    assert set(option_names(CONFIG)) <= set(config.get_config_options())


def test_no_font_comes_from_outside():
    assert "fontFaces" not in CONFIG["theme"]
    assert "://" not in json.dumps(CONFIG["theme"])


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#RRGGBB`` as WCAG 2 defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faded(text: str, ground: str, opacity: float = 0.6) -> str:
    """Return the colour of a caption, which Streamlit draws in the text colour at 60 % opacity."""
    mixed = (round(int(text[a : a + 2], 16) * opacity + int(ground[a : a + 2], 16) * (1 - opacity)) for a in (1, 3, 5))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_has_enough_contrast(theme: str):
    colours = CONFIG["theme"][theme]
    parts = (colours, colours["sidebar"])
    grounds = [part[key] for part in parts for key in ("backgroundColor", "secondaryBackgroundColor")]
    assert colours["primaryColor"] not in MODEL_COLOURS
    assert contrast(colours["primaryColor"], "#FFFFFF") >= 4.5, "buttons carry white text"
    assert all(contrast(colours["primaryColor"], ground) >= 3 for ground in grounds)
    assert all(contrast(colours["linkColor"], ground) >= 4.5 for ground in grounds)
    assert all(contrast(colours["textColor"], ground) >= 7 for ground in grounds)
    page = colours["backgroundColor"]
    assert contrast(faded(colours["textColor"], page), page) >= 4.5
