"""Steps of training with Keras's batch normalisation and with ours, which uses TensorFlow's fused kernel.

Both networks of the product on noise, batches of 32, all layers; the sides take turns in one process, and the ratio is
the median over the rounds.

    python -m benchmarks.normalization [--size 160] [--rounds 5] [--json]
"""

import argparse
import json
import statistics
import sys
import time
from typing import Any
from unittest.mock import patch

_STEPS, _BATCH = 4, 32


def main() -> int:
    """Print the table; return 1 when ours is not faster."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.normalization", description="Batch normalisation.")
    parser.add_argument("--size", type=int, default=160, help="side of the photos, px (160)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    rows = [measured(name, options) for name in ("separable_cnn", "mobilenet_v2")]
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        print(f"batches of {_BATCH}, {options.size} px, {options.rounds} rounds\n")
        print("| network | Keras's, photos a second | ours | times faster |\n|---|--:|--:|--:|")
        for row in rows:
            print(f"| {row['network']} | {row['keras']:.0f} | {row['ours']:.0f} | {row['ratio']:.2f} |")
    return int(any(row["ratio"] <= 1.0 for row in rows))


def measured(name: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Return the photos a second of both sides and the median of their ratios."""
    from keras import layers

    from dermnet_core.models.normalization import BatchNormalization

    sides = {"ours": _trainer(name, options.size)}
    with patch.object(BatchNormalization, "call", layers.BatchNormalization.call):
        sides["keras"] = _trainer(name, options.size)  # traced now, so that it stays as it is
    times: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(options.rounds):
        for side, train in sides.items():
            begun = time.perf_counter()
            train()
            times[side].append(time.perf_counter() - begun)
    ratios = [plain / ours for plain, ours in zip(times["keras"], times["ours"], strict=True)]
    speeds = {side: _STEPS * _BATCH / statistics.median(seconds) for side, seconds in times.items()}
    return {"network": name, **speeds, "ratio": statistics.median(ratios)}


def _trainer(name: Any, size: int) -> Any:
    """Return a function that trains a few steps; it was called once."""
    import numpy as np
    import tensorflow as tf

    from dermnet_core.models.zoo import build_model
    from dermnet_core.training.fit import compile_stage
    from dermnet_core.training.presets import preset

    config = preset(name, "best")
    model = build_model(config.model, size, pretrained=False)
    compile_stage(model, config.stages[0], _STEPS, config.model.classes)
    random = np.random.default_rng(0)
    photos = random.uniform(0, 255, (_BATCH, size, size, 3)).astype(np.float32)
    labels = np.eye(config.model.classes, dtype=np.float32)[random.integers(0, config.model.classes, _BATCH)]
    batches = tf.data.Dataset.from_tensors((photos, labels)).repeat(_STEPS)

    def train() -> None:
        model.fit(batches, verbose=0, shuffle=False)

    train()
    return train


if __name__ == "__main__":
    sys.exit(main())
