"""The HTML report of an evaluation: what it holds, and that it opens without a network."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dermnet_core.evaluation.compare import compare
from dermnet_core.evaluation.report import EvaluationReport
from dermnet_ui.evaluation import export
from dermnet_ui.evaluation.collected import chapters, tables
from dermnet_ui.evaluation.selection import Selection
from dermnet_ui.evaluation.tables import Table
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.report_evaluation import Chapter, report_html
from tests.ui.evaluation_cases import make_selection

EVIL = "</script><b>x"


@pytest.fixture(scope="module")
def selection() -> Selection:
    return make_selection(n=120)


@pytest.fixture(scope="module")
def report(selection: Selection) -> str:
    return export.as_html(selection, compare(*(side.predictions for side in selection.sides)), None)


def without_plotly(report: str) -> str:
    page, found = re.subn(r'<script id="plotly">.*?</script>\n', "", report, flags=re.S)
    assert found == 1
    return page


def test_nothing_in_the_page_points_outside(report: str):
    page = without_plotly(report)
    assert not re.findall(r"""(?:src|href|url)\s*[=(]""", page)
    assert "http" not in page
    assert "<img" not in page


def test_the_page_holds_the_figures_where_they_come_from_and_the_disclaimer(selection: Selection, report: str):
    assert DISCLAIMER in report
    for side in selection.sides:
        figures, intervals = side.view.figures, side.view.intervals
        for name in ("top1", "macro_f1", "balanced_accuracy"):
            low, high = intervals[name].low, intervals[name].high
            assert f"{100 * getattr(figures, name):.1f} ({100 * low:.1f}–{100 * high:.1f})" in report
        assert side.about.fingerprint in report
        assert side.about.model_sha256 in report
        assert side.about.command in report
    assert "1 January 2026, 00:00 UTC" in report


def test_the_charts_are_those_of_the_page(selection: Selection, report: str):
    drawn = json.loads(re.findall(r'<script type="application/json" id="charts">(.*?)</script>', report, re.S)[0])
    shown = [chart for chapter in chapters(selection, None, None) for chart in chapter.charts]
    assert [entry["layout"]["title"]["text"] for entry in drawn] == [chart.title for chart in shown]
    assert all(chart.alt for chart in shown)
    assert report.count('<div id="chart-') == len(drawn)
    assert all("template" not in entry["layout"] for entry in drawn)


def test_names_cannot_end_the_script_or_the_text(selection: Selection):
    chapter = chapters(selection, None, None)[0]
    chart = chapter.charts[0]
    chart.figure.update_traces(name=EVIL)
    page = without_plotly(report_html(EVIL, [(EVIL, EVIL)], [Chapter(EVIL, (EVIL,), (chart,))], EVIL))
    assert EVIL not in page
    assert page.count("</script>") == 2


def test_long_tables_are_folded():
    long = Table("Long", ("a",), tuple((str(i),) for i in range(25)))
    short = Table("Short", ("a",), (("1",),))
    page = without_plotly(report_html("t", [], [Chapter("c", tables=(long, short))], ""))
    assert page.count("<details>") == 1


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_a_network_in_both_themes(report: str, browser_page: Page, tmp_path: Path, scheme: str):
    file = tmp_path / "report.html"
    file.write_text(report, encoding="utf-8")
    browser_page.context.set_offline(True)
    errors: list[str] = []
    browser_page.on("pageerror", lambda error: errors.append(str(error)))
    browser_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    browser_page.goto(file.as_uri())
    expect(browser_page.get_by_role("heading", level=1)).to_contain_text("CNN and MobileNetV2")
    charts = browser_page.locator(".js-plotly-plot .main-svg")
    expect(browser_page.locator(".js-plotly-plot")).to_have_count(report.count('<div id="chart-'))
    expect(charts.first).to_be_visible()
    ink = browser_page.locator(".js-plotly-plot .gtitle").first.evaluate("text => getComputedStyle(text).fill")
    paper = browser_page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert (ink, paper) == {
        "light": ("rgb(18, 26, 32)", "rgb(255, 255, 255)"), "dark": ("rgb(230, 234, 236)", "rgb(20, 24, 27)"),
    }[scheme]  # fmt: skip
    assert not errors


def test_all_tables_are_in_the_archive_each_once(selection: Selection):
    compared = compare(*(side.predictions for side in selection.sides))
    found = tables(selection, compared, None)
    content = export.as_zip(found)
    assert content == export.as_zip(found)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names)) == len(found)
        rows = list(csv.DictReader(io.StringIO(archive.read("answers-of-cnn.csv").decode())))
    side = selection.sides[0]
    assert [row["File"] for row in rows] == list(side.predictions.files)
    assert sum(row["Right"] == "1" for row in rows) == round(side.view.figures.top1 * len(rows))


def test_the_json_reads_back_as_the_evaluations(selection: Selection):
    compared = compare(*(side.predictions for side in selection.sides))
    values = json.loads(export.as_json(selection, compared))
    assert values["disclaimer"] == DISCLAIMER
    for side, entry in zip(selection.sides, values["evaluations"], strict=True):
        again = EvaluationReport.from_json(entry)
        assert set(again.views) == {"official", "clean", "blocked"}
        assert again.views["official"] == side.view
        assert entry["about"]["fingerprint"] == side.about.fingerprint
    assert values["comparison"]["n"] == 120
    assert values["comparison"]["differences"]["top1"]["value"] == compared.differences["top1"].value
