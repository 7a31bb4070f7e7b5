"""Convolutions that XLA compiles and runs quickly on a GPU: matrix products and sums of shifted maps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import keras.src.backend.jax.nn as backend
from jax import numpy as jnp


@contextmanager
def plain_convolutions() -> Iterator[None]:
    """Let Keras on JAX, inside the block, make convolutions over (n, h, w, c) of simpler operations.

    The results are the same up to rounding. The library that XLA calls for convolutions has no quick gradients of
    depthwise ones: the separable CNN did not get through one epoch on a GPU in minutes. What is traced in the block
    stays so.
    """
    former = backend.conv, backend.depthwise_conv
    backend.conv, backend.depthwise_conv = _conv, _depthwise_conv
    try:
        yield
    finally:
        backend.conv, backend.depthwise_conv = former


def _check(inputs: Any, channels: int, data_format: Any, dilation_rate: Any) -> None:
    plain = data_format in (None, "channels_last") and dilation_rate in (1, (1, 1)) and channels == inputs.shape[-1]
    if not plain:
        raise NotImplementedError("Expected a convolution over (n, h, w, c) without dilation or groups.")


def _conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1
) -> Any:
    kernel = keras.ops.convert_to_tensor(kernel)
    inputs = keras.ops.convert_to_tensor(inputs, dtype=kernel.dtype)
    _check(inputs, kernel.shape[2], data_format, dilation_rate)
    shifted = list(_shifted(inputs, kernel.shape[:2], strides, padding))
    flat = shifted[0] if len(shifted) == 1 else jnp.concatenate(shifted, axis=-1)
    return jnp.einsum("nhwi,io->nhwo", flat, kernel.reshape(-1, kernel.shape[-1]))


def _depthwise_conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1
) -> Any:
    kernel = keras.ops.convert_to_tensor(kernel)
    inputs = keras.ops.convert_to_tensor(inputs, dtype=kernel.dtype)
    height, width, channels, multiplier = kernel.shape
    _check(inputs, channels, data_format, dilation_rate)
    weights = kernel.reshape(height * width, channels, multiplier)
    shifted = _shifted(inputs, (height, width), strides, padding)
    total = sum(part[..., None] * weight for part, weight in zip(shifted, weights, strict=True))
    return total.reshape(*total.shape[:3], channels * multiplier)


def _shifted(inputs: Any, kernel: tuple[int, int], strides: Any, padding: str) -> Iterator[Any]:
    """Give what each place of a kernel sees, row by row, (n, h, w, c)."""
    steps = (strides, strides) if isinstance(strides, int) else tuple(strides)
    sides = inputs.shape[1:3]
    if padding == "same":
        found = [-(-side // step) for side, step in zip(sides, steps, strict=True)]
        lacking = [
            max(0, (n - 1) * step + size - side)
            for n, step, size, side in zip(found, steps, kernel, sides, strict=True)
        ]
        inputs = jnp.pad(inputs, ((0, 0), *((lack // 2, lack - lack // 2) for lack in lacking), (0, 0)))
    else:
        found = [(side - size) // step + 1 for side, step, size in zip(sides, steps, kernel, strict=True)]
    (rows, columns), (down, across) = found, steps
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            yield inputs[:, i : i + (rows - 1) * down + 1 : down, j : j + (columns - 1) * across + 1 : across]
