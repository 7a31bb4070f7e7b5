"""The paired comparison of two models as a table; no Streamlit."""

from dermnet_core.evaluation.compare import Comparison
from dermnet_core.i18n import N_, _, count, significant
from dermnet_ui.evaluation.tables import Cell, Estimate, Table
from dermnet_ui.evaluation.terms import HEADLINE


def comparison_table(found: Comparison, first: str, second: str) -> Table:
    """Return by how much the second model differs from the first in each figure, and who is right on which photos."""
    rows: list[tuple[Cell, ...]] = [
        (term.title, Estimate(difference.value, difference.interval, None if name == "brier" else 1))
        for name, term in HEADLINE.items()
        for difference in [found.differences[name]]
    ]
    only = _("Only {name} right")
    counts = ((_("Both right"), found.both), (only.format(name=first), found.only_first),
              (only.format(name=second), found.only_second), (_("Neither right"), found.neither))  # fmt: skip
    rows += [*counts, (_("McNemar's p"), significant(found.p_value, 3))]
    minus = _("{second} minus {first}, n = {n}").format(second=second, first=first, n=count(found.n))
    caption = N_("Percentage points (Brier: 0 to 2), with 95 % intervals from a paired bootstrap; below, photos")
    return Table(N_("Paired comparison"), (_("Figure"), minus), tuple(rows), caption)
