"""Python under another backend of Keras than the tests', in a process of its own."""

import importlib.util
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def jax():
    if importlib.util.find_spec("jax") is None:
        pytest.skip("NOT CHECKED UNDER JAX: expected the package jax (requirements-dev.txt), found none")


def under(backend: str, *arguments, status: int = 0) -> None:
    quick = (
        "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"  # most of the time is compiling
    )
    surroundings = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": quick}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr[-3000:]
