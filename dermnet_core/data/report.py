"""Everything that a scan found out about a data set, as one object and as one JSON file."""

import csv
import io
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from dermnet_core.data.cells import harmless
from dermnet_core.data.facts import NearKind, NearPair, PhotoFacts, Suspect, Unreadable
from dermnet_core.data.findings import conflicts, copy_groups, findings, leaked
from dermnet_core.data.scan import count_labels, series_of
from dermnet_core.data.splits import blocked_mask, clean_mask
from dermnet_core.data.stats import distributions, series_counts
from dermnet_core.data.summary import SCHEMA, DatasetSummary, Distribution
from dermnet_core.data.survey import Survey
from dermnet_core.data.suspects import suspects
from dermnet_core.errors import DatasetError

_ROWS: Mapping[str, type] = {"photos": PhotoFacts, "near": NearPair, "suspects": Suspect, "unreadable": Unreadable}


@dataclass(frozen=True, eq=False)
class DatasetReport:
    """The summary of a data set and the rows that it stands on."""

    summary: DatasetSummary
    digest: str
    """Of names, sizes and times of the files; another one means that the folder has changed."""
    photos: tuple[PhotoFacts, ...]
    """Those that can be read, sorted by file."""
    near: tuple[NearPair, ...]
    """Of byte copies, one stands for all."""
    suspects: tuple[Suspect, ...]
    unreadable: tuple[Unreadable, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; rows are stored column by column, which takes a third of the room."""
        tables = {name: _columns(getattr(self, name), kind) for name, kind in _ROWS.items()}
        return {"schema": SCHEMA, "digest": self.digest, "summary": summary_to_json(self.summary), **tables}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "DatasetReport":
        """Read what `to_json` wrote.

        Raises:
            DatasetError: another version, or something is missing or of another kind.
        """
        _check_schema(values)
        try:
            tables: dict[str, Any] = {name: _records(values[name], kind) for name, kind in _ROWS.items()}
            return cls(summary_from_json(values["summary"]), str(values["digest"]), **tables)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _damaged(error) from error


def build_report(survey: Survey, pairs: Sequence[tuple[int, int, NearKind, float]], scanned: str) -> DatasetReport:
    """Put together what a scan found.

    Args:
        survey: of the folder.
        pairs: near pairs as positions in ``survey.photos``.
        scanned: when, ISO 8601 in UTC.
    """
    photos = survey.photos
    near = tuple(NearPair(photos[a].file, photos[b].file, kind, similarity) for a, b, kind, similarity in pairs)
    odd = suspects(photos)
    return DatasetReport(_summary(survey, near, odd, scanned), survey.digest, photos, near, odd, survey.unreadable)


def summary_to_json(summary: DatasetSummary) -> dict[str, Any]:
    """Return plain JSON values."""
    return {"schema": SCHEMA, **asdict(summary)}


def summary_from_json(values: Mapping[str, Any]) -> DatasetSummary:
    """Read what `summary_to_json` wrote.

    Raises:
        DatasetError: another version, or something is missing or of another kind.
    """
    _check_schema(values)
    try:
        found = {name: value for name, value in values.items() if name != "schema"}
        found["properties"] = {key: _distribution(value) for key, value in values["properties"].items()}
        found["problems"] = tuple(values["problems"])
        return DatasetSummary(**found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(error) from error


def photos_csv(report: DatasetReport) -> str:
    """Return one row a photo with all that was measured, its series and its number."""
    names = [field.name for field in fields(PhotoFacts)]
    rows = ([*(getattr(photo, name) for name in names), *series_of(photo.file)] for photo in report.photos)
    return _csv([*names, "series", "number"], rows)


def findings_csv(report: DatasetReport) -> str:
    """Return one row for each photo of each finding: the kind, the number of its group, file, split, class, note."""
    known: dict[str, tuple[str, str]] = {photo.file: (photo.split, photo.label) for photo in report.photos}
    known |= {file.file: (file.split, file.label) for file in report.unreadable}
    rows = (
        [finding.key, number, file, *known[file], note]
        for finding in findings(report)
        for number, (group, note) in enumerate(zip(finding.groups, finding.notes, strict=True), start=1)
        for file in group
    )
    return _csv(["finding", "group", "file", "split", "class", "note"], rows)


def _summary(survey: Survey, near: Sequence[NearPair], odd: Sequence[Suspect], scanned: str) -> DatasetSummary:
    photos = survey.photos
    classes = sorted({photo.label for photo in photos})
    splits = [split for split in ("train", "test", "all") if any(photo.split == split for photo in photos)]
    copies = copy_groups(photos)
    leaks = leaked(copies)
    across, conflicting = _near_counts(photos, near)
    return DatasetSummary(
        name=survey.root.resolve().name,
        scanned=scanned,
        counts={split: count_labels((photo for photo in photos if photo.split == split), classes) for split in splits},
        files=len(photos) + len(survey.unreadable),
        distinct=len({photo.sha256 for photo in photos}),
        duplicate_groups=len(copies),
        conflicting_groups=len(conflicts(copies)),
        leaked_test=len(leaks),
        leaked_by_class=count_labels(leaks, classes),
        near_pairs=len(near),
        near_across=across,
        near_conflicting=conflicting,
        suspects=len(odd),
        unreadable=len(survey.unreadable),
        properties=distributions(photos),
        series=series_counts(photos),
        views=_views(photos, near),
        problems=survey.problems,
    )


def _near_counts(photos: Sequence[PhotoFacts], near: Sequence[NearPair]) -> tuple[int, int]:
    """Return how many pairs stand across train and test, and how many under two classes, byte copies included."""
    content = {photo.file: photo.sha256 for photo in photos}
    splits: defaultdict[str, set[str]] = defaultdict(set)
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for photo in photos:
        splits[photo.sha256].add(photo.split)
        labels[photo.sha256].add(photo.label)
    both = [(content[pair.first], content[pair.second]) for pair in near]
    across = sum({"train", "test"} <= splits[a] | splits[b] for a, b in both)
    return across, sum(len(labels[a] | labels[b]) > 1 for a, b in both)


def _views(photos: Sequence[PhotoFacts], near: Sequence[NearPair]) -> dict[str, int]:
    train = [photo for photo in photos if photo.split == "train"]
    test = [photo for photo in photos if photo.split == "test"]
    if not train or not test:
        return {}
    return {
        "official": len(test),
        "clean": sum(clean_mask(test, train)),
        "blocked": sum(blocked_mask(test, train, near)),
    }


def _columns(rows: Sequence[Any], kind: type) -> dict[str, list[Any]]:
    return {field.name: [getattr(row, field.name) for row in rows] for field in fields(kind)}


def _records(columns: Mapping[str, Sequence[Any]], kind: Callable[..., Any]) -> tuple[Any, ...]:
    hints = typing.get_type_hints(kind)
    if set(columns) != set(hints):
        raise ValueError(f"the columns {', '.join(sorted(set(columns) ^ set(hints)))}")
    lists = [columns[name] for name in hints]
    for name, values in zip(hints, lists, strict=True):
        allowed = {int: (int,), float: (int, float)}.get(hints[name], (str,))
        if not all(isinstance(value, allowed) for value in values):
            raise ValueError(f"the column {name}, which holds something else than {allowed[-1].__name__}")
    return tuple(kind(**dict(zip(hints, row, strict=True))) for row in zip(*lists, strict=True))


def _distribution(values: Mapping[str, Any]) -> Distribution:
    counts = {split: tuple(found) for split, found in values["counts"].items()}
    return Distribution(tuple(values["edges"]), counts, tuple(values["quantiles"]))


def _check_schema(values: Mapping[str, Any]) -> None:
    found = values.get("schema")
    if found != SCHEMA:
        raise DatasetError(f"Expected a data set report of version {SCHEMA}, found {found!r}. Scan the folder again.")


def _damaged(error: Exception) -> DatasetError:
    return DatasetError(f"Expected a whole data set report, found trouble with {error}. Scan the folder again.")


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()
