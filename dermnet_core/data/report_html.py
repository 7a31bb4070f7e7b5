"""The report of a data set as one HTML page that needs no other file, no script and no network; it holds no photos."""

from collections.abc import Iterable, Mapping
from html import escape

import jinja2
from markupsafe import Markup

from dermnet_core.data.findings import Finding, findings
from dermnet_core.data.report import DatasetReport
from dermnet_core.data.stats import PROPERTIES
from dermnet_core.data.summary import DatasetSummary, Distribution
from dermnet_core.labels import display_name

_MOST_GROUPS = 200
_COLOURS = {"train": "#009E73", "test": "#CC79A7", "all": "#7F8A90"}
_WIDTH, _HEIGHT = 300, 90


def report_html(report: DatasetReport) -> str:
    """Return the page."""
    summary = report.summary
    found = findings(report)
    return _TEMPLATE.render(
        summary=summary,
        figures=_figures(summary),
        splits=list(summary.counts),
        colours=_COLOURS,
        classes=list(_classes(summary.counts)),
        most=max((count for split in summary.counts.values() for count in split.values()), default=1) or 1,
        findings=[(finding, _files(finding), list(_shown(finding))) for finding in found],
        left=_left,
        properties=[
            (PROPERTIES[key], Markup(_histogram(spread, PROPERTIES[key].title)))
            for key, spread in summary.properties.items()
            if key in PROPERTIES
        ],
    )


def _figures(summary: DatasetSummary) -> list[tuple[str, str]]:
    split = "train" if "train" in summary.counts else next(iter(summary.counts), "all")
    imbalance = summary.imbalance(split)
    classes = {label for labels in summary.counts.values() for label in labels}
    return [
        ("files", f"{summary.files:,}"),
        ("different contents", f"{summary.distinct:,}"),
        ("classes", f"{len(classes):,}"),
        (
            f"largest class of {split} to the smallest",
            f"{imbalance:.1f} : 1" if imbalance else "–",
        ),
        ("test photos that also stand in train", f"{summary.leaked_test:,}"),
        ("contents under more than one class", f"{summary.conflicting_groups:,}"),
        ("near-duplicate pairs", f"{summary.near_pairs:,}"),
        ("files that cannot be used", f"{summary.unreadable:,}"),
    ]


def _classes(counts: Mapping[str, Mapping[str, int]]) -> Iterable[tuple[str, str, dict[str, int]]]:
    """Give folder, name and photos a split, the largest class first."""
    labels = sorted({label for found in counts.values() for label in found})
    rows = [
        (label, display_name(label), {split: found.get(label, 0) for split, found in counts.items()})
        for label in labels
    ]
    return sorted(rows, key=lambda row: -sum(row[2].values()))


def _files(finding: Finding) -> int:
    return len({file for group in finding.groups for file in group})


def _shown(finding: Finding) -> Iterable[tuple[tuple[str, ...], str]]:
    return zip(finding.groups[:_MOST_GROUPS], finding.notes[:_MOST_GROUPS], strict=True)


def _left(finding: Finding) -> int:
    return max(0, len(finding.groups) - _MOST_GROUPS)


def _histogram(spread: Distribution, title: str) -> str:
    """Return a small drawing: one outline a split, each as shares of its own photos."""
    lines = []
    shares = {split: [count / max(1, sum(counts)) for count in counts] for split, counts in spread.counts.items()}
    top = max((share for values in shares.values() for share in values), default=1) or 1
    for split, values in shares.items():
        step = _WIDTH / max(1, len(values))
        points = [f"0,{_HEIGHT}"]
        for number, share in enumerate(values):
            y = _HEIGHT * (1 - share / top)
            points += [f"{number * step:.1f},{y:.1f}", f"{(number + 1) * step:.1f},{y:.1f}"]
        points.append(f"{_WIDTH},{_HEIGHT}")
        colour = _COLOURS.get(split, _COLOURS["all"])
        lines.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
    ends = f"from {spread.edges[0]:,.4g} to {spread.edges[-1]:,.4g}, median {spread.quantiles[3]:,.4g}"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}: {ends}">{"".join(lines)}</svg>'
        f"<figcaption>{escape(title)}, {ends}</figcaption>"
    )


