"""What augmentation does to a photo is computed in a process of its own, from the recipe of the model that ships."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermnet_core.artifacts import ModelRegistry
from dermnet_core.config_json import from_dict
from dermnet_core.data.images import Photo
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.paths import ROOT, SHIPPED_MODELS
from dermnet_core.preview import augmented, recipe
from dermnet_core.training.presets import preset
from tests.factories import random_photos


@pytest.fixture
def photo() -> Photo:
    return Photo(np.asarray(Image.fromarray(random_photos(1, 24)[0]).resize((160, 90))), "PNG")


def test_copies_differ_but_the_seed_decides_which(photo, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first = augmented(photo, "separable_cnn", copies=3, seed=4)
    side = ModelRegistry([SHIPPED_MODELS]).get("separable_cnn").card.image_size
    assert [(copy.shape, copy.dtype) for copy in first] == [((side, side, 3), np.uint8)] * 3
    differences = [np.abs(first[a].astype(int) - first[b]).mean() for a, b in ((0, 1), (1, 2), (0, 2))]
    assert min(differences) > 5
    assert list(tmp_path.iterdir()) == []
    again = augmented(photo, "separable_cnn", copies=3, seed=4)
    np.testing.assert_array_equal(again, first)
    other = augmented(photo, "separable_cnn", copies=3, seed=5)
    assert np.abs(np.stack(other).astype(int) - np.stack(first)).mean() > 5


def test_the_command_lays_the_copies_side_by_side(photo, tmp_path) -> None:
    Image.fromarray(photo.rgb).save(tmp_path / "photo.png")
    out = tmp_path / "new" / "sheet.png"
    command = [sys.executable, "-m", "dermnet_core", "augment", str(tmp_path / "photo.png"), "--model", "mobilenet_v2"]
    command += ["--copies", "5", "--out", str(out), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    side = result["size"]
    assert (result["copies"], result["model"], result["out"]) == (5, "mobilenet_v2", str(out))
    with Image.open(out) as sheet:
        assert sheet.size == (4 * side, 2 * side)
        pixels = np.asarray(sheet)
    assert (pixels[side:, side:] == 255).all(), "the empty places of the last row are white"
    assert pixels[side:, :side].std() > 10


def test_the_recipe_is_the_shipped_models_and_else_the_preset(tmp_path, monkeypatch) -> None:
    card = ModelRegistry([SHIPPED_MODELS]).get("mobilenet_v2").card
    assert recipe("mobilenet_v2") == (from_dict(card.recipe), card.image_size)
    monkeypatch.setattr("dermnet_core.preview.model_dirs", lambda: (tmp_path,))
    best = preset("separable_cnn", "best")
    assert recipe("separable_cnn") == (best, best.model.image_size)


@pytest.mark.parametrize("copies", [0, 65])
def test_another_number_of_copies_is_refused_before_a_process_starts(photo, copies, monkeypatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    with pytest.raises(ConfigError, match=f"1 to 64 copies, found {copies}"):
        augmented(photo, "separable_cnn", copies=copies)


def test_a_process_that_fails_says_why_without_a_traceback(photo, tmp_path: Path, monkeypatch) -> None:
    victim = tmp_path / "python"
    victim.write_text("#!/bin/sh\necho 'Error: Expected more memory, found none.' >&2\nexit 1\n")
    victim.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(victim))
    with pytest.raises(RunError, match=r"preview of augmentation, found .* failed: Expected more memory, found none\."):
        augmented(photo, "separable_cnn")
