"""What the page shows as files, written when somebody asks for one."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import streamlit as st

from dermnet_core.evaluation.compare import Comparison
from dermnet_core.evaluation.report import EvaluationReport
from dermnet_ui.evaluation import choice, outside, overview
from dermnet_ui.evaluation.chart import pick_picture_kind, show_chart
from dermnet_ui.evaluation.collected import chapters, tables
from dermnet_ui.evaluation.outside_figures import Outside
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.tables import Table
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.report_evaluation import Chart, report_html

_CHART = "evaluation-export-chart"
_FIXED = (1980, 1, 1, 0, 0, 0)
"""Date of the files in an archive: the same tables make the same bytes."""


def show(selection: Selection) -> None:
    """Offer the evaluation as HTML, JSON and CSV, and each chart as a picture."""
    compared, away = overview.comparison(selection.key, selection), _outside(selection)
    name = f"evaluation-{selection.view}"
    st.subheader("Take it with you")
    st.markdown(
        f"The {selection.view} photos as they are chosen above; the JSON holds all views. The HTML page stands on its "
        "own and needs no network. None of the files holds a photo."
    )
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Report (HTML)", lambda: as_html(selection, compared, away), f"{name}.html", "text/html",
            key="evaluation-html", on_click="ignore", type="primary",
        )  # fmt: skip
        st.download_button(
            "All tables (CSV, zipped)", lambda: as_zip(tables(selection, compared, away)), f"{name}-tables.zip",
            "application/zip", key="evaluation-zip", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Everything (JSON)", lambda: as_json(selection, compared), "evaluation.json", "application/json",
            key="evaluation-json", on_click="ignore",
        )  # fmt: skip
    st.caption("Each table has a button of its own in its section.")
    _pictures(_charts(_key(selection, away), selection, compared, away))
    st.subheader("The same from the command line")
    st.code("\n".join(side.about.command for side in selection.sides), language=None, wrap_lines=True)


def as_html(selection: Selection, compared: Comparison | None, away: Outside | None) -> str:
    """Return the report of the view that is shown."""
    names = " and ".join(side.name for side in selection.sides)
    photos = " and ".join(dict.fromkeys(side.about.photos for side in selection.sides))
    title = f"{names} on {photos}"
    return report_html(title, facts(selection, away), chapters(selection, compared, away), DISCLAIMER)


def as_zip(found: Sequence[Table]) -> bytes:
    """Return the tables as CSV files in one archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in found:
            archive.writestr(zipfile.ZipInfo(table.file, _FIXED), table.csv(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def as_json(selection: Selection, compared: Comparison | None) -> str:
    """Return each evaluation in all its views, laid out as ``evaluation.json``, and the paired comparison."""
    values = {
        "disclaimer": DISCLAIMER,
        "evaluations": [
            {"name": side.name, "about": asdict(side.about)} | _report(selection, i).to_json()
            for i, side in enumerate(selection.sides)
        ],
        "comparison": None if compared is None else {"view": selection.view} | asdict(compared),
    }
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def facts(selection: Selection, away: Outside | None) -> list[tuple[str, str]]:
    """Return what the figures were made from: commands, fingerprints and dates."""
    abouts = [(side.name, side.about) for side in selection.sides]
    abouts += [(f"{side.name}, {away.title}", side.evaluation.about) for side in away.sides] if away else []
    rows = [
        row
        for name, about in abouts
        for row in (
            (f"{name}: command", about.command),
            (f"{name}: photos", f"{about.photos}, SHA-256 {about.fingerprint}"),
            (f"{name}: model", f"{about.model}, SHA-256 {about.model_sha256}"),
            (f"{name}: evaluated", _minute(datetime.fromisoformat(about.created))),
        )
    ]
    return [("Photos shown", selection.note), *rows, ("Report written", _minute(datetime.now(UTC)))]


def _pictures(charts: Sequence[Chart]) -> None:
    """Let the visitor choose the format of pictures, and show one chart of the page to save."""
    st.subheader("Charts as pictures")
    pick_picture_kind()
    st.caption("Every chart of this page has a camera at its upper right when you point at it or tap it. Here are all.")
    titles = [chart.title for chart in charts]
    number = st.selectbox("Chart", range(len(charts)), format_func=titles.__getitem__, key=_CHART)
    chart = charts[number or 0]
    with st.container(key="dn-wide" if chart.wide else "evaluation-export-picture"):
        show_chart(chart.figure, f"export-{chart.title}", chart.alt, title=chart.title, note=chart.note)


@st.cache_resource(max_entries=4, show_spinner="Drawing the charts …")
def _charts(key: str, _selection: Selection, _compared: Comparison | None, _away: Outside | None) -> list[Chart]:
    return [chart for chapter in chapters(_selection, _compared, _away) for chart in chapter.charts]


def _key(selection: Selection, away: Outside | None) -> str:
    return " ".join([selection.key, *(side.evaluation.key for side in (away.sides if away else ()))])


def _outside(selection: Selection) -> Outside | None:
    """Return the first outside set whose evaluations can be used; None when there is none."""
    for title, stored in outside.outside_sets().items():
        if found := outside.outside(selection, title, stored):
            return found
    return None


def _report(selection: Selection, number: int) -> EvaluationReport:
    side = selection.sides[number]
    views = {view: choice.side(side.evaluation, side.name, side.colour, view).view for view in side.evaluation.views}
    return EvaluationReport(side.evaluation.classes, views)


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
