"""A generated folder with planted defects, from files to findings: how many are found, and how many false alarms."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermnet_core.data.findings import findings
from dermnet_core.data.report import DatasetReport
from tests.ui.dataset_cases import small_report

SIDE, PHOTOS, PLANTED = 160, 90, 15


def texture(seed: int) -> Image.Image:
    """Noise with the spectrum of natural pictures, in the colours of skin."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    spectrum = np.fft.rfft2(rng.normal(size=(SIDE, SIDE))) / np.maximum(frequency, 1 / SIDE) ** 1.2
    grey = np.fft.irfft2(spectrum, (SIDE, SIDE))
    luma = 130 + 40 * (grey - grey.mean()) / grey.std()
    colour = luma[..., None] * np.array([1.25, 0.95, 0.8])
    return Image.fromarray(np.uint8(colour.clip(0, 255)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 90 photos of two classes, and 15 each of byte copies, re-encodes, crops and mirror images of them."""
    root = tmp_path_factory.mktemp("planted")
    for name in ("train/a", "train/b", "test/a", "test/b"):
        (root / name).mkdir(parents=True)
    for n in range(PHOTOS):
        image = texture(n)
        path = root / "train" / "ab"[n % 2] / f"original-{3 * n}.jpg"
        image.save(path, quality=92)
        same, other = "ab"[n % 2], "ba"[n % 2]
        kind, number = divmod(n, PLANTED)
        if kind == 0:
            (root / "test" / same / f"copy-{number}.jpg").write_bytes(path.read_bytes())
        elif kind == 1:
            (root / "train" / other / f"wrong-{number}.jpg").write_bytes(path.read_bytes())
        elif kind == 2:
            image.resize((110, 140)).save(root / "test" / other / f"encoded-{number}.jpg", quality=40)
        elif kind == 3:
            image.crop((8, 5, 150, 148)).save(root / "test" / same / f"crop-{number}.jpg", quality=80)
        elif kind == 4:
            image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / "train" / same / f"mirror-{number}.jpg")
    return root


@pytest.fixture(scope="module")
def report(folder: Path) -> DatasetReport:
    return small_report(folder)


def test_every_byte_copy_is_found_and_told_from_a_wrong_label(report: DatasetReport):
    found = {finding.key: finding for finding in findings(report)}
    assert len(found["leaked"].groups) == PLANTED
    assert all(any("/copy-" in file for file in group) for group in found["leaked"].groups)
    assert len(found["conflicting"].groups) == PLANTED
    assert all(any("/wrong-" in file for file in group) for group in found["conflicting"].groups)
    assert (report.summary.leaked_test, report.summary.conflicting_groups) == (PLANTED, PLANTED)


@pytest.mark.parametrize(
    ("name", "kind", "least"), [("encoded", "copy", 14), ("crop", "crop", 13), ("mirror", "mirrored", 14)]
)
def test_near_duplicates_of_each_kind_are_found(report: DatasetReport, name: str, kind: str, least: int):
    pairs = [pair for pair in report.near if f"/{name}-" in pair.first or f"/{name}-" in pair.second]
    assert least <= len(pairs) <= PLANTED
    assert [pair.kind for pair in pairs].count(kind) >= len(pairs) - 1


def test_nothing_that_was_not_planted_is_called_a_near_duplicate(report: DatasetReport):
    planted = ("/encoded-", "/crop-", "/mirror-")
    assert [pair for pair in report.near if not any(name in pair.first + pair.second for name in planted)] == []
    assert all("/original-" in pair.first + pair.second for pair in report.near)


def test_leaks_and_wrong_labels_among_near_duplicates_are_told(report: DatasetReport):
    found = {finding.key: finding for finding in findings(report)}
    across = [file for group in found["near-across"].groups for file in group]
    assert sum("/encoded-" in file or "/crop-" in file for file in across) >= 27
    assert sum("/encoded-" in file for group in found["near-conflicting"].groups for file in group) >= 14
