"""What stands in English in a report is told in the visitor's language, with its values; the rest stays as it is."""

import os

import pytest

from dermnet_core import i18n
from dermnet_core.data.findings import findings
from dermnet_core.data.listing import list_photos
from dermnet_core.data.report_html import report_html
from dermnet_core.data.synthetic import write_photo_folder
from tests.ui.dataset_cases import plant_defects, small_report


@pytest.fixture
def turkish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "own-atlas"
    write_photo_folder(root)
    plant_defects(root)
    for number in range(1200):
        (root / f"{number}.txt").touch()
    (root / "README").touch()
    for name in ("1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"):
        (root / name).touch()
    return root


def test_english_stays_as_it_is():
    assert i18n.retold("Class folders without photos: “a”.") == "Class folders without photos: “a”."


@pytest.mark.usefixtures("turkish")
@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("Class folders without photos: “a”.", "Fotoğrafsız sınıf klasörleri: “a”."),
        ("mostly blue, 3 % in the tones of skin", "çoğunlukla mavi, ten renklerinde: %3"),
        ("1 file is no photo by name and ignored: 1 .c.", "1 dosya, adına göre fotoğraf değil ve yok sayıldı: 1 .c."),
        ("1,234.5", "1.234,5"),
        ("Nobody marked this one, 1,234 times.", "Nobody marked this one, 1,234 times."),
        ("train", "train"),  # a folder, not the split
        ("{n} % s", "{n} % s"),
    ],
)  # fmt: skip
def test_sentences_and_numbers(english, told):
    assert i18n.retold(english) == told


def test_every_problem_of_a_folder(folder, turkish, monkeypatch):
    (folder / "train" / "class-a" / "link").symlink_to("..")
    with monkeypatch.context() as patch:
        patch.setattr(i18n, "_asked", lambda: i18n.SOURCE)
        english = list_photos(folder).problems
    turkish_problems = list_photos(folder).problems
    assert sorted(map(i18n.retold, english)) == sorted(turkish_problems)
    assert any("1.200 .txt, uzantısız 1" in problem for problem in turkish_problems)
    assert any("“1.jpg”, “2.jpg”, “3.jpg” ve 2 tane daha" in problem for problem in turkish_problems)
    assert not set(english) & set(turkish_problems)


def test_a_report_is_kept_in_english_and_shown_in_turkish(folder, monkeypatch):
    report = small_report(folder)
    monkeypatch.setattr(i18n, "_asked", lambda: "tr")
    assert any("are no photo by name" in problem for problem in report.to_json()["summary"]["problems"])
    found = {finding.key: finding for finding in findings(report)}
    assert found["leaked"].title == "Eğitimde de bulunan test fotoğrafları"
    assert "112 pikselden" in found["small"].meaning
    assert "JPEG" in found["unreadable"].notes[0]
    assert "Expected" not in found["unreadable"].notes[0]
    page = report_html(report)
    assert '<html lang="tr">' in page
    assert "uzantısız 1" in page
    assert os.path.basename(folder) in page
    for words in ("photos", "Photos", "groups", "median"):
        assert words not in page
