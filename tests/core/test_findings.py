import pytest

from dermnet_core.data.facts import NearPair, Suspect, Unreadable
from dermnet_core.data.findings import FINDINGS, across, conflicts, copy_groups, findings, leaked, near_groups
from dermnet_core.data.report import DatasetReport
from dermnet_core.data.scan import scan
from tests.core.facts_rows import facts
from tests.ui.dataset_cases import make_summary

PHOTOS = tuple(
    facts(file, content)
    for file, content in (
        ("test/a/leaked-1.jpg", "one"),
        ("train/a/leaked-2.jpg", "one"),
        ("test/a/elsewhere-1.jpg", "two"),
        ("train/b/elsewhere-1.jpg", "two"),
        ("train/a/twice-1.jpg", "three"),
        ("train/a/twice-2.jpg", "three"),
        ("train/a/alone-1.jpg", "four"),
        ("train/a/near-1.jpg", "five"),
        ("test/a/near-2.jpg", "six"),
        ("train/b/near-3.jpg", "seven"),
        ("train/b/near-4.jpg", "eight"),
    )
)
NEAR = (
    NearPair("train/a/near-1.jpg", "test/a/near-2.jpg", "crop", 0.95),
    NearPair("train/b/near-3.jpg", "train/b/near-4.jpg", "copy", 0.99),
)


def report(photos=PHOTOS, near=NEAR, suspects=(), unreadable=()) -> DatasetReport:
    return DatasetReport(make_summary({}), "", tuple(photos), near, suspects, unreadable)


def groups(found) -> list[list[str]]:
    return [[photo.file for photo in group] for group in found]


def test_byte_copies_are_grouped():
    copies = copy_groups(PHOTOS)
    assert len(copies) == 3
    assert groups(conflicts(copies)) == [["test/a/elsewhere-1.jpg", "train/b/elsewhere-1.jpg"]]
    assert len(across(copies)) == 2
    assert [photo.file for photo in leaked(copies)] == ["test/a/elsewhere-1.jpg", "test/a/leaked-1.jpg"]


def test_near_groups_join_chains_and_bring_byte_copies_along():
    copy = facts("train/c/copy-1.jpg", "five")
    chain = (*NEAR, NearPair("test/a/near-2.jpg", "train/a/alone-1.jpg", "copy", 0.9))
    [first, second] = groups(near_groups((*PHOTOS, copy), chain))
    assert set(first) == {"train/a/near-1.jpg", "test/a/near-2.jpg", "train/a/alone-1.jpg", "train/c/copy-1.jpg"}
    assert set(second) == {"train/b/near-3.jpg", "train/b/near-4.jpg"}


def test_findings_worst_first_with_notes():
    found = {finding.key: finding for finding in findings(report())}
    assert list(found) == ["leaked", "conflicting", "near-across", "copies", "near-inside"]
    assert found["leaked"].notes == ("a in test, but b in train", "a")
    assert found["conflicting"].notes == ("a and b",)
    assert found["copies"].groups == (("train/a/twice-1.jpg", "train/a/twice-2.jpg"),)
    assert found["near-across"].groups == (("train/a/near-1.jpg", "test/a/near-2.jpg"),)
    assert all(len(finding.groups) == len(finding.notes) for finding in found.values())


def test_single_files_are_findings_too():
    odd = [
        facts("train/a/dark-1.jpg", brightness=10.0),
        facts("train/a/light-1.jpg", brightness=230.0),
        facts("train/a/blurred-1.jpg", sharpness=2.0),
        facts("train/a/tiny-1.jpg", width=50),
    ]
    whole = report(
        odd,
        (),
        (Suspect("train/a/tiny-1.jpg", "mostly green", 9.0),),
        (Unreadable("train/a/x.jpg", "train", "a", "Bad."),),
    )
    found = {finding.key: finding for finding in findings(whole)}
    assert list(found) == ["unreadable", "suspects", "blurred", "dark", "overexposed", "small"]
    assert found["unreadable"].notes == ("Bad.",)
    assert found["dark"].groups == (("train/a/dark-1.jpg",),)


def test_a_flawless_folder_has_no_findings():
    assert findings(report([facts("train/a/x-1.jpg")], ())) == ()
    assert set(FINDINGS) >= {"leaked", "conflicting"}


@pytest.mark.shared
def test_facts_of_the_real_folder(shared):
    records = scan(shared / "dermnet").records
    photos = [facts(record.file, record.sha256) for record in records]
    copies = copy_groups(photos)
    assert len(photos) == 11_435
    assert len({photo.sha256 for photo in photos}) == 10_561
    assert (len(copies), len(conflicts(copies))) == (832, 379)
    assert len(leaked(copies)) == 359
    train = {(photo.sha256, photo.label) for photo in photos if photo.split == "train"}
    assert sum((photo.sha256, photo.label) not in train for photo in leaked(copies)) == 91
