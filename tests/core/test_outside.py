"""Photos of another source: labels files, folders with other names, mappings, and what is wrong with them."""

import csv
import json

import numpy as np
import pytest

from dermnet_core.data.labelled import LabelledPhotos
from dermnet_core.data.mapping import LabelMapping, identity, read_mapping
from dermnet_core.data.outside import folder_photos, table_photos
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import ConfigError, DatasetError
from dermnet_core.labels import CLASSES
from dermnet_core.paths import ROOT

LABELS = {"BCC": "class-a", "NEV": "class-b", "OTHER": None}
ROWS = [
    ["class-a-all-a-1.jpg", "BCC", "p1", "2.0"],
    ["class-a-all-a-2.jpg", "BCC", "p1", ""],
    ["class-b-all-a-1.jpg", "NEV", "p2", "3.0"],
    ["class-c-all-a-1.jpg", "OTHER", "p2", ""],
    ["class-b-all-a-2.jpg", "NEV", "", "1.0"],
    ["class-b-all-b-1.jpg", "NEV", "", "1.0"],
]


def mapping(**changes) -> LabelMapping:
    return LabelMapping(
        **({"name": "Elsewhere", "labels": LABELS, "column": "diagnosis", "images": "images"} | changes)
    )


@pytest.fixture
def source(tmp_path):
    write_photo_folder(tmp_path / "made", splits=("",))
    (tmp_path / "images").mkdir()
    for photo in (tmp_path / "made").rglob("*.jpg"):
        photo.rename(tmp_path / "images" / photo.name)
    write(tmp_path / "labels.csv", ROWS)
    return tmp_path


def write(path, rows, head=("file", "diagnosis", "patient", "fitzpatrick")):
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])


def test_a_labels_file_gives_classes_patients_and_attributes(source):
    found = table_photos(source, source / "labels.csv", mapping(groups="patient", source="A clinic", license="CC BY"))
    assert isinstance(found, LabelledPhotos)
    assert (found.name, found.split, found.source) == ("Elsewhere", "outside", "A clinic, CC BY")
    assert [record.file for record in found.records] == sorted(f"images/{row[0]}" for row in ROWS if row[1] != "OTHER")
    assert [record.label for record in found.records] == ["class-a"] * 2 + ["class-b"] * 3
    assert found.attributes == {
        "diagnosis": ("BCC", "BCC", "NEV", "NEV", "NEV"),
        "patient": ("p1", "p1", "p2", "", ""),
        "fitzpatrick": ("2", "", "3", "1", "1"),
    }
    np.testing.assert_array_equal(found.groups, [0, 0, 1, 2, 3])  # unknown patients are not one patient
    assert (found.masks, found.left_out) == ({}, ())


def test_without_a_column_of_patients_no_groups_are_known(source):
    assert table_photos(source, source / "labels.csv", mapping()).groups is None


def test_the_fingerprint_follows_the_contents(source):
    before = table_photos(source, source / "labels.csv", mapping()).fingerprint
    assert table_photos(source, source / "labels.csv", mapping()).fingerprint == before
    (source / "images" / ROWS[0][0]).write_bytes(b"other")
    assert table_photos(source, source / "labels.csv", mapping()).fingerprint != before


def test_missing_files_are_named(source):
    (source / "images" / ROWS[0][0]).unlink()
    found = table_photos(source, source / "labels.csv", mapping())
    assert found.left_out == (f"images/{ROWS[0][0]}: No such file or directory",)
    assert len(found.records) == 4
    with pytest.raises(DatasetError, match=r"Expected the 5 labelled photos in .* found none of them"):
        table_photos(source, source / "labels.csv", mapping(images="pictures"))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"column": "dx"}, ConfigError, "found no dx among file, diagnosis, patient, fitzpatrick"),
        ({"groups": "person"}, ConfigError, "found no person among"),
        ({"labels": {"BCC": "class-a"}}, ConfigError, "found none for NEV, OTHER. Add them"),
        ({"labels": dict.fromkeys(LABELS)}, DatasetError, "leaves all of them out"),
    ],
)
def test_what_does_not_fit_the_file(source, change, error, message):
    with pytest.raises(error, match=message):
        table_photos(source, source / "labels.csv", mapping(**change))


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([], ConfigError, "found none"),
        ([ROWS[0], ROWS[0]], ConfigError, "found several for class-a-all-a-1.jpg"),
        ([["../secret.jpg", "BCC", "", ""]], DatasetError, "below the photo folder"),
        ([["", "BCC", "", ""]], DatasetError, "found ''"),
        ([["a\0b.jpg", "BCC", "", ""]], DatasetError, "below the photo folder"),
        ([["class-a-all-a-1.jpg"]], ConfigError, 'found none for "". Add it'),
    ],
)
def test_odd_rows(source, rows, error, message):
    write(source / "labels.csv", rows)
    with pytest.raises(error, match=message):
        table_photos(source, source / "labels.csv", mapping())


