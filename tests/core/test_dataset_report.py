import csv
import io
import json
import re

import numpy as np
import pytest

from dermnet_core.data.facts import NearPair, Unreadable
from dermnet_core.data.report import (
    DatasetReport,
    build_report,
    findings_csv,
    photos_csv,
    summary_from_json,
    summary_to_json,
)
from dermnet_core.data.report_html import report_html
from dermnet_core.data.survey import Survey
from dermnet_core.errors import DatasetError
from tests.core.facts_rows import facts


@pytest.fixture
def report(tmp_path) -> DatasetReport:
    photos = (
        facts("test/a/x-1.jpg", "one"),
        facts("test/a/y-5.jpg", "two"),
        facts("test/b/=cmd-9.jpg", "three"),
        facts("train/a/x-9.jpg", "one"),
        facts("train/a/y-4.jpg", "four"),
        facts("train/b/z-1.jpg", "five", width=300),
        facts("train/b/z-2.jpg", "six"),
    )
    lost = (Unreadable("train/b/<b>.jpg", "train", "b", "Expected a photo, found an empty file."),)
    survey = Survey(tmp_path, photos, np.zeros((7, 48, 48), np.uint8), lost, ("Class c holds no photos.",), "digest")
    return build_report(survey, [(2, 5, "crop", 0.93)], "2026-01-02T03:04:05+00:00")


def test_summary_counts(report):
    summary = report.summary
    assert (summary.files, summary.distinct, summary.unreadable) == (8, 6, 1)
    assert (summary.duplicate_groups, summary.conflicting_groups, summary.leaked_test) == (1, 0, 1)
    assert (summary.near_pairs, summary.near_across, summary.near_conflicting) == (1, 1, 0)
    assert summary.counts == {"train": {"a": 2, "b": 2}, "test": {"a": 2, "b": 1}}
    assert summary.leaked_by_class == {"a": 1, "b": 0}
    # Without the copy 2 are clean; the neighbour of y-4 and the crop of z-1 are blocked as well.
    assert summary.views == {"official": 3, "clean": 2, "blocked": 0}
    assert summary.imbalance("train") == 1
    assert summary.problems == ("Class c holds no photos.",)
    assert report.near == (NearPair("test/b/=cmd-9.jpg", "train/b/z-1.jpg", "crop", 0.93),)


def test_json_and_back(report):
    text = json.dumps(report.to_json(), allow_nan=False)
    again = DatasetReport.from_json(json.loads(text))
    assert again.photos == report.photos
    assert (again.near, again.suspects, again.unreadable) == (report.near, report.suspects, report.unreadable)
    assert again.summary == report.summary
    assert again.digest == "digest"
    assert summary_from_json(json.loads(json.dumps(summary_to_json(report.summary)))) == report.summary


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda values: values.update(schema=99), "version 1, found 99"),
        (lambda values: values.pop("photos"), "photos"),
        (lambda values: values["photos"].pop("width"), "width"),
        (lambda values: values["photos"].update(width=["x"] * 7), "width"),
        (lambda values: values["photos"]["width"].pop(), "Scan the folder again"),
        (lambda values: values["summary"].pop("files"), "files"),
        (lambda values: values["summary"].update(problems=None), "Scan the folder again"),
    ],
)
def test_damaged_reports_are_refused(report, break_it, message):
    values = json.loads(json.dumps(report.to_json()))
    break_it(values)
    with pytest.raises(DatasetError, match=message):
        DatasetReport.from_json(values)


def test_csv_files(report):
    photos = list(csv.DictReader(io.StringIO(photos_csv(report))))
    assert len(photos) == 7
    assert photos[0]["series"] == "x"
    assert photos[5]["width"] == "300"
    rows = list(csv.DictReader(io.StringIO(findings_csv(report))))
    assert [row["file"] for row in rows if row["finding"] == "leaked"] == ["test/a/x-1.jpg", "train/a/x-9.jpg"]
    assert [row["note"] for row in rows if row["finding"] == "unreadable"] == ["Expected a photo, found an empty file."]
    assert {row["split"] for row in rows if row["finding"] == "near-across"} == {"train", "test"}


def test_no_cell_is_a_formula(report):
    photo = facts("train/a/x-1.jpg", "seven", format="=1+1")
    text = photos_csv(DatasetReport(report.summary, "", (photo,), (), (), ()))
    assert "'=1+1" in text


def test_html_stands_on_its_own_and_is_escaped(report):
    page = report_html(report)
    assert "<script" not in page
    assert not re.search(r'(src|href)="', page)
    assert "&lt;b&gt;.jpg" in page
    assert "train/b/<b>" not in page
    for words in ("Test photos that also stand in train", "Class c holds no photos.", "not a medical device", "<svg"):
        assert words in page


def test_a_folder_without_splits(tmp_path):
    photos = tuple(facts(f"all/a/x-{n}.jpg") for n in range(3))
    found = build_report(Survey(tmp_path, photos, np.zeros((3, 48, 48), np.uint8), (), (), ""), [], "now")
    assert found.summary.views == {}
    assert found.summary.counts == {"all": {"a": 3}}
    assert "Nothing was found" in report_html(found)


def test_a_folder_whose_photos_are_all_damaged(tmp_path):
    lost = (Unreadable("train/a/x.jpg", "train", "a", "Empty."),)
    found = build_report(Survey(tmp_path, (), np.zeros((0, 48, 48), np.uint8), lost, (), ""), [], "now")
    assert (found.summary.files, found.summary.distinct) == (1, 0)
    assert DatasetReport.from_json(json.loads(json.dumps(found.to_json()))).summary == found.summary
    assert "Files that cannot be used" in report_html(found)
