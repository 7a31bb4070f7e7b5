"""Do the models recognise where a photo came from instead of what it shows?

In the data these models were trained on, most photos of Seborrheic Keratoses and Tinea and half of Atopic Dermatitis
came from another source than the rest, already reduced to 224 px. No list says which, but spectra differ a little. Two
checks, on test photos that are no copies of train photos; nothing is chosen by them:

- **by likeness**: a logistic regression on radial power spectra, fitted to train photos of other classes than the one
  that is checked, says how much a photo looks like the other source; recall of the half that looks most like it, beside
  the other half. Content differs between the halves too, so a difference does not prove a shortcut.
- **by intervention**: the same photos once more, with the mean radial spectrum of the other source exchanged for that
  of the rest, or the reverse. Content stays; a model that uses the spectrum changes its answer. The same change with
  its sign turned is the control: it alters a photo as much, but takes it further into its own source.

    python -m benchmarks.source_shortcut DIR [--json]
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.shipped import answer, shipped_models
from dermnet_core.artifacts import Artifact
from dermnet_core.data.images import read_photo_file, squash
from dermnet_core.data.scan import DatasetIndex, ImageRecord, scan
from dermnet_core.data.splits import clean_mask

SIDE, BANDS, RESAMPLES = 224, 40, 1000
OTHER = ("Seborrheic", "Tinea", "Atopic")
"""Classes with photos of the other source; those of Atopic are mixed half and half, so it teaches nothing."""
REST = ("Acne", "Eczema", "Psoriasis", "Warts", "Bullous")
"""Classes that came whole from the first source."""

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]


def main() -> int:
    """Print both checks for both shipped models."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.source_shortcut", description="Source or content?")
    parser.add_argument("data", type=Path, metavar="DIR", help="the photo folder the models were trained on")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    index = scan(options.data)
    report = check(index)
    print(json.dumps(report, indent=2) if options.json else table(report))
    return 0


