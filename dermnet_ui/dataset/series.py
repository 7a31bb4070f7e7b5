"""The series that the file names tell of: sub-diagnoses of each class as a tree, and as a table."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dermnet_core.data.report import DatasetReport
from dermnet_core.data.scan import series_of
from dermnet_core.data.summary import DatasetSummary
from dermnet_core.i18n import _, count
from dermnet_core.labels import display_name
from dermnet_ui.charts_dataset import PART_NAMES
from dermnet_ui.charts_properties import tree_chart
from dermnet_ui.dataset import browser

_CHART_OPTIONS = {"displayModeBar": False}
_MOST_ROWS = 32
_ALL = "photos"

Table = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Class folder -> series -> split (or "photos", when not known by split) -> photos."""


def show(summary: DatasetSummary, report: DatasetReport | None = None, root: Path | None = None) -> None:
    """Show the series of a chosen class; with a folder, its photos can be opened."""
    st.subheader(_("What the file names tell"))
    table = _by_split(f"{report.digest} {report.summary.scanned}", report) if report else by_class(summary)
    if not table:
        with st.container(border=True):
            st.markdown(_("Here would be the series of the file names, such as acne-cystic. These figures have none."))
        return
    st.markdown(
        _(
            "A file such as acne-cystic-12.jpg is number 12 of the series acne-cystic: a finer name than its class "
            "has. Neighbouring numbers often show one patient."
        )
    )
    choice = _("{name} · {n} series")
    label = st.selectbox(
        _("Class"), sorted(table), key="series-class", width=420,
        format_func=lambda found: choice.format(name=display_name(found), n=count(len(table[found]))),
    )  # fmt: skip
    series = {name: sum(counts.values()) for name, counts in table[label].items()}
    rows, left = tree_rows(series)
    text = _("Series of {name}: {rows}").format(
        name=display_name(label), rows="; ".join(f"{name}: {photos}" for _depth, name, photos in rows)
    )
    st.plotly_chart(tree_chart(rows), config=_CHART_OPTIONS, key="series-tree", alt=text)
    if left:
        st.caption(_("and {n} smaller series: all of them are in the table").format(n=count(left)))
    chosen = _table(table[label], label)
    with st.container(horizontal=True, gap="small"):
        if report is not None and root is not None:
            title = _("Show the photos of {series}").format(series=chosen)
            title = title if chosen else _("Show the photos of this class")
            st.button(
                title, key="series-open", type="primary", on_click=browser.go,
                kwargs={"label": label, "series": chosen},
            )  # fmt: skip
        st.download_button(
            _("Series of all classes (CSV)"), lambda: series_csv(table), "dataset-series.csv", "text/csv",
            key="save-series", on_click="ignore",
        )  # fmt: skip


def by_class(summary: DatasetSummary) -> Table:
    """Return the series of a summary, which does not know their splits."""
    return {
        label: {name: {_ALL: photos} for name, photos in series.items()}
        for label, series in summary.series.items()
        if series
    }


def tree_rows(series: Mapping[str, int], most: int = _MOST_ROWS) -> tuple[list[tuple[int, str, int]], int]:
    """Lay series out as a tree: those that begin with the same word under what their names share.

    Args:
        series: name -> photos.
        most: rows to return at most, from the largest branch on.

    Returns:
        Rows of depth, name and photos from top to bottom, and how many series are left out.
    """
    families: defaultdict[str, list[str]] = defaultdict(list)
    for name in series:
        families[name.split("-")[0]].append(name)
    rows: list[tuple[int, str, int]] = []
    shown = 0
    for names in sorted(families.values(), key=lambda names: (-sum(series[name] for name in names), names)):
        names.sort(key=lambda name: (-series[name], name))
        branch = [(0, f"{_shared(names)} …", sum(series[name] for name in names))] if len(names) > 1 else []
        leaves = [(len(branch), name, series[name]) for name in names]
        room = most - len(rows) - len(branch)
        if room <= 0:
            break
        rows += branch + leaves[:room]
        shown += min(room, len(leaves))
    return rows, len(series) - shown


def series_csv(table: Table) -> str:
    """Return one row a series: class, series, and its photos by split."""
    splits = _splits(table.values())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["class", "series", *splits])
    for label, series in sorted(table.items()):
        writer.writerows(
            [label, name, *(counts.get(split, 0) for split in splits)] for name, counts in sorted(series.items())
        )
    return out.getvalue()


def _shared(names: Sequence[str]) -> str:
    """Return the words that all names begin with."""
    shared = []
    for words in zip(*(name.split("-") for name in names), strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    return "-".join(shared)


def _splits(tables: Any) -> list[str]:
    found = {split for series in tables for counts in series.values() for split in counts}
    return [split for split in ("train", "test", "all", _ALL) if split in found]


def _table(series: Mapping[str, Mapping[str, int]], label: str) -> str | None:
    """Show the series as a table and return the one whose row is selected."""
    names = sorted(series, key=lambda name: (-sum(series[name].values()), name))
    splits = _splits([series])
    columns = {_(PART_NAMES[split]).capitalize(): [series[name].get(split, 0) for name in names] for split in splits}
    total = {_("Photos"): [sum(series[name].values()) for name in names]} if len(splits) > 1 else {}
    frame = pd.DataFrame({_("Series"): names, **columns, **total})
    # Each class has a table of its own, lest a row that was selected in one stay selected in the next.
    key = f"series-table-{label}"
    picked = st.dataframe(frame, hide_index=True, key=key, on_select="rerun", selection_mode="single-row")
    rows = list(picked["selection"]["rows"])
    return names[rows[0]] if rows and rows[0] < len(names) else None


@st.cache_data(max_entries=2, show_spinner=False)
def _by_split(digest: str, _report: DatasetReport) -> Table:
    found: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for photo in _report.photos:
        found[photo.label][series_of(photo.file)[0]][photo.split] += 1
    return {label: {name: dict(counts) for name, counts in series.items()} for label, series in found.items()}
