"""Scan a photo folder and say what is in it: the command ``dataset`` and the report that it keeps for the page."""

import argparse
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dermnet_core import telling
from dermnet_core.artifacts import save_text
from dermnet_core.data.download import download
from dermnet_core.data.findings import findings
from dermnet_core.data.listing import list_photos
from dermnet_core.data.report import DatasetReport, build_report, findings_csv, photos_csv, summary_to_json
from dermnet_core.data.report_html import report_html
from dermnet_core.data.survey import survey
from dermnet_core.data.survey_cache import survey_folder
from dermnet_core.errors import ConfigError, DatasetError, DermnetError
from dermnet_core.near_store import stored_near_pairs
from dermnet_core.paths import data_dir

_FIGURES = ("files", "distinct", "duplicate_groups", "conflicting_groups", "leaked_test", "near_pairs", "near_across")
_LOG = logging.getLogger(__name__)


def report_path(root: Path) -> Path:
    """Return where the report of a folder is kept, beside what its scans measured."""
    return survey_folder(root) / "report.json"


def load_report(root: Path) -> DatasetReport | None:
    """Return what the last scan of a folder found; None if there was none, or one that this version cannot read.

    Raises:
        DatasetError: there is a report, but the file cannot be opened.
    """
    path = report_path(root)
    try:
        return DatasetReport.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DatasetError(
            f"Expected to read {path}, found: {error.strerror}. Make it readable or remove it."
        ) from error
    except (DatasetError, ValueError, AttributeError) as error:
        _LOG.warning("The report %s is of another version or damaged (%r): scan the folder again.", path, error)
        return None


def changed_since(report: DatasetReport, root: Path) -> bool:
    """Return whether names, sizes or times of the photos differ from those that the report saw.

    Raises:
        DatasetError: the folder is gone or no longer holds photos.
    """
    return report.digest != list_photos(root).digest()


def run(options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Scan a folder, keep the report, write it where asked; the command ``dataset``."""
    writer = _writer(options.out)
    with telling.stoppable(), telling.Teller(options.progress) as teller:
        try:
            root = _folder(options)
            report = _scan(root, options.processes, teller)
            for path, text in ((options.out, writer), (options.photos, photos_csv), (options.summary, _summary)):
                if path and text:
                    save_text(path, text(report))
            save_text(report_path(root), _json(report.to_json(), indent=None))
        except DermnetError as error:
            teller.error(str(error))
            raise
    return _result(root, report), 0


def show(result: dict[str, Any]) -> str:
    """Say the figures of a scan and what it found, the worst first, as a short table."""
    counts: dict[str, dict[str, int]] = result["counts"]
    splits = ", ".join(f"{split} {sum(labels.values()):,}" for split, labels in counts.items())
    classes = len({label for labels in counts.values() for label in labels})
    lines = [
        result["folder"],
        f"  {result['files']:,} photos ({splits}) in {classes} classes, {result['distinct']:,} different contents",
    ]
    found = [entry for entry in result["findings"] if entry["photos"]]
    if found:
        width = max(len(entry["title"]) for entry in found)
        lines += ["", f"  {'finding':<{width}}  {'groups':>8}  {'photos':>8}"]
        lines += [f"  {entry['title']:<{width}}  {entry['groups']:>8,}  {entry['photos']:>8,}" for entry in found]
    else:
        lines += ["", "  Nothing was found that is wrong with these photos."]
    lines += ["", *(f"  note: {problem}" for problem in result["problems"])] if result["problems"] else []
    return "\n".join(lines)


def _folder(options: argparse.Namespace) -> Path:
    if options.download:
        if options.folder:
            raise ConfigError(f"Expected --download or a folder, found both ({options.folder}). Leave one out.")
        fetched = download()
        telling.say(f"The photos are in {fetched}. Set DERMNET_DATA_DIR to this folder to use it everywhere.")
        return fetched
    root: Path | None = options.folder or data_dir()
    if root is None:
        raise DatasetError("Expected a photo folder, found none. Give one, set DERMNET_DATA_DIR, or use --download.")
    return root


def _scan(root: Path, processes: int | None, teller: telling.Teller) -> DatasetReport:
    found = survey(root, processes=processes, progress=teller.phase("photos"))
    pairs = stored_near_pairs(found, processes, teller.phase("near duplicates"))
    tell = teller.phase("report")
    tell(0, 1)
    report = build_report(found, pairs, datetime.now(UTC).isoformat(timespec="seconds"))
    tell(1, 1)
    return report


def _writer(out: Path | None) -> Callable[[DatasetReport], str] | None:
    """Return what makes the text of ``--out``, by its ending."""
    if out is None:
        return None
    writers = {".json": lambda report: _json(report.to_json()), ".csv": findings_csv, ".html": report_html}
    if out.suffix.lower() not in writers:
        raise ConfigError(f"Expected --out to end in {', '.join(writers)}, found {out.name}. Rename it.")
    return writers[out.suffix.lower()]


def _summary(report: DatasetReport) -> str:
    return _json(summary_to_json(report.summary))


def _json(values: Any, indent: int | None = 1) -> str:
    return json.dumps(values, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def _result(root: Path, report: DatasetReport) -> dict[str, Any]:
    summary = report.summary
    result: dict[str, Any] = {"folder": str(root)} | {name: getattr(summary, name) for name in _FIGURES}
    result |= {"suspects": summary.suspects, "unreadable": summary.unreadable}
    result["counts"] = {split: dict(labels) for split, labels in summary.counts.items()}
    result["problems"] = list(summary.problems)
    result["findings"] = [
        {
            "key": finding.key,
            "title": finding.title,
            "groups": len(finding.groups),
            "photos": len({file for group in finding.groups for file in group}),
        }
        for finding in findings(report)
    ]
    return result
