"""The report of a data set as one HTML page that needs no other file, no script and no network; it holds no photos."""

from collections.abc import Iterable, Mapping
from html import escape

import jinja2
from markupsafe import Markup

from dermnet_core.data.findings import Finding, findings
from dermnet_core.data.report import DatasetReport
from dermnet_core.data.stats import PROPERTIES
from dermnet_core.data.summary import DatasetSummary, Distribution
from dermnet_core.i18n import N_, _, count, decimal, language, ngettext, retold, significant
from dermnet_core.labels import display_name

_MOST_GROUPS = 200
_COLOURS = {"train": "#009E73", "test": "#CC79A7", "all": "#7F8A90"}
_WIDTH, _HEIGHT = 300, 90
_SPLITS = {"train": N_("train"), "test": N_("test"), "all": N_("all")}
_VIEWS = {
    "official": N_("official: {n} photos"),
    "clean": N_("clean: {n} photos"),
    "blocked": N_("blocked: {n} photos"),
}


def report_html(report: DatasetReport) -> str:
    """Return the page in the visitor's language."""
    summary = report.summary
    found = findings(report)
    return _TEMPLATE.render(
        language=language(),
        words=_words(summary),
        problems=[retold(problem) for problem in summary.problems],
        views=[_(_VIEWS[view]).format(n=count(photos)) for view, photos in summary.views.items()],
        leaked=summary.leaked_by_class,
        count=count,
        figures=_figures(summary),
        splits={split: _(_SPLITS.get(split, split)) for split in summary.counts},
        colours=_COLOURS,
        classes=list(_classes(summary.counts)),
        most=max((photos for split in summary.counts.values() for photos in split.values()), default=1) or 1,
        findings=[(finding, _size(finding), list(_shown(finding)), _left(finding)) for finding in found],
        properties=[
            (_(PROPERTIES[key].meaning), Markup(_histogram(spread, _(PROPERTIES[key].title))))
            for key, spread in summary.properties.items()
            if key in PROPERTIES
        ],
    )


def _figures(summary: DatasetSummary) -> list[tuple[str, str]]:
    split = "train" if "train" in summary.counts else next(iter(summary.counts), "all")
    imbalance = summary.imbalance(split)
    classes = {label for labels in summary.counts.values() for label in labels}
    return [
        (_("files"), count(summary.files)),
        (_("different contents"), count(summary.distinct)),
        (_("classes"), count(len(classes))),
        (
            _("largest class of {split} to the smallest").format(split=_(_SPLITS.get(split, split))),
            f"{decimal(imbalance)} : 1" if imbalance else "–",
        ),
        (_("test photos that also stand in train"), count(summary.leaked_test)),
        (_("contents under more than one class"), count(summary.conflicting_groups)),
        (_("near-duplicate pairs"), count(summary.near_pairs)),
        (_("files that cannot be used"), count(summary.unreadable)),
    ]


def _words(summary: DatasetSummary) -> Mapping[str, str]:
    """Return the sentences of the page that stand alone."""
    return {
        "title": _("Data set report: {name}").format(name=summary.name),
        "disclaimer": _("For research and teaching, not a medical device. Scanned {when} by DermNet Workbench.").format(
            when=summary.scanned
        ),
        "problems": _("Notes on the folder"),
        "classes": _("Photos per class"),
        "class": _("Class"),
        "copies": _("test copies of train"),
        "bars": _("bars: {splits}").format(splits=", ".join(_(_SPLITS.get(split, split)) for split in summary.counts)),
        "views": _("Views of the test photos"),
        "about_views": _(
            "Clean leaves out byte copies of train photos; blocked also near duplicates and neighbouring numbers of a "
            "series."
        ),
        "findings": _("Findings, the worst first"),
        "nothing": _("Nothing was found that is wrong with these photos."),
        "differ": _("How the photos differ"),
        "outlines": _("Outlines of the splits, each as shares of its own photos:"),
    }


