"""What the page shows as files, written when somebody asks for one."""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import streamlit as st

from dermnet_core.evaluation.compare import Comparison
from dermnet_core.evaluation.record import About
from dermnet_core.evaluation.report import EvaluationReport
from dermnet_core.i18n import _, language, moment, retold, together
from dermnet_ui.evaluation import choice, outside, overview
from dermnet_ui.evaluation.chart import pick_picture_kind, show_chart
from dermnet_ui.evaluation.collected import chapters, tables
from dermnet_ui.evaluation.outside_figures import Outside
from dermnet_ui.evaluation.selection import VIEW_NAMES, Selection
from dermnet_ui.evaluation.tables import Table
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.language import kept
from dermnet_ui.report_evaluation import Chart, report_html

_CHART = "evaluation-export-chart"
_FIXED = (1980, 1, 1, 0, 0, 0)
"""Date of the files in an archive: the same tables make the same bytes."""


def show(selection: Selection) -> None:
    """Offer the evaluation as HTML, JSON and CSV, and each chart as a picture."""
    compared, away = overview.comparison(selection.key, selection), _outside(selection)
    name = f"evaluation-{selection.view}"
    st.subheader(_("Take it with you"))
    files = _(
        "The {view} photos as they are chosen above; the JSON holds all views. The HTML page stands on its own and "
        "needs no network. None of the files holds a photo."
    )
    st.markdown(files.format(view=_(VIEW_NAMES[selection.view]).lower()))
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            _("Report (HTML)"), kept(lambda: as_html(selection, compared, away)), f"{name}.html", "text/html",
            key="evaluation-html", on_click="ignore", type="primary",
        )  # fmt: skip
        st.download_button(
            _("All tables (CSV, zipped)"), lambda: as_zip(tables(selection, compared, away)), f"{name}-tables.zip",
            "application/zip", key="evaluation-zip", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            _("Everything (JSON)"), lambda: as_json(selection, compared), "evaluation.json", "application/json",
            key="evaluation-json", on_click="ignore",
        )  # fmt: skip
    st.caption(_("Each table has a button of its own in its section."))
    with st.spinner(_("Drawing the charts …")):
        charts = _charts(_key(selection, away), selection, compared, away)
    _pictures(charts)
    st.subheader(_("The same from the command line"))
    st.code("\n".join(side.about.command for side in selection.sides), language=None, wrap_lines=True)


def as_html(selection: Selection, compared: Comparison | None, away: Outside | None) -> str:
    """Return the report of the view that is shown."""
    names = together(side.name for side in selection.sides)
    photos = together(dict.fromkeys(retold(side.about.photos) for side in selection.sides))
    title = _("{names} on {photos}").format(names=names, photos=photos)
    return report_html(title, facts(selection, away), chapters(selection, compared, away), _(DISCLAIMER))


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
    rows = [row for name, about in abouts for row in _facts(name, about)]
    return [(_("Photos shown"), selection.note), *rows, (_("Report written"), moment(datetime.now(UTC)))]


def _facts(name: str, about: About) -> Iterator[tuple[str, str]]:
    yield _("{name}: command").format(name=name), about.command
    yield _("{name}: photos").format(name=name), f"{retold(about.photos)}, SHA-256 {about.fingerprint}"
    yield _("{name}: model").format(name=name), f"{about.model}, SHA-256 {about.model_sha256}"
    yield _("{name}: evaluated").format(name=name), moment(datetime.fromisoformat(about.created).astimezone(UTC))


def _pictures(charts: Sequence[Chart]) -> None:
    """Let the visitor choose the format of pictures, and show one chart of the page to save."""
    st.subheader(_("Charts as pictures"))
    pick_picture_kind()
    st.caption(
        _("Every chart of this page has a camera at its upper right when you point at it or tap it. Here are all.")
    )
    titles = [chart.title for chart in charts]
    number = st.selectbox(_("Chart"), range(len(charts)), format_func=titles.__getitem__, key=_CHART)
    chart = charts[number or 0]
    with st.container(key="dn-wide" if chart.wide else "evaluation-export-picture"):
        show_chart(chart.figure, f"export-{chart.title}", chart.alt, title=chart.title, note=chart.note)


@st.cache_resource(max_entries=4, show_spinner=False)
def _charts(key: str, _selection: Selection, _compared: Comparison | None, _away: Outside | None) -> list[Chart]:
    return [chart for chapter in chapters(_selection, _compared, _away) for chart in chapter.charts]


def _key(selection: Selection, away: Outside | None) -> str:
    return " ".join([language(), selection.key, *(side.evaluation.key for side in (away.sides if away else ()))])


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
