"""Reports of data sets for the tests of the page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dermnet_core.data.near import near_pairs
from dermnet_core.data.report import DatasetReport, build_report
from dermnet_core.data.summary import DatasetSummary
from dermnet_core.data.survey import survey


def make_summary(counts: Mapping[str, Mapping[str, int]], **changes: Any) -> DatasetSummary:
    """Return a summary of a folder without defects, besides what is asked for."""
    files = sum(sum(split.values()) for split in counts.values())
    values: dict[str, Any] = {
        "name": "photos", "scanned": "2026-01-02T03:04:05+00:00", "counts": counts, "files": files,
        "distinct": files, "duplicate_groups": 0, "conflicting_groups": 0, "leaked_test": 0, "leaked_by_class": {},
        "near_pairs": 0, "near_across": 0, "near_conflicting": 0, "suspects": 0, "unreadable": 0, "properties": {},
        "series": {}, "views": {}, "problems": (),
    }  # fmt: skip
    return DatasetSummary(**(values | changes))


def plant_defects(root: Path) -> None:
    """Add two test copies of train photos, one of them under another class, and a broken file."""
    first, second = sorted((root / "train" / "class-a").iterdir())[:2]
    (root / "test" / "class-a" / "leaked-1.jpg").write_bytes(first.read_bytes())
    (root / "test" / "class-b" / "leaked-2.jpg").write_bytes(second.read_bytes())
    (root / "train" / "class-b" / "broken-1.jpg").write_bytes(b"no photo")


def small_report(root: Path) -> DatasetReport:
    """Return the report of a folder, scanned in this process; of byte copies, the first stands for all."""
    found = survey(root, processes=1)
    first: dict[str, int] = {}
    for position, photo in enumerate(found.photos):
        first.setdefault(photo.sha256, position)
    rows = sorted(first.values())
    pairs = near_pairs(found.miniatures[rows], processes=1)
    near = [(rows[a], rows[b], kind, similarity) for a, b, kind, similarity in pairs]
    return build_report(found, near, "2026-01-02T03:04:05+00:00")
