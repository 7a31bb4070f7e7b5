"""Figures of a data set in, plotly figures out; no Streamlit.

Blue and orange belong to the two models, so the splits have colours of their own. Text takes the colour of the theme.
"""

from collections.abc import Mapping

import plotly.graph_objects as go

from dermnet_core.data.summary import DatasetSummary
from dermnet_core.i18n import N_, _, count, percent, separators
from dermnet_core.labels import display_name
from dermnet_ui.charts_frame import literal

SPLIT_COLOURS: Mapping[str, str] = {"train": "#009E73", "test": "#CC79A7", "all": "#7F8A90"}
"""Okabe and Ito's bluish green and reddish purple, and a neutral grey."""
PART_NAMES: Mapping[str, str] = {
    "train": N_("train"),
    "validation": N_("validation"),
    "test": N_("test"),
    "all": N_("photos"),
    "photos": N_("photos"),
    "official": N_("official"),
    "clean": N_("clean"),
    "blocked": N_("blocked"),
}
"""Splits, the parts of train and the views of test, as people read them; in English."""
_COUNTED: Mapping[str, str] = {
    "train": N_("{n} train"),
    "validation": N_("{n} validation"),
    "test": N_("{n} test"),
    "all": N_("{n} photos"),
    "official": N_("{n} official"),
    "clean": N_("{n} clean"),
    "blocked": N_("{n} blocked"),
}
_CLASS_ROW, _LEAK_ROW = 62, 38
_MARGINS = {"l": 8, "r": 8, "t": 8, "b": 8}


def counted(number: str, part: str) -> str:
    """Return a number of photos with the split, part or view that they belong to: "48 train"."""
    return _(_COUNTED[part]).format(n=number)


def splits_of(summary: DatasetSummary) -> tuple[str, ...]:
    """Return the splits that hold photos, train first."""
    return tuple(split for split in SPLIT_COLOURS if sum(summary.counts.get(split, {}).values()))


def sorted_classes(summary: DatasetSummary) -> list[str]:
    """Return the class folders, the one with the most photos of the first split first."""
    labels = sorted({label for counts in summary.counts.values() for label in counts})
    splits = splits_of(summary)
    return sorted(labels, key=lambda label: [-summary.counts[split].get(label, 0) for split in splits])


def class_chart(summary: DatasetSummary) -> go.Figure:
    """Draw the photos per class and split as bars from zero, in the order of ``sorted_classes``, the first on top.

    Each bar carries its class folder as ``customdata``.
    """
    labels, splits, chart = sorted_classes(summary), splits_of(summary), go.Figure()
    rows = [-float(row) for row in range(len(labels))]
    for number, split in enumerate(splits):
        chart.add_bar(
            x=[summary.counts[split].get(label, 0) for label in labels],
            y=[row - 0.18 * number for row in rows],
            width=0.16,
            orientation="h",
            name=split,
            customdata=[[label] for label in labels],
            hovertext=[literal(display_name(label)) for label in labels],
            marker={"color": SPLIT_COLOURS[split]},
            # Without a hover the bars could not be clicked.
            hovertemplate=f"%{{hovertext}}: {counted('%{x:,}', split)}<extra></extra>",
        )
    for row, label in zip(rows, labels, strict=True):
        counts = " · ".join(_count(summary.counts[split].get(label, 0), split) for split in splits)
        text = f"{literal(display_name(label))}<br>{counts}"
        # Above the bars and in two lines, because there is no room beside them on a phone.
        chart.add_annotation(x=0, y=row + 0.38, text=text, xanchor="left", align="left", showarrow=False)
    chart.update_yaxes(range=[-len(labels) + 0.7, 0.7], visible=False, fixedrange=True)
    chart.update_xaxes(rangemode="tozero", visible=False, fixedrange=True)
    height = _CLASS_ROW * len(labels) + 16
    return _laid_out(chart, height)


def leak_rows(summary: DatasetSummary) -> list[tuple[str, int, int]]:
    """Return class folder, test photos that stand in train too, and all test photos; the largest share first."""
    tests = summary.counts.get("test", {})
    rows = [(label, copies, tests.get(label, 0)) for label, copies in summary.leaked_by_class.items() if copies]
    return sorted(rows, key=lambda row: (-row[1] / max(1, row[2]), row[0]))


def leak_chart(summary: DatasetSummary) -> go.Figure:
    """Draw, per class that has any, the share of its test photos that are byte copies of train photos, 0 to 100 %."""
    found, chart = leak_rows(summary), go.Figure()
    rows = [-float(row) for row in range(len(found))]
    shares = [100 * copies / max(1, of) for _label, copies, of in found]
    chart.add_bar(
        x=[100.0] * len(found), y=rows, width=0.24, orientation="h", marker={"color": "rgba(127,138,144,.25)"}
    )
    chart.add_bar(x=shares, y=rows, width=0.24, orientation="h", marker={"color": SPLIT_COLOURS["test"]})
    chart.update_traces(hoverinfo="skip")
    for row, share, (label, copies, of) in zip(rows, shares, found, strict=True):
        text = _("{name} · {n} of {total} · {share}").format(
            name=literal(display_name(label)), n=count(copies), total=count(of), share=percent(share / 100)
        )
        chart.add_annotation(x=0, y=row + 0.38, text=text, xanchor="left", showarrow=False)
    chart.update_yaxes(range=[-len(found) + 0.6, 0.7], visible=False, fixedrange=True)
    chart.update_xaxes(range=[0, 100], visible=False, fixedrange=True)
    height = _LEAK_ROW * len(found) + 16
    return _laid_out(chart, height)


def _laid_out(chart: go.Figure, height: int) -> go.Figure:
    return chart.update_layout(
        height=height, margin=_MARGINS, showlegend=False, barmode="overlay", dragmode=False, separators=separators()
    )


def _count(photos: int, split: str) -> str:
    return count(photos) if split == "all" else counted(count(photos), split)
