"""The first screen: four figures, the photos per class, and the test photos that stand in train."""

import json
from html import escape
from typing import Any

import streamlit as st

from dermnet_core.data.report import DatasetReport, summary_from_json
from dermnet_core.data.summary import DatasetSummary
from dermnet_core.errors import DatasetError
from dermnet_core.i18n import N_, _, count, decimal, percent, retold
from dermnet_core.labels import CLASSES, display_name
from dermnet_core.paths import ASSETS
from dermnet_ui.charts_dataset import (
    PART_NAMES,
    SPLIT_COLOURS,
    class_chart,
    counted,
    leak_chart,
    leak_rows,
    sorted_classes,
    splits_of,
)
from dermnet_ui.dataset import browser
from dermnet_ui.markup import notes_list

SHIPPED = ASSETS / "dataset_summary.json"
PUBLISHED_SET, TRAINED_ON = N_("Published set"), N_("What the shipped models were trained on")
_CHART_OPTIONS = {"displayModeBar": False}


def figures(summary: DatasetSummary) -> None:
    """Show the number of photos, classes, the imbalance and the defects, each with what it is made of."""
    cards = "".join(
        f'<li><span class="dn-figure-name">{escape(name)}</span><strong>{escape(value)}</strong>'
        f'<span class="dn-quiet">{escape(note)}</span></li>'
        for name, value, note in (_photos(summary), _classes(summary), _imbalance(summary), _defects(summary))
    )
    title = escape(_("Figures of the photos"))
    st.html(f'<ul class="dn-figures" aria-label="{title}">{cards}</ul>')
    if summary.problems:
        st.html(notes_list(tuple(retold(problem) for problem in summary.problems)))


def show(report: DatasetReport) -> None:
    """Show the classes of a scanned folder; a click opens one in the photo browser."""
    classes(report.summary, browse=True)


def classes(summary: DatasetSummary, browse: bool = False) -> None:
    """Show the photos per class and the leakage per class.

    Args:
        summary: the figures.
        browse: whether there are photos to open.
    """
    st.subheader(_("Photos per class"))
    st.html(_key(splits_of(summary)))
    if browse:
        st.caption(_("Click a bar to see the photos of its class, or choose the class here."))
        _chooser(summary)
    options: dict[str, Any] = {"on_select": _opened, "selection_mode": "points"} if browse else {}
    chart = class_chart(summary)
    st.plotly_chart(chart, config=_CHART_OPTIONS, key="class-bars", alt=_class_text(summary), **options)
    _leakage(summary)


def published_summary() -> DatasetSummary:
    """Return the published counts of the 23 classes; what is not published is 0 or empty."""
    copies = {entry.folder: entry.test_copies for entry in CLASSES}
    counts = {
        "train": {entry.folder: entry.train for entry in CLASSES},
        "test": {entry.folder: entry.test for entry in CLASSES},
    }
    files = sum(sum(split.values()) for split in counts.values())
    return DatasetSummary(
        name=PUBLISHED_SET, scanned="", counts=counts, files=files, distinct=0, duplicate_groups=0,
        conflicting_groups=0, leaked_test=sum(copies.values()), leaked_by_class=copies, near_pairs=0, near_across=0,
        near_conflicting=0, suspects=0, unreadable=0, properties={}, series={}, views={},
    )  # fmt: skip


def shipped_summary() -> DatasetSummary | None:
    """Return the figures of the photos that the shipped models were trained on; None when the file is missing.

    Raises:
        DatasetError: the file is damaged.
    """
    if not SHIPPED.is_file():
        return None
    try:
        return summary_from_json(json.loads(SHIPPED.read_text(encoding="utf-8")))
    except ValueError as error:
        raise DatasetError(
            f"Expected the figures of a data set in {SHIPPED.name}, found: {error}. Restore it."
        ) from error


def _photos(summary: DatasetSummary) -> tuple[str, str, str]:
    splits = [split for split in splits_of(summary) if split != "all"]
    parts = [counted(count(sum(summary.counts[split].values())), split) for split in splits]
    if summary.distinct:
        parts.append(_("{n} distinct").format(n=count(summary.distinct)))
    return _("Photos"), count(summary.files), " · ".join(parts)


