"""Rows of a scan made by hand, for tests of what is concluded from them."""

from typing import Any

from dermnet_core.data.facts import PhotoFacts


def facts(file: str, content: str = "", **changes: Any) -> PhotoFacts:
    """Return an ordinary photo ``split/class/name``; files of the same content are byte copies."""
    split, label, _ = file.split("/")
    values: dict[str, Any] = {
        "bytes": 9000, "format": "JPEG", "width": 224, "height": 224, "brightness": 120.0, "contrast": 40.0,
        "sharpness": 150.0, "red": 150.0, "green": 110.0, "blue": 90.0, "skin": 0.9,
    }  # fmt: skip
    return PhotoFacts(file=file, split=split, label=label, sha256=content or file, **(values | changes))
