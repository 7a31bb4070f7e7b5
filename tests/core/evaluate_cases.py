"""What tests of the command ``evaluate`` start from."""

import json

import pytest

from dermnet_core.__main__ import main
from tests.factories import write_artifact


@pytest.fixture
def models(tmp_path, monkeypatch):
    for name in ("separable_cnn", "mobilenet_v2"):
        write_artifact(tmp_path / "models" / name, name, classes=3)
    for name in ("MODELS", "EVALUATIONS", "CACHE"):
        monkeypatch.setenv(f"DERMNET_{name}_DIR", str(tmp_path / name.lower()))
    return tmp_path / "models"


def evaluate(capsys, folder, *arguments, model="separable_cnn"):
    words = ["evaluate", folder, "--model", model, "--json", *arguments]
    status = main([str(word) for word in words])
    output = capsys.readouterr()
    return status, json.loads(output.out) if output.out else None, output.err
