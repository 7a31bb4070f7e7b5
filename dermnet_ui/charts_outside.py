"""Outside photos beside those of the atlas, and by label: points with intervals; no Streamlit."""

import plotly.graph_objects as go

from dermnet_core.evaluation.transfer import Transfer
from dermnet_core.i18n import _, count, decimal, percent
from dermnet_ui.charts_frame import literal
from dermnet_ui.charts_points import Mark, Series, points_chart
from dermnet_ui.evaluation.outside_figures import Outside
from dermnet_ui.evaluation.tables import Estimate, Table

PALE = {"#0072B2": "#56B4E9", "#D55E00": "#E69F00"}
"""At home in the lighter neighbour of the model's colour, in Okabe and Ito's palette."""


def fall_chart(found: Outside) -> go.Figure:
    """Draw each figure of each model there and at home on the same classes, with guessing as a quiet mark."""
    some = len(found.classes)
    titles = (
        _("Top-1 among all {n} classes").format(n=found.known),
        _("Top-1 among these {n}").format(n=some),
        _("Balanced accuracy, these {n}").format(n=some),
    )
    outside, home = _("{name} outside"), _("{name} home")
    series = []
    for side in found.sides:
        if side.home:
            series.append(_series(home.format(name=side.name), PALE.get(side.colour, "#AAAAAA"), side.home))
        series.append(_series(outside.format(name=side.name), side.colour, side.there))
    majority = found.sides[0].there.majority
    marks = [
        *(_mark(row, 1.0 / n, _("guessing")) for row, n in enumerate((found.known, some, some))),
        _mark(1, majority, _("largest class")),
    ]
    return points_chart(titles, series, marks)


def rows_chart(found: Outside, table: Table) -> go.Figure:
    """Draw the share that is right among the occurring classes for each row of a table of ``outside_figures``."""
    titles = [literal(f"{first}, n = {n}") for first, n, *_cells in table.texts()]
    series = []
    for number, side in enumerate(found.sides):
        cells = [cell for row in table.rows if isinstance(cell := row[3 + 2 * number], Estimate)]
        values, spread = [cell.value for cell in cells], [cell.interval for cell in cells]
        series.append(Series(side.name, side.colour, values, spread, [f"{side.name}: {cell}" for cell in cells]))
    return points_chart(titles, series)


def _series(name: str, colour: str, found: Transfer) -> Series:
    pairs = (found.among_all, found.among_some, found.balanced)
    hovers = [f"{name}: {Estimate(*pair)}, n = {count(found.n)}" for pair in pairs]
    return Series(name, colour, [value for value, _interval in pairs], [interval for _value, interval in pairs], hovers)


def _mark(row: int, share: float, text: str) -> Mark:
    return Mark(row, share, share, f"{text} {decimal(100 * share)}", f"{text}: {percent(share)}")
