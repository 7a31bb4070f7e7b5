"""Run a LiteRT file in batches; the one place that knows the interpreter. No TensorFlow."""

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.i18n import N_

FloatArray = NDArray[np.float32]


class LiteRTModel:
    """A loaded LiteRT file with one input and named outputs. Not safe for use from several threads at once."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        self.path = path
        try:
            # From memory: a file that the interpreter maps itself would take the whole server down (a bus error) when
            # somebody shortens or replaces it on the disk.
            self._interpreter = Interpreter(model_content=path.read_bytes(), num_threads=threads)
            self._interpreter.allocate_tensors()
            named = self._interpreter.get_signature_list() and self._interpreter.get_signature_runner()
        except (OSError, ValueError, RuntimeError) as error:
            message = N_("Expected a LiteRT model in {path}, found: {reason}. Restore the file.")
            raise ArtifactError(message.format(path=path, reason=error)) from error
        self._input: dict[str, Any] = self._interpreter.get_input_details()[0]
        # By name, because the interpreter lists outputs in an order of its own; a file without names has but one.
        details = named.get_output_details() if named else {"output": self._interpreter.get_output_details()[0]}
        self._outputs = {name: int(detail["index"]) for name, detail in details.items()}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Height, width and channels of the input."""
        return tuple(int(side) for side in self._input["shape"][1:])

    def run(self, batch: NDArray[Any]) -> dict[str, FloatArray]:
        """Return every output for a batch (n, h, w, c) of any n; numbers are taken as float32."""
        index = self._input["index"]
        if int(self._interpreter.get_tensor_details()[index]["shape"][0]) != len(batch):
            self._interpreter.resize_tensor_input(index, list(batch.shape))
            self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(index, np.ascontiguousarray(batch, dtype=np.float32))
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(output) for name, output in self._outputs.items()}
