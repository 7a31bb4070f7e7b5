"""How validation is cut from train, and what each view of the test photos leaves out."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from dermnet_core.data.facts import NearPair, PhotoFacts
from dermnet_core.data.report import DatasetReport
from dermnet_core.data.scan import ImageRecord
from dermnet_core.data.splits import blocked_mask, clean_mask, groups, validation_split
from dermnet_core.errors import DatasetError
from dermnet_core.i18n import N_, _, count, percent, retold
from dermnet_core.labels import display_name
from dermnet_ui.charts_dataset import PART_NAMES, SPLIT_COLOURS, counted
from dermnet_ui.charts_properties import parts_chart, views_chart

_CHART_OPTIONS = {"displayModeBar": False}
_VIEWS = {
    "official": N_(
        "All test photos, as published. Figures on it flatter a model that has seen some of them in training."
    ),
    "clean": N_(
        "Without the test photos that are byte copies of train photos: a model has seen those with their answer."
    ),
    "blocked": N_(
        "Also without near duplicates of train photos and without neighbouring numbers of a series in train, "
        "which often show the same patient. The strictest view, and the smallest."
    ),
}


@dataclass(frozen=True)
class Cut:
    """Train cut into train and validation."""

    files: Mapping[str, tuple[str, int]]
    """File -> its part (train or validation) and the number of its group."""
    counts: Mapping[str, Mapping[str, int]]
    """Part -> class folder -> photos."""
    groups: int
    crossing: int
    """Groups with photos in both parts."""

    @property
    def share(self) -> float:
        """Return the share of photos that went to validation, 0 to 1."""
        return sum(self.counts["validation"].values()) / max(1, len(self.files))


def cut(photos: Sequence[PhotoFacts], fraction: float, seed: int, near: Sequence[NearPair] = ()) -> Cut:
    """Cut validation as training does, and count the groups that ended up in both parts.

    Args:
        photos: of the split train.
        fraction: asked for, 0 to 1; the share that results is as close as whole groups allow.
        seed: the same seed gives the same cut.
        near: near duplicates that shall stay together as well.

    Raises:
        DatasetError: there are too few independent photos.
    """
    train, validation = validation_split(photos, fraction, seed, near)
    group = dict(zip((photo.file for photo in photos), groups(photos, near), strict=True))
    parts = {record.file: "validation" for record in validation} | {record.file: "train" for record in train}
    sides: dict[int, set[str]] = {}
    for file, number in group.items():
        sides.setdefault(number, set()).add(parts[file])
    counts = {"train": _by_class(train), "validation": _by_class(validation)}
    crossing = sum(len(found) > 1 for found in sides.values())
    return Cut({file: (parts[file], number) for file, number in group.items()}, counts, len(sides), crossing)


def cut_csv(made: Cut, tests: Iterable[PhotoFacts]) -> str:
    """Return one row a photo: file, part, number of its group (empty for test photos)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "part", "group"])
    writer.writerows([file, part, number] for file, (part, number) in sorted(made.files.items()))
    writer.writerows([photo.file, "test", ""] for photo in tests)
    return out.getvalue()


def views(
    test: Sequence[PhotoFacts], train: Sequence[PhotoFacts], near: Sequence[NearPair] = ()
) -> Mapping[str, Mapping[str, int]]:
    """Return view (official, clean, blocked) -> class folder -> test photos."""
    masks = {"official": [True] * len(test), "clean": clean_mask(test, train)}
    masks["blocked"] = blocked_mask(test, train, near)
    return {
        view: _by_class(photo for photo, kept in zip(test, mask, strict=True) if kept) for view, mask in masks.items()
    }


def show(report: DatasetReport, root: Path) -> None:
    """Show the cut of validation for chosen settings, and the views of the test split."""
    train = [photo for photo in report.photos if photo.split == "train"]
    test = [photo for photo in report.photos if photo.split == "test"]
    if not train:
        empty = _("This folder has no photos in {folder}/train/<class>/, so there is nothing to cut from.")
        _nothing(empty.format(folder=root.name))
    else:
        _validation(report, train, test)
    st.subheader(_("Three views of the test photos"))
    if train and test:
        _views(report)
    else:
        _nothing(
            _(
                "The views take out test photos that stand in train too. They need photos in train/<class>/ and in "
                "test/<class>/; put them there and scan again."
            )
        )


def _nothing(text: str) -> None:
    with st.container(border=True):
        st.markdown(text)


