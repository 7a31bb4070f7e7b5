"""An evaluation as one HTML page that needs no other file and no network, and holds no photos; no Streamlit."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.io import to_json
from plotly.offline import get_plotlyjs

from dermnet_core.i18n import _, count, language
from dermnet_core.paths import ASSETS
from dermnet_ui.charts_frame import INKS, framed, picture_config
from dermnet_ui.evaluation.tables import Table

PAPERS: Mapping[str, str] = {"light": "#FFFFFF", "dark": "#14181B"}
"""Backgrounds of the themes, as in .streamlit/config.toml."""

_LONG = 24
"""Longer tables are folded."""


@dataclass(frozen=True)
class Chart:
    """A chart with what stands round it."""

    figure: go.Figure
    title: str
    note: str
    alt: str
    wide: bool = False
    """Whether it needs the width of a large screen; on a phone it then scrolls sideways."""


@dataclass(frozen=True)
class Chapter:
    """A part of the report, the same as a section of the page."""

    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


def report_html(title: str, facts: Sequence[tuple[str, str]], chapters: Sequence[Chapter], disclaimer: str) -> str:
    """Return the page.

    Args:
        title: of the page.
        facts: name and value of what the figures were made from: commands, fingerprints, dates.
        chapters: parts in their order.
        disclaimer: the line that stands on every page of the application.
    """
    charts = [chart for chapter in chapters for chart in chapter.charts]
    numbers = iter(range(len(charts)))
    style = (ASSETS / "style.css").read_text(encoding="utf-8")
    body = "".join(_chapter(chapter, numbers) for chapter in chapters)
    origin = _("Where these figures come from")
    no_scripts = _("Your browser runs no scripts: the tables hold every figure, the charts are not drawn.")
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"""<!doctype html>
<html lang="{language()}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · DermNet Workbench</title>
<style>{style}{_STYLE}</style></head>
<body><main>
<h1>{escape(title)}</h1>
<p class="dn-quiet" role="note">{escape(disclaimer)}</p>
{body}
<h2>{escape(origin)}</h2>
<dl class="dn-facts">{rows}</dl>
<noscript><p>{escape(no_scripts)}</p></noscript>
</main>
<script id="plotly">{get_plotlyjs()}</script>
<script type="application/json" id="charts">{_charts_json(charts)}</script>
<script>{_SCRIPT.replace("THEMES", json.dumps({name: [INKS[name], PAPERS[name]] for name in INKS}))}</script>
</body></html>
"""


def _chapter(chapter: Chapter, numbers: Iterator[int]) -> str:
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in chapter.sentences)
    charts = "".join(_place(chart, next(numbers)) for chart in chapter.charts)
    tables = "".join(_table(table) for table in chapter.tables)
    return f'<h2>{escape(chapter.title)}</h2>{sentences}<div class="charts">{charts}</div>{tables}'


def _table(table: Table) -> str:
    if len(table.rows) > _LONG:
        summary = _("{title}: {n} rows").format(title=_(table.title), n=count(len(table.rows)))
        return f"<details><summary>{escape(summary)}</summary>{table.html()}</details>"
    return f"<h3>{escape(_(table.title))}</h3>{table.html()}"


def _place(chart: Chart, number: int) -> str:
    kind = "chart wide" if chart.wide else "chart"
    return f'<div class="{kind}"><div id="chart-{number}" role="img" aria-label="{escape(chart.alt)}"></div></div>'


def _charts_json(charts: Sequence[Chart]) -> str:
    """Return the figures with their settings; "<" is written so that it cannot end the script."""
    drawn = [_figure(chart) for chart in charts]
    return json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _figure(chart: Chart) -> dict[str, Any]:
    # The template is plotly's own look; the page has another.
    figure = framed(chart.figure, chart.title, chart.note).update_layout(template="none")
    values: dict[str, Any] = json.loads(to_json(figure, engine="json"))
    values["layout"].pop("template", None)
    return values | {"config": picture_config(chart.title) | {"responsive": True}}


_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
@media (prefers-color-scheme: light) { body { color: #121A20; background: #FFFFFF; } }
@media (prefers-color-scheme: dark) { body { color: #E6EAEC; background: #14181B; } }
main { max-width: 1100px; margin: 0 auto; padding: 1.5rem 1rem; }
h2 { margin-top: 2.5rem; } h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
summary { cursor: pointer; padding: .75rem 0; font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem 2rem; }
.chart { min-width: 0; } .wide { grid-column: 1 / -1; overflow-x: auto; } .wide > div { min-width: 58rem; }
.dn-facts dd { font-family: ui-monospace, monospace; font-size: .85rem; }
@media (max-width: 640px) { dl.dn-facts { grid-template-columns: 1fr; } .dn-facts dd { margin-bottom: .5rem; } }
@media print { .charts { display: block; } }
"""
_SCRIPT = """
const themes = THEMES, dark = matchMedia("(prefers-color-scheme: dark)");
const charts = JSON.parse(document.getElementById("charts").textContent);
function themed(layout) {
  const [ink, paper] = themes[dark.matches ? "dark" : "light"], grid = "rgba(127,138,144,.3)";
  const own = {...layout, paper_bgcolor: paper, plot_bgcolor: paper, autosize: true,
    font: {size: 12, family: "system-ui, sans-serif", ...layout.font, color: ink}, hoverlabel: {align: "left"}};
  for (const name of Object.keys(layout)) if (/^[xy]axis/.test(name))
    own[name] = {gridcolor: grid, zerolinecolor: grid, linecolor: grid, ...layout[name]};
  return own;
}
function draw() {
  charts.forEach((chart, i) => Plotly.react(`chart-${i}`, chart.data, themed(chart.layout), chart.config));
}
draw();
dark.addEventListener("change", draw);
"""
