"""Tables of made-up trials in which only the learning rate matters."""

from pathlib import Path

from dermnet_core.tuning.search import SearchSettings
from dermnet_core.tuning.table import SearchTable, Trial

VALUES = {
    "blocks": 2, "filters_1": 64, "filters_2": 128, "kernel": 5, "dropout": 0.2, "dense": 320, "l2": 1e-5,
    "learning_rate": 5e-4, "optimizer": "rmsprop", "batch": 16, "label_smoothing": 0.05,
}  # fmt: skip
_RATES = (1e-4, 5e-4, 1e-3)


def make_table(trials: int, failed: int = 0, status="finished") -> SearchTable:
    """Return a search of so many trials, the last ones failed."""
    return SearchTable("made-up", SearchSettings(Path("photos"), 3, trials=max(trials, 1)), status, "", tuple(
        _trial(number, number > trials - failed) for number in range(1, trials + 1)
    ), 1_700_000_000.0)  # fmt: skip


def _trial(number: int, failed: bool) -> Trial:
    rate = _RATES[number % 3]
    values = VALUES | {
        "learning_rate": rate,
        "dense": 256 + 64 * (number * 7 % 5),
        "kernel": 3 + 2 * (number * 5 % 4 // 2),
    }
    accuracy = None if failed else 0.2 + 0.1 * _RATES.index(rate)
    folder = Path("trials") / str(number)
    if failed:
        return Trial(str(number), number, values, "failed", None, None, 0, None, 200_000, "no memory", folder)
    return Trial(str(number), number, values, "completed", accuracy, 3, 5, 60.0 + number, 200_000, "", folder)
