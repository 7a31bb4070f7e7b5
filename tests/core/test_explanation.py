"""Another method is computed in a process of its own, whose failures are told in words."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermnet_core.artifacts import WEIGHTS, load_artifact, write_card
from dermnet_core.config_json import from_dict
from dermnet_core.data.images import Photo, squash
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.explain.methods import compute
from dermnet_core.explanation import explain_with
from dermnet_core.inference import InferenceEngine
from dermnet_core.models.zoo import load_model
from dermnet_core.paths import ROOT
from tests.factories import random_photos


@pytest.fixture
def photo() -> Photo:
    return Photo(np.asarray(Image.fromarray(random_photos(1, 120)[0]).resize((160, 90))), "PNG")


def test_the_process_returns_the_map_and_leaves_nothing_behind(tiny_artifact, photo, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    model = load_model(from_dict(tiny_artifact.card.recipe).model, tiny_artifact.path(WEIGHTS))
    expected = compute(model, squash(photo.rgb, 64), 3, "gradcam++")
    found = explain_with(tiny_artifact, photo, 3, "gradcam++")
    np.testing.assert_allclose(found.values, expected.values, atol=1e-4)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_command_draws_the_models_first_class_on_the_photo(tiny_artifact, photo, tmp_path) -> None:
    Image.fromarray(photo.rgb).save(tmp_path / "photo.png")
    folder, out = tiny_artifact.folder, tmp_path / "maps" / "map.png"
    command = [sys.executable, "-m", "dermnet_core", "explain", str(tmp_path / "photo.png"), "--model", str(folder)]
    command += ["--method", "scorecam", "--out", str(out), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["class"] == InferenceEngine(tiny_artifact).predict(photo).ranked(1)[0].label
    assert result["out"] == str(out)
    with Image.open(out) as drawn:
        assert drawn.size == (160, 90)
        assert np.abs(np.asarray(drawn, dtype=int) - photo.rgb).max() > 20


def test_the_command_refuses_another_ending_before_it_starts(tiny_artifact, photo, tmp_path) -> None:
    Image.fromarray(photo.rgb).save(tmp_path / "photo.png")
    command = [sys.executable, "-m", "dermnet_core", "explain", str(tmp_path / "photo.png"), "--method", "saliency"]
    command += ["--model", str(tiny_artifact.folder), "--out", str(tmp_path / "map.gif")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: Expected --out to end in .npy or .png, found map.gif. Rename it.\n"


def test_what_is_not_there_is_refused_before_a_process_starts(tiny_artifact, photo, monkeypatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    with pytest.raises(ConfigError, match="found 'lime'"):
        explain_with(tiny_artifact, photo, 0, "lime")
    for index in (-1, 5):
        with pytest.raises(ConfigError, match=f"from 0 to 4, found {index}"):
            explain_with(tiny_artifact, photo, index, "saliency")


def test_a_process_that_fails_says_why(tiny_artifact, photo) -> None:
    tiny_artifact.path(WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(RunError, match=r"Expected Saliency, found .* failed: Expected SHA-256"):
        explain_with(tiny_artifact, photo, 0, "saliency")
    write_card(tiny_artifact.folder, tiny_artifact.card)  # somebody who signs what does not fit gets no further
    with pytest.raises(RunError, match=r"found .* failed: Expected weights of separable_cnn") as raised:
        explain_with(load_artifact(tiny_artifact.folder), photo, 0, "saliency")
    assert "Traceback" not in str(raised.value)


def test_a_process_that_takes_too_long_is_stopped(tiny_artifact, photo) -> None:
    with pytest.raises(RunError, match="within 0 seconds, found it still at work"):
        explain_with(tiny_artifact, photo, 0, "saliency", timeout=0.05)


def test_a_process_that_is_killed_is_told_in_words(tiny_artifact, photo, tmp_path: Path, monkeypatch) -> None:
    victim = tmp_path / "python"
    victim.write_text("#!/bin/sh\nkill -9 $$\n")
    victim.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(victim))
    with pytest.raises(RunError, match=r"signal 9.*lack of memory.*try again"):
        explain_with(tiny_artifact, photo, 0, "saliency")
