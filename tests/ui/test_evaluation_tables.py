import csv
import io

from dermnet_core.evaluation.intervals import Interval
from dermnet_ui.evaluation.tables import Estimate, Table

TABLE = Table(
    "Figures & more",
    ("Class", "n", "Recall", "Share"),
    (("Acne <b>", 1200, Estimate(0.123456789, Interval(0.1, 0.2)), 0.25), ("Warts", 0, None, None)),
)


def test_csv_has_all_digits_and_three_columns_for_an_estimate():
    rows = list(csv.reader(io.StringIO(TABLE.csv())))
    assert rows[0] == ["Class", "n", "Recall", "Recall low", "Recall high", "Share"]
    assert rows[1] == ["Acne <b>", "1200", "0.123457", "0.1", "0.2", "0.25"]
    assert rows[2] == ["Warts", "0", "", "", "", ""]
    assert TABLE.file == "figures-more.csv"


def test_csv_holds_no_formula():
    rows = list(csv.reader(io.StringIO(Table("Files", ("=A1", "n"), (("@sum.jpg", -1),)).csv())))
    assert rows == [["'=A1", "n"], ["'@sum.jpg", "-1"]]


def test_html_shows_per_cent_and_names_stay_text():
    html = TABLE.html()
    assert "12.3 (10.0–20.0)" in html
    assert "<td>25.0</td>" in html
    assert "1,200" in html
    assert "Acne &lt;b&gt;" in html
    assert "Acne <b>" not in html


def test_differences_below_zero_can_be_read():
    assert str(Estimate(-0.02, Interval(-0.03, -0.01))) == "−2.0 (−3.0 to −1.0)"
    assert str(Estimate(0.7701, Interval(0.75, 0.79), decimals=None)) == "0.770 (0.750–0.790)"