_TEMPLATE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data set report: {{ summary.name }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 1100px; margin: 0 auto; padding: 1.5rem 1rem; }
.figures, .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 1rem; }
.figures p { margin: 0; font-size: .875rem; } .figures b { display: block; font-size: 1.6rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; font-weight: 400; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
thead th { font-weight: 600; } td { overflow-wrap: anywhere; }
.bar { display: block; height: .45rem; min-width: 1px; border-radius: .2rem; margin: .15rem 0; }
figure { margin: 0; } svg { width: 100%; height: auto; } figcaption, .quiet { font-size: .85rem; opacity: .85; }
summary { cursor: pointer; padding: .4rem 0; } li { overflow-wrap: anywhere; }
</style></head>
<body><main>
<h1>Data set report: {{ summary.name }}</h1>
<p class="quiet" role="note">For research and teaching, not a medical device. Scanned {{ summary.scanned }} by DermNet Workbench.</p>
<div class="figures">{% for name, value in figures %}<p><b>{{ value }}</b>{{ name }}</p>{% endfor %}</div>
{% if summary.problems %}<h2>Notes on the folder</h2><ul>{% for problem in summary.problems %}<li>{{ problem }}</li>{% endfor %}</ul>{% endif %}
<h2>Photos per class</h2>
<table><thead><tr><th scope="col">Class</th>{% for split in splits %}<th scope="col">{{ split }}</th>{% endfor %}<th scope="col">test copies of train</th><th scope="col" style="width:35%"><span class="quiet">bars: {{ splits|join(", ") }}</span></th></tr></thead><tbody>
{% for label, name, counts in classes %}
<tr><th scope="row" title="{{ label }}">{{ name }}</th>{% for split in splits %}<td>{{ "{:,}".format(counts[split]) }}</td>{% endfor %}<td>{{ "{:,}".format(summary.leaked_by_class.get(label, 0)) }}</td>
<td aria-hidden="true">{% for split in splits %}<span class="bar" style="width:{{ "%.1f"|format(100 * counts[split] / most) }}%;background:{{ colours.get(split, "#7F8A90") }}"></span>{% endfor %}</td></tr>
{% endfor %}
</tbody></table>
{% if summary.views %}<h2>Views of the test photos</h2><ul>{% for view, count in summary.views.items() %}<li>{{ view }}: {{ "{:,}".format(count) }} photos</li>{% endfor %}</ul>
<p class="quiet">Clean leaves out byte copies of train photos; blocked also near duplicates and neighbouring numbers of a series.</p>{% endif %}
<h2>Findings, the worst first</h2>
{% for finding, files, groups in findings %}
<details><summary><b>{{ finding.title }}</b>: {{ "{:,}".format(finding.groups|length) }} groups, {{ "{:,}".format(files) }} files</summary>
<p class="quiet">{{ finding.meaning }}</p>
<ol>{% for group, note in groups %}<li>{% if note %}<i>{{ note }}</i>: {% endif %}{{ group|join(" · ") }}</li>{% endfor %}</ol>
{% if left(finding) %}<p class="quiet">and {{ "{:,}".format(left(finding)) }} more, in the CSV file.</p>{% endif %}</details>
{% else %}<p>Nothing was found that is wrong with these photos.</p>{% endfor %}
<h2>How the photos differ</h2>
<p class="quiet">Outlines: {% for split in splits %}{{ split }} <span class="bar" style="display:inline-block;width:1.2rem;background:{{ colours.get(split, "#7F8A90") }}"></span> {% endfor %}, each as shares of its own photos.</p>
<div class="charts">{% for property, drawing in properties %}<figure title="{{ property.meaning }}">{{ drawing }}</figure>{% endfor %}</div>
</main></body></html>
"""  # noqa: E501
)