def check(index: DatasetIndex) -> dict[str, Any]:
    """Return the separation by spectra, and for each model recall by likeness and by intervention."""
    artifacts = shipped_models(index)
    train = [record for record in index.split("train") if begins(record, (*OTHER, *REST))]
    test, clean = index.split("test"), clean_mask(index.split("test"), index.split("train"))
    shown = [record for record, kept in zip(test, clean, strict=True) if kept and begins(record, (*OTHER, *REST))]
    known = np.stack([spectrum(_photo(index.root, record)) for record in train])
    photos = np.stack([_photo(index.root, record) for record in shown])
    spectra = np.stack([spectrum(photo) for photo in photos])
    elsewhere = np.array([begins(record, OTHER[:2]) for record in train])
    rest = np.array([begins(record, REST) for record in train])
    gain = known[elsewhere].mean(axis=0) - known[rest].mean(axis=0)
    likeness = {name: _likeness(name, train, known, spectra) for name in OTHER}
    of_other = np.array([begins(record, OTHER) for record in shown])
    signs = np.where(of_other, -1, 1)
    exchanged, control = (
        np.stack([with_gain(photo, way * sign * gain) for photo, sign in zip(photos, signs, strict=True)])
        for way in (1, -1)
    )
    separated = ~np.array([begins(record, OTHER[2:]) for record in shown])
    return {
        "photos": len(shown),
        "auroc": float(roc_auc_score(of_other[separated], _fitted(train, known, OTHER[:2], spectra)[separated])),
        "gain_db": [float(10 * value / np.log(10)) for value in (gain[0], gain[BANDS // 2], gain[-1])],
        "models": [_model(artifact, shown, (photos, exchanged, control), likeness) for artifact in artifacts],
    }


def begins(record: ImageRecord, names: Sequence[str]) -> bool:
    """Say whether the class of a photo begins with one of the names."""
    return record.label.startswith(tuple(names))


def spectrum(photo: Pixels) -> Floats:
    """Return the logarithm of the mean power of the luma in rings of equal width, (BANDS,)."""
    luma = photo @ np.array([0.299, 0.587, 0.114])
    window = np.hanning(SIDE)
    power = np.abs(np.fft.fft2((luma - luma.mean()) * np.outer(window, window))) ** 2
    ring = _rings()
    return np.log(np.bincount(ring.ravel(), power.ravel(), BANDS) / np.bincount(ring.ravel(), minlength=BANDS) + 1.0)


def with_gain(photo: Pixels, gain: Floats) -> Pixels:
    """Return a photo (SIDE, SIDE, 3) whose rings have exp(gain) times their power; its mean colour stays."""
    factor = np.exp(gain / 2)[_rings()]
    factor[0, 0] = 1.0
    changed = np.fft.ifft2(np.fft.fft2(photo, axes=(0, 1)) * factor[..., None], axes=(0, 1)).real
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)


def table(report: dict[str, Any]) -> str:
    """Return the report in Markdown."""
    lines = [
        f"{report['photos']} clean test photos; spectra tell the sources apart with AUROC {report['auroc']:.2f}. Mean "
        f"power of the other source: {', '.join(f'{value:+.1f}' for value in report['gain_db'])} dB in the lowest, "
        "middle and highest band.",
    ]
    for model in report["models"]:
        lines += [
            "", f"{model['model']}:", "",
            "| class | n | recall, most like the other source | least like it | change, exchange | change, control |",
            "|---|--:|--:|--:|--:|--:|",
        ]  # fmt: skip
        for row in model["rows"]:
            most, least = (f"{100 * value:.1f}" if value is not None else "–" for value in (row["most"], row["least"]))
            changes = " | ".join(map(_points, row["changes"]))
            lines.append(f"| {row['class']} | {row['n']} | {most} | {least} | {changes} |")
        lines.append("")
        for way, altered, called in zip(("exchange", "control"), model["altered"], model["called"], strict=True):
            lines.append(
                f"- The {way} alters {100 * altered:.1f} % of the first answers; photos of the rest that are called "
                f"one of the three: {_points(called)} points."
            )
    return "\n".join(lines)


def _points(change: Sequence[float]) -> str:
    middle, low, high = (f"{100 * value:+.1f}" for value in change)
    return f"{middle} ({low} to {high})"


def _photo(root: Path, record: ImageRecord) -> Pixels:
    return squash(read_photo_file(root / record.file).rgb, SIDE)


def _rings() -> NDArray[np.int64]:
    frequency = np.fft.fftfreq(SIDE)
    radius = np.hypot(frequency[:, None], frequency[None, :])
    return np.minimum((radius * 2 * BANDS).astype(np.int64), BANDS - 1)


def _likeness(name: str, train: Sequence[ImageRecord], known: Floats, spectra: Floats) -> Floats:
    """Return how much each photo looks like the other source, without having seen photos of the class itself."""
    return _fitted(train, known, [other for other in OTHER[:2] if other != name], spectra)


def _fitted(train: Sequence[ImageRecord], known: Floats, others: Sequence[str], spectra: Floats) -> Floats:
    used = np.array([begins(record, (*others, *REST)) for record in train])
    truth = np.array([begins(record, others) for record in train])
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=2000))
    return np.asarray(model.fit(known[used], truth[used]).decision_function(spectra))


def _model(
    artifact: Artifact,
    shown: Sequence[ImageRecord],
    versions: tuple[Pixels, Pixels, Pixels],
    likeness: dict[str, Floats],
) -> dict[str, Any]:
    classes = artifact.card.classes
    labels = np.array([classes.index(record.label) for record in shown])
    before, after, control = (answer(artifact, photos).logits.argmax(axis=1) for photos in versions)
    rng, rows = np.random.default_rng(0), []
    for name in (*OTHER, *REST):
        own = np.array([begins(record, (name,)) for record in shown])
        right = (before == labels)[own]
        most = least = None
        if name in OTHER:
            order = np.argsort(likeness[name][own])
            most, least = float(right[order[len(order) // 2 :]].mean()), float(right[order[: len(order) // 2]].mean())
        changes = [_change(right, (now == labels)[own], rng) for now in (after, control)]
        rows.append({"class": name, "n": int(own.sum()), "most": most, "least": least, "changes": changes})
    three = [number for number, name in enumerate(classes) if name.startswith(OTHER)]
    rest = np.array([begins(record, REST) for record in shown])
    called = [_change(np.isin(before, three)[rest], np.isin(now, three)[rest], rng) for now in (after, control)]
    altered = [float((before != now).mean()) for now in (after, control)]
    return {"model": artifact.card.title, "rows": rows, "altered": altered, "called": called}


def _change(before: NDArray[np.bool_], after: NDArray[np.bool_], rng: np.random.Generator) -> list[float]:
    """Return a mean change with its 95 % bootstrap interval over photos."""
    changes = after.astype(float) - before
    drawn = changes[rng.integers(0, len(changes), (RESAMPLES, len(changes)))].mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return [float(changes.mean()), float(low), float(high)]


if __name__ == "__main__":
    sys.exit(main())
