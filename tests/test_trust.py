"""Nothing that a file says is ever run: no pickles, no saved Keras models, weights only after their fingerprint."""

import argparse
import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermnet_core.artifacts import HEAD, LITERT, NOVELTY, WEIGHTS, load_artifact
from dermnet_core.errors import ArtifactError
from dermnet_core.explanation import explain
from dermnet_core.inference import InferenceEngine
from dermnet_core.paths import ROOT
from dermnet_core.training.register import register
from tests.factories import write_artifact

CODE = [path for part in ("dermnet_core", "dermnet_ui", "pages") for path in sorted((ROOT / part).rglob("*.py"))]
RUNS_CODE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "torch", "runpy"}
BUILT_INS = {"eval", "exec", "compile", "__import__"}


def calls(path: Path) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_can_run_what_a_file_says(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {name.name.split(".")[0] for name in node.names} & RUNS_CODE
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in RUNS_CODE
    for call in calls(path):
        assert name_of(call) not in BUILT_INS
        # Keras's own loader of whole models rebuilds layers from what the file says; ours loads weights alone.
        assert not name_of(call).endswith(("saving.load_model", "models.load_model"))
        for keyword in call.keywords:
            if keyword.arg in ("allow_pickle", "safe_mode"):
                assert ast.unparse(keyword.value) == ("False" if keyword.arg == "allow_pickle" else "True")


@pytest.mark.parametrize("name", [LITERT, WEIGHTS, HEAD, NOVELTY])
def test_one_changed_byte_and_no_path_loads_the_model(tmp_path: Path, name: str):
    artifact = write_artifact(tmp_path / "model", "separable_cnn")
    InferenceEngine(artifact)
    data = bytearray((artifact.folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (artifact.folder / name).write_bytes(data)
    photo = tmp_path / "photo.png"
    Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(photo)
    wanted = {"photo": photo, "model": str(artifact.folder), "method": "gradcam++", "class_index": 0}
    for load in (
        lambda: InferenceEngine(load_artifact(artifact.folder)),
        lambda: register(artifact.folder, "copied"),
        lambda: explain(argparse.Namespace(**wanted, out=tmp_path / "map.npy")),
    ):
        with pytest.raises(ArtifactError, match=f"Expected SHA-256 .* for {name}"):
            load()
    assert not (tmp_path / "map.npy").exists()


def test_an_array_that_is_a_pickle_is_refused(tmp_path: Path):
    artifact = write_artifact(tmp_path / "model", "separable_cnn")
    with (artifact.folder / HEAD).open("wb") as stream:
        np.savez(stream, output=np.array([{"any": "object"}], dtype=object), allow_pickle=True)
    from dermnet_core.explain.gradcam import LinearHead

    with pytest.raises(ArtifactError, match="Expected head weights"):
        LinearHead.load(artifact.folder / HEAD)


def test_the_interpreter_keeps_what_it_has_read(tmp_path: Path):
    shutil.copytree(write_artifact(tmp_path / "model", "separable_cnn").folder, tmp_path / "copy")
    engine = InferenceEngine(load_artifact(tmp_path / "copy"))
    before = engine.model.run(np.zeros((1, 64, 64, 3), np.uint8))["logits"]
    (tmp_path / "copy" / LITERT).write_bytes(b"")  # a mapped file would end this process here
    np.testing.assert_array_equal(engine.model.run(np.zeros((1, 64, 64, 3), np.uint8))["logits"], before)
    engine.model.run(np.zeros((3, 64, 64, 3), np.uint8))