def _classes(summary: DatasetSummary) -> tuple[str, str, str]:
    labels = sorted_classes(summary)
    empty = sum(not any(counts.get(label, 0) for counts in summary.counts.values()) for label in labels)
    made_of = _("{n} without photos").format(n=empty) if empty else _("each a folder")
    return _("Classes"), count(len(labels)), made_of


def _imbalance(summary: DatasetSummary) -> tuple[str, str, str]:
    split = next(iter(splits_of(summary)), "train")
    ratio = summary.imbalance(split)
    counts = [photos for photos in summary.counts.get(split, {}).values() if photos]
    if ratio is None:
        return _("Imbalance"), "–", _("no photos")
    made_of = _("largest class {largest}, smallest {smallest}")
    if split != "all":
        made_of = _("largest class {largest}, smallest {smallest} in {split}")
    sizes = made_of.format(largest=count(max(counts)), smallest=count(min(counts)), split=_(PART_NAMES[split]))
    return _("Imbalance"), f"{decimal(ratio)} : 1", sizes


def _defects(summary: DatasetSummary) -> tuple[str, str, str]:
    made_of = [
        (summary.unreadable, _("{n} unreadable")),
        (summary.conflicting_groups, _("{n} under several classes")),
        (summary.leaked_test, _("{n} test copies of train")),
        (summary.duplicate_groups, _("{n} groups of copies")),
        (summary.near_pairs, _("{n} near duplicates")),
        (summary.suspects, _("{n} suspects")),
    ]
    found = [words.format(n=count(number)) for number, words in made_of if number]
    total = sum(number for number, _words in made_of)
    return _("Defects"), count(total), " · ".join(found) or _("none found")


def _leakage(summary: DatasetSummary) -> None:
    if not {"train", "test"} <= set(splits_of(summary)):
        return
    st.subheader(_("Test photos that also stand in train"))
    tests = sum(summary.counts["test"].values())
    if not summary.leaked_test:
        st.markdown(_("None of the {n} test photos is a byte copy of a train photo.").format(n=count(tests)))
        return
    st.markdown(
        _(
            "{n} of {total} test photos ({share}) are byte copies of train photos. A model has seen them with their "
            "answer, so figures over all test photos flatter it."
        ).format(n=count(summary.leaked_test), total=count(tests), share=percent(summary.leaked_test / tests))
    )
    row = _("{name}: {n} of {total}")
    alt = "; ".join(row.format(name=display_name(label), n=n, total=total) for label, n, total in leak_rows(summary))
    st.plotly_chart(leak_chart(summary), config=_CHART_OPTIONS, key="leak-bars", alt=alt)


def _chooser(summary: DatasetSummary) -> None:
    """Do what a click on a bar does, for those who use a keyboard."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(_("Class"), sorted_classes(summary), format_func=display_name, key="class-choice", width=360)
        st.button(_("See its photos"), key="class-open", on_click=_open_choice)


def _open_choice() -> None:
    browser.go(label=st.session_state["class-choice"])


def _opened() -> None:
    points: list[dict[str, Any]] = st.session_state["class-bars"].selection.points
    if points:
        browser.go(label=str(points[0]["customdata"][0]))


def _key(splits: tuple[str, ...]) -> str:
    """Return which colour is which split."""
    parts = (
        f'<span class="dn-key" style="--model:{SPLIT_COLOURS[split]}">'
        f'<span class="dn-square" aria-hidden="true"></span>{escape(_(PART_NAMES[split]))}</span>'
        for split in splits
    )
    return f'<p class="dn-quiet">{"".join(parts)}</p>'


def _class_text(summary: DatasetSummary) -> str:
    splits = splits_of(summary)
    rows = (
        f"{display_name(label)}: "
        + ", ".join(counted(count(summary.counts[split].get(label, 0)), split) for split in splits)
        for label in sorted_classes(summary)
    )
    return _("Photos per class. {rows}").format(rows="; ".join(rows))