def _classes(counts: Mapping[str, Mapping[str, int]]) -> Iterable[tuple[str, str, dict[str, int]]]:
    """Give folder, name and photos a split, the largest class first."""
    labels = sorted({label for found in counts.values() for label in found})
    rows = [
        (label, display_name(label), {split: found.get(label, 0) for split, found in counts.items()})
        for label in labels
    ]
    return sorted(rows, key=lambda row: -sum(row[2].values()))


def _size(finding: Finding) -> str:
    files = len({file for group in finding.groups for file in group})
    groups = len(finding.groups)
    return ngettext("{groups} group, {files} files", "{groups} groups, {files} files", groups).format(
        groups=count(groups), files=count(files)
    )


def _shown(finding: Finding) -> Iterable[tuple[tuple[str, ...], str]]:
    return zip(finding.groups[:_MOST_GROUPS], finding.notes[:_MOST_GROUPS], strict=True)


def _left(finding: Finding) -> str:
    left = len(finding.groups) - _MOST_GROUPS
    return _("and {n} more, in the CSV file.").format(n=count(left)) if left > 0 else ""


def _histogram(spread: Distribution, title: str) -> str:
    """Return a small drawing: one outline a split, each as shares of its own photos."""
    lines = []
    shares = {split: [photos / max(1, sum(counts)) for photos in counts] for split, counts in spread.counts.items()}
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
    ends = _("from {low} to {high}, median {median}").format(
        low=significant(spread.edges[0]), high=significant(spread.edges[-1]), median=significant(spread.quantiles[3])
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}: {ends}">{"".join(lines)}</svg>'
        f"<figcaption>{escape(title)}, {ends}</figcaption>"
    )


_TEMPLATE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words.title }}</title>
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
<h1>{{ words.title }}</h1>
<p class="quiet" role="note">{{ words.disclaimer }}</p>
<div class="figures">{% for name, value in figures %}<p><b>{{ value }}</b>{{ name }}</p>{% endfor %}</div>
{% if problems %}<h2>{{ words.problems }}</h2><ul>{% for problem in problems %}<li>{{ problem }}</li>{% endfor %}</ul>{% endif %}
<h2>{{ words.classes }}</h2>
<table><thead><tr><th scope="col">{{ words.class }}</th>{% for split in splits.values() %}<th scope="col">{{ split }}</th>{% endfor %}<th scope="col">{{ words.copies }}</th><th scope="col" style="width:35%"><span class="quiet">{{ words.bars }}</span></th></tr></thead><tbody>
{% for label, name, counts in classes %}
<tr><th scope="row" title="{{ label }}">{{ name }}</th>{% for split in splits %}<td>{{ count(counts[split]) }}</td>{% endfor %}<td>{{ count(leaked.get(label, 0)) }}</td>
<td aria-hidden="true">{% for split in splits %}<span class="bar" style="width:{{ "%.1f"|format(100 * counts[split] / most) }}%;background:{{ colours.get(split, "#7F8A90") }}"></span>{% endfor %}</td></tr>
{% endfor %}
</tbody></table>
{% if views %}<h2>{{ words.views }}</h2><ul>{% for view in views %}<li>{{ view }}</li>{% endfor %}</ul>
<p class="quiet">{{ words.about_views }}</p>{% endif %}
<h2>{{ words.findings }}</h2>
{% for finding, size, groups, left in findings %}
<details><summary><b>{{ finding.title }}</b>: {{ size }}</summary>
<p class="quiet">{{ finding.meaning }}</p>
<ol>{% for group, note in groups %}<li>{% if note %}<i>{{ note }}</i>: {% endif %}{{ group|join(" · ") }}</li>{% endfor %}</ol>
{% if left %}<p class="quiet">{{ left }}</p>{% endif %}</details>
{% else %}<p>{{ words.nothing }}</p>{% endfor %}
<h2>{{ words.differ }}</h2>
<p class="quiet">{{ words.outlines }} {% for split, name in splits.items() %}{{ name }} <span class="bar" style="display:inline-block;width:1.2rem;background:{{ colours.get(split, "#7F8A90") }}"></span> {% endfor %}</p>
<div class="charts">{% for meaning, drawing in properties %}<figure title="{{ meaning }}">{{ drawing }}</figure>{% endfor %}</div>
</main></body></html>
"""  # noqa: E501
)
