import os
import shutil
import unicodedata

import pytest

from dermnet_core.data.listing import list_photos
from dermnet_core.data.synthetic import write_photo_folder
from dermnet_core.errors import DatasetError
from dermnet_core.labels import CLASSES

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "photos"
    write_photo_folder(root, classes=2, per_class=2, size=16)
    return root


def only_problem(root):
    (problem,) = list_photos(root).problems
    return problem


def test_a_folder_in_order_has_no_problems(folder):
    listing = list_photos(folder)
    assert listing.problems == ()
    assert [photo.file for photo in listing.photos] == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg")
    )
    first, path = listing.photos[0], folder / listing.photos[0].file
    assert (first.split, first.label) == ("test", "class-a")
    assert (first.bytes, first.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)


def test_photos_in_subfolders_belong_to_the_class_above(folder):
    shutil.copytree(folder / "train" / "class-b", folder / "train" / "class-a" / "more" / "deep")
    labels = [photo.label for photo in list_photos(folder).photos if photo.split == "train"]
    assert (labels.count("class-a"), labels.count("class-b")) == (4, 2)


def test_a_folder_without_splits(tmp_path):
    write_photo_folder(tmp_path, classes=2, per_class=2, splits=("",))
    listing = list_photos(tmp_path)
    assert ({photo.split for photo in listing.photos}, listing.problems) == ({"all"}, ())


def test_the_digest_changes_with_names_sizes_and_times(folder):
    seen = {list_photos(folder).digest()}
    assert list_photos(folder).digest() in seen
    path = folder / list_photos(folder).photos[0].file
    os.utime(path, ns=(1, 1))
    seen.add(list_photos(folder).digest())
    path.write_bytes(path.read_bytes() + b"\0")
    os.utime(path, ns=(1, 1))
    seen.add(list_photos(folder).digest())
    path.rename(path.with_stem("other"))
    seen.add(list_photos(folder).digest())
    assert len(seen) == 4


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_missing_split(folder, split):
    shutil.rmtree(folder / split)
    assert f"Add {split}" in only_problem(folder)
    assert len(list_photos(folder).photos) == 4


def test_empty_classes_and_classes_in_one_split(folder):
    (folder / "train" / "class-c" / "inside").mkdir(parents=True)
    (folder / "test" / "class-d").mkdir()
    assert list_photos(folder).problems == (
        "Class folders without photos: “test/class-d”, “train/class-c”.",
        "Classes in test without a folder in train: “class-d”.",
        "Classes in train without a folder in test: “class-c”.",
    )


def test_loose_photos_are_named_briefly(folder):
    for name in ("1.jpg", "2.PNG", "3.webp", "4.heic"):
        (folder / "train" / name).write_bytes(b"loose")
    (folder / "5.jpg").write_bytes(b"loose")
    assert "“5.jpg”, “train/1.jpg”, “train/2.PNG” and 2 more" in only_problem(folder)
    assert len(list_photos(folder).photos) == 8


def test_other_files_are_counted_in_one_sentence(folder):
    for name in ("notes.txt", "more.TXT", "README", ".hidden"):
        (folder / "train" / "class-a" / name).touch()
    (folder / "index.csv").touch()
    assert only_problem(folder) == ("5 files are no photo by name and ignored: 1 .csv, 2 .txt, 2 without an ending.")


def test_folders_beside_the_splits_are_ignored(folder):
    shutil.copytree(folder / "train", folder / "valid")
    assert only_problem(folder) == "Folders beside train and test are ignored: “valid”."
    assert len(list_photos(folder).photos) == 8


def test_a_folder_one_level_too_high(folder):
    assert "“photos” holds train or test itself" in only_problem(folder.parent)


@pytest.mark.parametrize(
    ("target", "where"),
    [("..", "back to a folder above"), ("../..", "back to a folder above"), ("../class-b", "to another folder")],
)
def test_links_to_folders_are_not_followed(folder, target, where):
    (folder / "train" / "class-a" / "link").symlink_to(target)
    assert (
        only_problem(folder)
        == f"The link “train/class-a/link” points {where}{' it' * ('back' in where)} and is not followed."
    )
    assert len(list_photos(folder).photos) == 8


def test_a_link_to_a_folder_outside_is_not_followed(folder, tmp_path):
    shutil.copytree(folder / "train", tmp_path / "outside")
    (folder / "train" / "class-c").symlink_to(tmp_path / "outside")
    assert "“train/class-c” points to another folder" in only_problem(folder)


def test_train_may_be_a_link_but_not_to_what_holds_it(folder, tmp_path):
    (folder / "train").rename(tmp_path / "elsewhere")
    (folder / "train").symlink_to(tmp_path / "elsewhere")
    assert len(list_photos(folder).photos) == 8
    (folder / "train").unlink()
    (folder / "train").symlink_to(folder)
    assert {photo.split for photo in list_photos(folder).photos} == {"test"}


def test_broken_links(folder):
    link, loop = (folder / "train" / "class-a" / name for name in ("gone", "self"))
    link.symlink_to("nowhere")
    loop.symlink_to("self")
    (folder / "train" / "class-a" / "gone.jpg").symlink_to("nowhere.jpg")
    listing = list_photos(folder)
    assert listing.problems == (
        "“train/class-a/gone” is a broken link and ignored.",
        "“train/class-a/self” is a broken link and ignored.",
    )
    assert "train/class-a/gone.jpg" in {photo.file for photo in listing.photos}  # so that the reader names it
    assert len(listing.digest()) == 64


