"""Small made-up evaluations for tests: random answers, half of them right, in three views and in groups of two."""

import numpy as np

from dermnet_core.evaluation.record import About, Evaluation

CLASSES = ("Acne", "Eczema", "Warts")


def about(**changes) -> About:
    values = {
        "model": "tiny", "title": "Tiny", "architecture": "separable_cnn", "image_size": 64, "temperature": 2.0,
        "abstain_below": 0.4, "train_counts": {"Acne": 3}, "model_sha256": "0" * 64, "photos": "made up, test",
        "split": "test", "fingerprint": "1" * 64, "command": "evaluate DIR", "created": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    return About(**(values | changes))


def evaluation(
    n: int = 40, classes: tuple[str, ...] = CLASSES, seed: int = 0, labelled: int | None = None, **changes
) -> Evaluation:
    """Return n photos whose labels are among the first ``labelled`` classes; ``changes`` are those of ``about``."""
    rng = np.random.default_rng(seed)
    labels = np.random.default_rng(99).integers(0, labelled or len(classes), n)
    return Evaluation(
        about=about(**changes),
        classes=classes,
        files=tuple(f"test/{classes[label]}/é-{i}.jpg" for i, label in enumerate(labels)),
        labels=labels,
        logits=(rng.normal(0, 2, (n, len(classes))) + 2.0 * np.eye(len(classes))[labels]).astype(np.float32),
        masks={"clean": np.arange(n) % 4 > 0, "blocked": np.arange(n) % 2 > 0},
        groups=np.arange(n) // 2,
        attributes={"fitzpatrick": tuple("I" if i % 3 else "" for i in range(n))},
    )
