"""How unlike the training photos a photo is, from the pooled features of a network.

The distance has two parts: Mahalanobis distance inside the leading principal components (Lee et al., 2018,
https://arxiv.org/abs/1807.03888) and the length of what these components do not explain (Wang et al., 2022,
https://arxiv.org/abs/2203.10807). Each is divided by its mean on the training photos, so a usual photo scores about 1.
Features are first brought to length 1 (Mueller and Hein, 2025, https://arxiv.org/abs/2505.18032): a picture without
skin excites a well-trained network little, and what is short is near to everything.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dermnet_core.errors import ArtifactError
from dermnet_core.i18n import N_

FloatArray = NDArray[np.float32]

NEGLIGIBLE = 1e-4
"""Share of the variance below which a direction drowns in the rounding of the float16 basis."""


@dataclass(frozen=True, eq=False)
class NoveltyModel:
    """Mean and principal components of the training features."""

    mean: FloatArray
    """(k,)"""
    basis: FloatArray
    """(k, m) principal components, exactly representable in float16, so that a stored model scores the same."""
    variances: FloatArray
    """(m,) variance along each component."""
    residual: float
    """Mean squared length of what the components leave over."""
    unit: bool = True
    """Whether features are brought to length 1; models of older versions took them as they are."""

    @classmethod
    def fit(cls, features: ArrayLike, components: int = 64) -> Self:
        """Fit the model to training features.

        Args:
            features: (n, k) finite numbers, n at least 2.
            components: principal components to keep; fewer are kept when the features have fewer.

        Raises:
            ValueError: too few photos, NaN, or features without any variance.
        """
        values = np.asarray(features, dtype=np.float64)
        if values.ndim != 2 or len(values) < 2 or not np.isfinite(values).all():
            raise ValueError(
                f"Expected finite features (n, k) of 2 or more photos, found {values.shape}. Collect them anew."
            )
        values = _of_length_one(values)
        mean = values.mean(axis=0).astype(np.float32)
        centred = values - mean
        few = len(values) < values.shape[1]  # the smaller product has the same eigenvalues but zeros, seconds sooner
        spread, vectors = np.linalg.eigh((centred @ centred.T if few else centred.T @ centred) / len(values))
        total = float(spread.sum())
        if total <= 0.0:
            raise ValueError("Expected features that differ between photos, found equal ones. Check the model.")
        kept = np.flatnonzero(spread > NEGLIGIBLE * total)[::-1][:components]
        directions = vectors[:, kept]
        if few:
            directions = centred.T @ directions / np.sqrt(len(values) * spread[kept])
        basis = directions.astype(np.float16).astype(np.float32)
        inside = centred @ basis
        left = np.square(centred - inside @ basis.T).sum(axis=1).mean()
        variances = np.square(inside).mean(axis=0).astype(np.float32)
        return cls(mean, basis, variances, max(float(left), NEGLIGIBLE * total))

    def score(self, features: ArrayLike) -> FloatArray:
        """Return the novelty of each photo: about 1 for a usual training photo, more for an unusual one.

        Args:
            features: (n, k) numbers.

        Returns:
            (n,) float32.

        Raises:
            ArtifactError: the features have another width than those of the fit.
        """
        values = np.asarray(features, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != len(self.mean):
            raise ArtifactError(
                f"Expected features (n, {len(self.mean)}), found {values.shape}. Use the same model's novelty file."
            )
        centred = (_of_length_one(values) if self.unit else values) - self.mean
        inside = centred @ self.basis
        mahalanobis = (np.square(inside) / self.variances).mean(axis=1)
        left = np.square(centred - inside @ self.basis.T).sum(axis=1) / self.residual
        return np.asarray(np.sqrt((mahalanobis + left) / 2.0), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the model to an ``.npz`` file, the basis as float16."""
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                mean=self.mean,
                basis=self.basis.astype(np.float16),
                variances=self.variances,
                residual=np.float64(self.residual),
                unit=np.bool_(self.unit),
            )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model that ``save`` wrote.

        Raises:
            ArtifactError: the file is missing, damaged or holds other arrays.
        """
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                mean, basis, variances = (stored[name].astype(np.float32) for name in ("mean", "basis", "variances"))
                residual, unit = float(stored["residual"]), "unit" in stored and bool(stored["unit"])
        except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            message = N_("Expected a novelty model in {path}, found: {reason}. Export it again.")
            raise ArtifactError(message.format(path=path, reason=error)) from error
        if basis.shape != (len(mean), len(variances)):
            raise ArtifactError(
                f"Expected a basis {(len(mean), len(variances))} in {path}, found {basis.shape}. Export it again."
            )
        return cls(mean, basis, variances, residual, unit)


def _of_length_one(values: NDArray[Any]) -> NDArray[Any]:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.finfo(values.dtype).tiny))
