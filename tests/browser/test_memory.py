"""The whole server, not only the engine, stays small enough for a free host."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from dermnet_core.data.drawings import example_drawings

MOST_MB = 300

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="NOT CHECKED: peak memory is read from /proc, as Linux has it"),
]


def peak_mb(address: str) -> float:
    """Return the most memory that the server at an address has held, in MB."""
    port = f"--server.port={urlsplit(address).port}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        if port in (process / "cmdline").read_bytes().split(b"\0"):
            line = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM:"))
            return int(line.split()[1]) * 1024 / 1e6
    pytest.fail(f"Expected the server of {address} among the processes, found none")


def test_answering_small_and_large_photos_takes_little_memory(app_server: str, browser_page: Page, tmp_path: Path):
    drawing = Image.fromarray(example_drawings()[0].rgb)
    drawing.save(tmp_path / "small.jpg")
    phone = np.asarray(drawing.resize((4032, 3024)), dtype=np.int16)
    noise = np.random.default_rng(0).integers(-8, 9, phone.shape, dtype=np.int16)
    Image.fromarray((phone + noise).clip(0, 255).astype(np.uint8)).save(tmp_path / "phone.jpg", quality=90)
    browser_page.goto(app_server)
    browser_page.locator("input[type=file]").set_input_files([tmp_path / "small.jpg", tmp_path / "phone.jpg"])
    expect(browser_page.locator("ol.dn-ranking")).to_have_count(2, timeout=30_000)
    expect(browser_page.get_by_role("img", name="phone.jpg")).to_be_visible()
    peak = peak_mb(app_server)
    assert peak < MOST_MB
    print(f"Peak memory of the server: {peak:.0f} MB")
