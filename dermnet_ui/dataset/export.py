"""The whole report as files, written when somebody asks for one."""

import csv
import io
import json
from pathlib import Path

import streamlit as st

from dermnet_core.data.findings import Finding
from dermnet_core.data.report import DatasetReport, findings_csv, photos_csv
from dermnet_core.data.report_html import report_html
from dermnet_core.i18n import _
from dermnet_ui.dataset import folder
from dermnet_ui.language import kept


def show(report: DatasetReport, root: Path) -> None:
    """Offer the report as CSV, JSON and HTML, and the command that writes the same."""
    st.subheader(_("Take it with you"))
    st.markdown(
        _(
            "The report names files, classes and figures. The HTML page stands on its own and needs no network; it "
            "holds no photos."
        )
    )
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            _("Report (HTML)"), kept(lambda: report_html(report)), "dataset-report.html", "text/html",
            key="save-html", on_click="ignore", type="primary",
        )  # fmt: skip
        all_findings_button(report, _("Findings (CSV)"))
        st.download_button(
            _("Photos with all measures (CSV)"), lambda: photos_csv(report), "dataset-photos.csv", "text/csv",
            key="save-photos", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            _("Everything (JSON)"), lambda: as_json(report), "dataset-report.json", "application/json",
            key="save-json", on_click="ignore",
        )  # fmt: skip
    st.caption(_("The same from the command line:"))
    shown = str(root) if folder.may_choose_folder() else '"$DERMNET_DATA_DIR"'
    st.code(f"python -m dermnet_core dataset {shown} --out report.html", language=None, wrap_lines=True)


def all_findings_button(report: DatasetReport, title: str) -> None:
    """Offer every finding as one table."""
    st.download_button(
        title, kept(lambda: findings_csv(report)), "dataset-findings.csv", "text/csv",
        key="save-findings", on_click="ignore",
    )  # fmt: skip


def finding_button(report: DatasetReport, finding: Finding) -> None:
    """Offer one finding as a table."""
    st.download_button(
        _("This finding (CSV)"), kept(lambda: finding_csv(report, finding)), f"dataset-{finding.key}.csv", "text/csv",
        key="save-finding", on_click="ignore",
    )  # fmt: skip


def finding_csv(report: DatasetReport, finding: Finding) -> str:
    """Return one row a photo of one finding, in the columns of ``findings_csv``."""
    rows = list(csv.DictReader(io.StringIO(findings_csv(report))))
    out = io.StringIO()
    columns = list(rows[0]) if rows else ["finding"]
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in rows if row["finding"] == finding.key)
    return out.getvalue()


def as_json(report: DatasetReport) -> str:
    """Return the whole report as one JSON object."""
    return json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n"
