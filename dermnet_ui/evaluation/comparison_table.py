"""The paired comparison of two models as a table; no Streamlit."""

from dermnet_core.evaluation.compare import Comparison
from dermnet_ui.evaluation.tables import Cell, Estimate, Table
from dermnet_ui.evaluation.terms import HEADLINE


def comparison_table(found: Comparison, first: str, second: str) -> Table:
    """Return by how much the second model differs from the first in each figure, and who is right on which photos."""
    rows: list[tuple[Cell, ...]] = [
        (term.title, Estimate(difference.value, difference.interval, None if name == "brier" else 1))
        for name, term in HEADLINE.items()
        for difference in [found.differences[name]]
    ]
    counts = (("Both right", found.both), (f"Only {first} right", found.only_first),
              (f"Only {second} right", found.only_second), ("Neither right", found.neither))  # fmt: skip
    rows += [*counts, ("McNemar's p", f"{found.p_value:.3g}")]
    head = ("Figure", f"{second} minus {first}, n = {found.n:,}")
    caption = "Percentage points (Brier: 0 to 2), with 95 % intervals from a paired bootstrap; below, photos"
    return Table("Paired comparison", head, tuple(rows), caption)
