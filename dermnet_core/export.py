"""Turn Keras models into LiteRT files and weights into files of half the size."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import keras
import numpy as np
import tensorflow as tf

from dermnet_core.errors import RunError
from dermnet_core.explain.gradcam import LinearHead
from dermnet_core.models.normalization import BatchNormalization
from dermnet_core.paths import ROOT


def export_litert(model: keras.Model, outputs: dict[str, keras.KerasTensor], path: Path) -> None:
    """Write a float32 LiteRT file: input ``photo`` float32 (1, h, w, c), resizable in n, and the named outputs."""
    graph = keras.Model(model.input, outputs)
    if keras.backend.backend() != "tensorflow":
        _in_tensorflow(graph, path)  # what other backends trace, LiteRT's converter refuses
        return
    signature = tf.TensorSpec((1, *model.input.shape[1:]), tf.float32, name="photo")

    # Weights and one function alone: keras.export writes every layer down as well, which takes four times as long.
    serving = tf.Module()
    serving.weights = [weight.value for weight in graph.weights]
    serving.answer = tf.function(lambda photo: graph(photo, training=False), input_signature=[signature])
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(serving, folder, signatures=serving.answer.get_concrete_function())
        converted = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(converted)
    temporary.replace(path)


def convert_frozen(model: keras.Model, path: Path) -> None:
    """Write a float32 LiteRT file of a model with one output, without signatures: in a quarter of the time."""
    if keras.backend.backend() != "tensorflow":
        export_litert(model, {"output": model.output}, path)
        return
    signature = tf.TensorSpec((1, *model.input.shape[1:]), tf.float32)
    answer = tf.function(lambda photo: model(photo, training=False), input_signature=[signature])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([answer.get_concrete_function()], model)
    converter.experimental_lower_to_saved_model = False  # only signatures need the detour, which takes seconds
    path.write_bytes(converter.convert())


def _in_tensorflow(graph: keras.Model, path: Path) -> None:
    """Convert a network in a process whose Keras runs on TensorFlow.

    Raises:
        RunError: the process failed.
    """
    with tempfile.TemporaryDirectory(prefix="dermnet-") as folder:
        architecture, weights = Path(folder) / "graph.json", Path(folder) / "graph.weights.h5"
        architecture.write_text(graph.to_json(), encoding="utf-8")
        graph.save_weights(weights)
        command = [sys.executable, "-m", "dermnet_core.export", str(architecture), str(weights), str(path)]
        surroundings = os.environ | {"KERAS_BACKEND": "tensorflow"}
        done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RunError(f"Expected TensorFlow to convert {graph.name} to LiteRT, found: {reason}")


def _convert(architecture: Path, weights: Path, path: Path) -> None:
    """Convert a network that another backend wrote down."""
    ours = {"BatchNormalization": BatchNormalization}
    graph = keras.models.model_from_json(architecture.read_text(encoding="utf-8"), custom_objects=ours)
    graph.load_weights(weights)
    export_litert(graph, graph.output, path)


def serving_outputs(model: keras.Model) -> dict[str, keras.KerasTensor]:
    """Return what serving needs of a model: the last feature map, the hidden layer if there is one, and the logits."""
    names = [layer.name for layer in model.layers]
    wanted = [name for name in ("features", "hidden", "logits") if name in names]
    return {name: model.get_layer(name).output for name in wanted}


def linear_head(model: keras.Model) -> LinearHead:
    """Return the weights between pooled features and logits."""
    names = [layer.name for layer in model.layers]
    output = np.asarray(model.get_layer("logits").kernel, dtype=np.float32)
    hidden = np.asarray(model.get_layer("hidden").kernel, dtype=np.float32) if "hidden" in names else None
    return LinearHead(output, hidden)


def round_weights(model: keras.Model) -> None:
    """Round every kernel to what float16 can hold, so that stored weights and LiteRT file are the same model."""
    for variable in model.weights:
        if len(variable.shape) > 1:
            variable.assign(np.asarray(variable).astype(np.float16).astype(np.float32))


def save_weights(model: keras.Model, path: Path) -> None:
    """Write Keras weights with kernels as float16, after ``round_weights`` without any loss, at half the size."""
    temporary = path.with_name(f"unfinished.{path.name}")
    model.save_weights(temporary)
    with h5py.File(temporary, "r") as source, h5py.File(path, "w") as target:
        _copy_compact(source, target)
    temporary.unlink()


def _copy_compact(source: h5py.Group, target: h5py.Group) -> None:
    target.attrs.update(source.attrs)
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy_compact(item, target.create_group(name))
        else:
            values = item[()]
            target.create_dataset(name, data=values.astype(np.float16) if values.ndim > 1 else values)


if __name__ == "__main__":
    _convert(*(Path(argument) for argument in sys.argv[1:]))