def _validation(report: DatasetReport, train: list[PhotoFacts], test: list[PhotoFacts]) -> None:
    st.subheader(_("Validation, cut from train"))
    st.markdown(
        _(
            "Training stops and chooses by validation photos, so these must not be known from train. Byte copies and "
            "neighbouring numbers of a series stay on one side."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        share = _("Share for validation")
        asked = st.slider(share, 5, 30, 10, 5, format=_("%d %%"), key="split-share", width=300)
        seed = int(st.number_input(_("Seed"), 0, 2**31 - 1, 20, key="split-seed", width=140))
        together = st.toggle(
            _("Keep near duplicates together too"),
            key="split-near",
            help=_("Stricter than training, which leaves this off."),
        )
    try:
        with st.spinner(_("Cutting validation …")):
            made = _cut(_key(report), asked, seed, together, report)
    except DatasetError as error:
        st.error(retold(str(error)))
        return
    st.html(_verdict(made))
    counts = {**made.counts, **({"test": _by_class(test)} if test else {})}
    labels = _sorted(counts)
    st.html(_key_of_parts(bool(test)))
    text = _chart_text(counts, labels)
    st.plotly_chart(parts_chart(counts, labels), config=_CHART_OPTIONS, key="split-parts", alt=text)
    with st.expander(_("As a table")):
        _table(counts, labels, "split-table")
    st.download_button(
        _("This split (CSV)"), lambda: cut_csv(made, test), f"split-{asked}-seed-{seed}.csv", "text/csv",
        key="save-split", on_click="ignore",
    )  # fmt: skip


def _verdict(made: Cut) -> str:
    sizes = " · ".join(counted(count(sum(made.counts[part].values())), part) for part in ("train", "validation"))
    apart = _("{n} groups of photos that belong together; none of them has photos on both sides.")
    crossing = _("{n} groups of photos that belong together; {crossing} of them have photos on both sides.")
    sign, words = ("⚠", crossing) if made.crossing else ("✓", apart)
    words = words.format(n=count(made.groups), crossing=count(made.crossing))
    return (
        f'<p class="dn-finding"><strong>{escape(sizes)}</strong> ({percent(made.share)})</p>'
        f'<p class="dn-quiet"><span aria-hidden="true">{sign}</span> {escape(words)}</p>'
    )


def _views(report: DatasetReport) -> None:
    with st.spinner(_("Comparing test with train …")):
        found = _views_of(_key(report), report)
    labels = _sorted(found)
    total = sum(found["official"].values())
    rows = "".join(
        f'<li><span class="dn-figure-name">{escape(_(PART_NAMES[view]).capitalize())}</span>'
        f"<strong>{count(sum(counts.values()))}</strong>"
        f'<span class="dn-quiet">{escape(_left_out(total - sum(counts.values())))}{escape(_(_VIEWS[view]))}</span></li>'
        for view, counts in found.items()
    )
    title = escape(_("Views of the test photos"))
    st.html(f'<ul class="dn-figures" aria-label="{title}">{rows}</ul>')
    text = _chart_text(found, labels)
    st.plotly_chart(views_chart(found, labels), config=_CHART_OPTIONS, key="split-views", alt=text)
    empty = [
        display_name(label) for label in labels if found["official"].get(label) and not found["blocked"].get(label)
    ]
    if empty:
        st.caption(_("Nothing is left in the blocked view of: {names}.").format(names=", ".join(empty)))
    with st.expander(_("As a table")):
        _table(found, labels, "view-table")


def _left_out(photos: int) -> str:
    return _("Leaves out {n}.").format(n=count(photos)) + " " if photos else ""


def _key_of_parts(test: bool) -> str:
    green, pink = SPLIT_COLOURS["train"], SPLIT_COLOURS["test"]
    hatched = f"repeating-linear-gradient(-45deg, {green} 0 2px, transparent 2px 5px)"
    parts = [("train", green), ("validation", hatched), *([("test", pink)] if test else [])]
    keys = "".join(
        f'<span class="dn-key" style="--model:{colour}"><span class="dn-square" aria-hidden="true"></span>'
        f"{escape(_(PART_NAMES[part]))}</span>"
        for part, colour in parts
    )
    return f'<p class="dn-quiet">{keys}</p>'


def _table(counts: Mapping[str, Mapping[str, int]], labels: Sequence[str], key: str) -> None:
    columns = {
        _(PART_NAMES[part]).capitalize(): [by_class.get(label, 0) for label in labels]
        for part, by_class in counts.items()
    }
    frame = pd.DataFrame({_("Class"): [display_name(label) for label in labels], **columns})
    st.dataframe(frame, hide_index=True, key=key)


def _chart_text(counts: Mapping[str, Mapping[str, int]], labels: Sequence[str]) -> str:
    rows = (
        f"{display_name(label)}: "
        + ", ".join(counted(count(by_class.get(label, 0)), part) for part, by_class in counts.items())
        for label in labels
    )
    return _("Photos per class. {rows}").format(rows="; ".join(rows))


def _sorted(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the class folders, the one with the most photos of the first part first."""
    first = next(iter(counts.values()))
    labels = {label for by_class in counts.values() for label in by_class}
    return sorted(labels, key=lambda label: (-first.get(label, 0), label))


def _by_class(photos: Iterable[ImageRecord]) -> Mapping[str, int]:
    return Counter(photo.label for photo in photos)


def _key(report: DatasetReport) -> str:
    return f"{report.digest} {report.summary.scanned}"


@st.cache_data(max_entries=16, show_spinner=False)
def _cut(digest: str, asked: int, seed: int, together: bool, _report: DatasetReport) -> Cut:
    photos = [photo for photo in _report.photos if photo.split == "train"]
    return cut(photos, asked / 100, seed, _report.near if together else ())


@st.cache_data(max_entries=4, show_spinner=False)
def _views_of(digest: str, _report: DatasetReport) -> Mapping[str, Mapping[str, int]]:
    of = {split: [photo for photo in _report.photos if photo.split == split] for split in ("train", "test")}
    return views(of["test"], of["train"], _report.near)