def test_files_that_are_no_table(source, tmp_path):
    (source / "labels.csv").write_bytes(b"\xff\xfe\x00")
    for table in (source / "labels.csv", source / "missing.csv"):
        with pytest.raises(ConfigError, match="Expected a labels file"):
            table_photos(source, table, mapping())
    with pytest.raises(DatasetError, match="found nothing at"):
        table_photos(source / "missing", source / "labels.csv", mapping())


def test_folders_with_other_names(tmp_path):
    write_photo_folder(tmp_path, splits=("",), per_class=2)
    (tmp_path / "class-c").rename(tmp_path / "Basal cell")
    labels = {"class-a": "class-a", "class-b": None, "Basal cell": "class-c"}
    found = folder_photos(tmp_path, None, LabelMapping("Own", labels))
    assert [record.label for record in found.records] == ["class-c"] * 2 + ["class-a"] * 2
    assert found.attributes == {"label": ("Basal cell",) * 2 + ("class-a",) * 2}
    with pytest.raises(ConfigError, match="found none for Basal cell"):
        folder_photos(tmp_path, None, identity("Own", ("class-a", "class-b")))
    with pytest.raises(DatasetError, match="Leave --split out"):
        folder_photos(tmp_path, "test", LabelMapping("Own", labels))


def test_one_split_of_folders_with_other_names(tmp_path):
    write_photo_folder(tmp_path, per_class=2)
    found = folder_photos(tmp_path, "test", identity("Own", ("class-a", "class-b", "class-c")))
    assert {record.file.split("/")[0] for record in found.records} == {"test"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "found: "),
        ("[]", "found list"),
        ('{"name": "X"}', "found no labels"),
        ('{"labels": {"a": "b"}}', "found no name"),
        ('{"name": "X", "labels": {}}', "at least one label"),
        ('{"name": "X", "labels": {"a": 3}}', "no class folder for a"),
        ('{"name": "X", "labels": {"a": "b"}, "colum": "dx"}', "unknown entries colum"),
        ('{"name": "X", "labels": {"a": "b"}, "column": 3}', "no text in column"),
        ('{"name": "X", "labels": {"a": "b"}, "images": "../other"}', "leads out of the photo folder in images"),
        ('{"name": "X", "labels": {"a": "b"}, "table": "/labels.csv"}', "leads out of the photo folder in table"),
    ],
)
def test_mappings_that_are_none(tmp_path, text, message):
    (tmp_path / "mapping.json").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_mapping(tmp_path / "mapping.json")


def test_a_mapping_that_names_an_unknown_class():
    with pytest.raises(ConfigError, match=r"in m.json, found class-b. Correct them; the classes are: class-a"):
        mapping().check(("class-a",), "m.json")


def test_the_mappings_that_ship_name_classes_of_the_atlas():
    files = sorted((ROOT / "assets" / "mappings").glob("*.json"))
    assert [file.name for file in files] == ["pad_ufes_20.json"]
    for file in files:
        found = read_mapping(file)
        found.check([entry.folder for entry in CLASSES], file.name)
        assert found.source
        assert found.license


def test_the_command_line_takes_them_all(source, tmp_path, monkeypatch, capsys):
    from dermnet_core.__main__ import main
    from dermnet_core.artifacts import PREDICTIONS
    from dermnet_core.evaluation.record import Evaluation
    from tests.factories import write_artifact

    write_artifact(tmp_path / "models" / "separable_cnn", "separable_cnn", classes=3)
    monkeypatch.setenv("DERMNET_MODELS_DIR", str(tmp_path / "models"))
    values = {"name": "Elsewhere", "labels": LABELS, "column": "diagnosis", "images": "images", "groups": "patient"}
    (source / "mapping.json").write_text(json.dumps(values))
    words = ["evaluate", str(source), "--model", "separable_cnn", "--mapping", str(source / "mapping.json")]
    labels = ["--labels", str(source / "labels.csv")]
    assert main([*words, *labels, "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "separable_cnn on Elsewhere:" in shown
    assert "n = 5" in shown
    found = Evaluation.load(tmp_path / "out" / PREDICTIONS)
    assert found.views == ("official",)
    assert found.about.split == "outside"
    assert found.attribute("fitzpatrick") == ("2", "", "3", "1", "1")
    assert found.about.command == (
        "python -m dermnet_core evaluate DIR --model separable_cnn --mapping DIR/mapping.json --labels DIR/labels.csv"
    )
    assert main([*words, *labels, "--split", "test"]) == 1
    assert "Expected no --split with a labels file" in capsys.readouterr().err
    (source / "mapping.json").write_text(json.dumps(values | {"labels": LABELS | {"NEV": "warts"}}))
    assert main([*words, *labels]) == 1
    assert "mapping.json, found warts" in capsys.readouterr().err