def test_pipes_are_never_opened(folder):
    os.mkfifo(folder / "train" / "class-a" / "pipe.jpg")
    assert only_problem(folder) == "Files that are pipes or devices are left out: “train/class-a/pipe.jpg”."


def test_names_that_are_no_text(folder):
    try:
        (folder / "train" / "class-a" / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"latin 1")
        (folder / "train" / os.fsdecode(b"class-\xff")).mkdir()
    except OSError:
        pytest.skip("NOT CHECKED: this file system takes no names that are not UTF-8")
    assert r"“train/class-a/caf\xe9.jpg”, “train/class-\xff”. Rename them." in only_problem(folder)
    assert len(list_photos(folder).photos) == 8


def test_unicode_spellings_of_one_class(folder):
    composed, decomposed = "Névi", unicodedata.normalize("NFD", "Névi")
    shutil.copytree(folder / "train" / "class-a", folder / "train" / decomposed)
    shutil.copytree(folder / "train" / "class-a", folder / "test" / composed)
    listing = list_photos(folder)
    assert listing.problems == ()
    assert {photo.label for photo in listing.photos} == {"class-a", "class-b", composed}
    assert all((folder / photo.file).is_file() for photo in listing.photos)
    shutil.copytree(folder / "train" / "class-b", folder / "train" / composed)
    if len(os.listdir(folder / "train")) == 4:  # a file system that keeps both spellings
        assert "“Névi” in two Unicode spellings (train)" in only_problem(folder)


def test_the_classes_of_the_atlas_are_compared_only_when_it_is_the_atlas(folder):
    names = [entry.folder for entry in CLASSES]
    for split in ("train", "test"):
        (folder / split / "class-a").rename(folder / split / names[0])
    problems = list_photos(folder).problems
    assert "Class folders that are not in the atlas: “class-b”." in problems
    assert any(all(name in problem for name in names[1:]) for problem in problems)
    for split in ("train", "test"):
        shutil.copytree(folder / split / "class-b", folder / split / "class-c")
    assert list_photos(folder).problems == ()


def denied(monkeypatch, refused):
    real = os.scandir

    def scandir(path):
        if str(path) == str(refused):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)


@pytest.mark.parametrize("inside", ["train", "train/class-a"])
def test_a_folder_that_cannot_be_opened(folder, monkeypatch, inside):
    denied(monkeypatch, folder / inside)
    assert any(f"“{inside}” cannot be opened (Permission denied)" in text for text in list_photos(folder).problems)
    assert len(list_photos(folder).photos) == (4 if inside == "train" else 6)


@pytest.mark.skipif(AS_ROOT, reason="NOT CHECKED FOR REAL: root may open every folder")
def test_a_folder_that_really_cannot_be_opened(folder):
    (folder / "train" / "class-a").chmod(0)
    listing = list_photos(folder)
    (folder / "train" / "class-a").chmod(0o700)
    assert any("“train/class-a” cannot be opened (Permission denied)" in text for text in listing.problems)
    assert len(listing.photos) == 6


@pytest.mark.skipif(AS_ROOT, reason="NOT CHECKED FOR REAL: root may look at every file")
def test_a_folder_whose_names_can_be_read_but_no_more(folder):
    (folder / "train" / "class-a").chmod(0o400)
    listing = list_photos(folder)
    (folder / "train" / "class-a").chmod(0o700)
    assert any("cannot be looked at (Permission denied)" in text for text in listing.problems)
    assert len(listing.photos) == 6


def test_a_root_that_cannot_be_opened(folder, monkeypatch):
    denied(monkeypatch, folder)
    with pytest.raises(DatasetError, match="cannot be opened"):
        list_photos(folder)


def test_nothing_but_folders_that_cannot_be_opened(folder, monkeypatch):
    shutil.rmtree(folder / "test")
    denied(monkeypatch, folder / "train")
    with pytest.raises(DatasetError, match="found 1 folder that cannot be opened"):
        list_photos(folder)


def test_a_file_that_vanishes_between_two_looks(folder, monkeypatch):
    real = os.scandir

    class Vanishing:
        def __init__(self, path):
            self.entries = real(path)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.entries.close()

        def __iter__(self):
            for entry in sorted(self.entries, key=lambda entry: entry.name):
                yield entry
                if entry.name == "class-a-train-a-1.jpg":
                    os.unlink(entry.path)

    monkeypatch.setattr(os, "scandir", Vanishing)
    listing = list_photos(folder)
    assert len(listing.photos) == 7
    assert "vanished" in listing.problems[0]
    assert "class-a-train-a-1.jpg" in listing.problems[0]


def test_folders_that_are_no_data_set(tmp_path):
    with pytest.raises(DatasetError, match="found nothing at"):
        list_photos(tmp_path / "missing")
    with pytest.raises(DatasetError, match="found none"):
        list_photos(tmp_path)
    for number in range(12):
        (tmp_path / f"{number}.jpg").touch()
    with pytest.raises(DatasetError, match="found 12 photos but no class folders"):
        list_photos(tmp_path)
    with pytest.raises(DatasetError, match="found a file at"):
        list_photos(tmp_path / "0.jpg")


@pytest.mark.shared
def test_the_real_folder(shared):
    listing = list_photos(shared / "dermnet")
    assert (len(listing.photos), listing.problems) == (11_435, ())
