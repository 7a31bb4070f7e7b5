"""What several tests of the Train page do with it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from dermnet_core.paths import ROOT
from tests.core.run_cases import epoch, planted


def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=60).run()
    assert not app.exception
    return app


def two_runs(runs: Path) -> None:
    first = [(0, "start", {}), (5, "epoch", epoch(1, 1, 0.3)), (9, "epoch", epoch(1, 2, 0.42)), (10, "stopped", {})]
    planted(runs / "first", first)
    planted(runs / "second", [(99, "start", {}), (120, "failed", {"error": "No room.", "kind": "RunError"})], 7)
