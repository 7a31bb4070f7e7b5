"""A short run of the fuzzer: what a hostile visitor sends is answered or refused, and costs nobody else anything.

The long one is ``python -m benchmarks.fuzz``.
"""

import io
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import hostile
from benchmarks.fuzz import CAP_MB, fuzz, leaks
from dermnet_core.data import images
from dermnet_core.data.images import read_photo
from dermnet_core.data.sniffing import jpeg_scans
from dermnet_core.errors import ImageError

FILES = 10 * len(hostile.SPECIAL)


def test_hundreds_of_hostile_files_are_answered_or_refused(tmp_path: Path):
    assert len(hostile.SPECIAL) < hostile.LARGE_EVERY // hostile.SPECIAL_EVERY  # all of them, and no large photo
    outcome = fuzz(seed=1, first=1, files=FILES, keep=tmp_path)
    assert outcome.faults == []
    assert outcome.files == FILES
    assert outcome.answered > FILES // 10
    assert outcome.answered + sum(outcome.refused.values()) == FILES
    assert outcome.saved > 3
    assert outcome.most_mb < CAP_MB


def test_a_crash_is_seen_kept_and_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def dying(seed: int, first: int, files: int) -> list[str]:
        crash = f"import os; print('{{\"begun\": {first}}}', flush=True); os.abort()"
        return [sys.executable, "-c", crash]

    monkeypatch.setattr("benchmarks.fuzz._command", dying)
    outcome = fuzz(seed=1, first=7, files=2, keep=tmp_path / "kept")
    assert [fault.partition(" (")[0] for fault in outcome.faults] == ["file 7", "file 8"]
    assert all("ended the process with status -6" in fault for fault in outcome.faults)
    assert (tmp_path / "kept" / "seed-1-file-7.bin").read_bytes() == hostile.hostile_file(1, 7).data


def test_the_same_number_gives_the_same_bytes():
    assert hostile.hostile_file(3, 11) == hostile.hostile_file(3, 11)
    assert hostile.hostile_file(3, 11).data != hostile.hostile_file(4, 11).data


def test_every_sound_file_of_the_corpus_is_read():
    for name, data in hostile.sound_files():
        assert read_photo(data).rgb.shape[2] == 3, name


def test_leaks_are_found():
    assert leaks([f"<p>{hostile.SECRET}</p>".encode()])
    assert leaks([hostile.encode(hostile.noise(), "JPEG", exif=hostile.exif(6))])
    assert leaks([hostile.encode(hostile.noise(), "JPEG", icc_profile=hostile.profile(5000))])
    assert not leaks([hostile.encode(hostile.noise(), "JPEG"), hostile.encode(hostile.noise(), "PNG"), b"<p>plain</p>"])


def test_passes_over_the_pixels_are_counted_without_previews():
    assert jpeg_scans(hostile.encode(hostile.noise(), "JPEG")) == 1
    assert jpeg_scans(hostile.encode(hostile.noise(), "JPEG", progressive=True)) == 10
    preview = hostile.encode(hostile.noise(), "JPEG", progressive=True)
    assert jpeg_scans(hostile.encode(hostile.noise(), "JPEG", exif=b"Exif\0\0" + preview)) == 1
    for cut in (2, 5, 700):
        assert jpeg_scans(preview[:cut]) <= 10


def test_a_jpeg_of_thousands_of_passes_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch):
    data = hostile.SPECIAL["JPEG with 3,000 scans"]()
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(ImageError, match=r"at most 64 passes over its pixels, found 3,010"):
        read_photo(data)


def test_large_photos_take_turns_and_hold_up_no_small_one():
    large = io.BytesIO()
    Image.new("RGB", (3000, 2000)).save(large, "PNG")
    done = threading.Event()

    def read_large() -> None:
        read_photo(large.getvalue())
        done.set()

    with images._LARGE_LOCK:
        waiting = threading.Thread(target=read_large)
        waiting.start()
        assert read_photo(hostile.encode(hostile.noise(), "PNG")).rgb.shape == (72, 96, 3)
        phone = hostile.encode(Image.new("RGB", (4032, 3024)), "JPEG")
        assert read_photo(phone).rgb.shape == (756, 1008, 3)
        assert not done.wait(0.3)
    waiting.join(20)
    assert done.is_set()


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "RGB", "I;16", "1"])
def test_a_photo_shrunk_in_strips_is_the_photo_shrunk_at_once(mode: str):
    image = hostile.noise(1310, 1300).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(images.np.asarray(image).astype(images.np.uint16) * 257)
    if mode == "RGBA":
        image.putalpha(hostile.noise(1310, 1300, seed=1).convert("L"))
    assert images.np.array_equal(images._shrink(image), images._to_8_bit(image).reduce(2))
