"""The novelty score orders photos, survives storage and refuses what does not fit."""

import numpy as np
import pytest

from dermnet_core.errors import ArtifactError
from dermnet_core.evaluation.novelty import NoveltyModel


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    rng = np.random.default_rng(0)
    hidden = rng.normal(0, 1, (800, 10)) * np.linspace(3, 1, 10)
    return (60 + hidden @ rng.normal(0, 1, (10, 40)) + rng.normal(0, 0.3, (800, 40))).astype(np.float32)


@pytest.fixture(scope="module")
def model(features) -> NoveltyModel:
    return NoveltyModel.fit(features[:600], components=10)


def test_usual_photos_score_about_one_and_unusual_ones_more(model, features) -> None:
    usual = model.score(features[600:])
    assert usual.shape == (200,)
    assert usual.dtype == np.float32
    assert np.median(usual) == pytest.approx(1.0, abs=0.15)
    middle = features[:600].mean(axis=0)
    far_inside = middle + 8 * (features[600:] - middle)
    off_the_components = features[600:] + np.random.default_rng(1).normal(0, 2, (200, 40))
    assert model.score(far_inside).min() > np.percentile(usual, 95)
    assert model.score(off_the_components).min() > usual.max()


def test_mahalanobis_part_is_the_textbook_distance_when_all_components_are_kept(features) -> None:
    features = features + np.random.default_rng(3).normal(0, 2, features.shape)
    directions = features[:600] / np.linalg.norm(features[:600], axis=1, keepdims=True)
    centred = directions - directions.mean(axis=0)
    inverse = np.linalg.inv(centred.T @ centred / 600)
    distance = np.einsum("ni,ij,nj->n", centred, inverse, centred) / 40
    found = NoveltyModel.fit(features[:600], components=40).score(features[:600])
    np.testing.assert_allclose(found, np.sqrt(distance / 2), rtol=0.02)


def test_a_stored_model_scores_the_same_and_is_small(model, features, tmp_path) -> None:
    model.save(tmp_path / "novelty.npz")
    np.testing.assert_array_equal(NoveltyModel.load(tmp_path / "novelty.npz").score(features), model.score(features))
    assert (tmp_path / "novelty.npz").stat().st_size < 4_000


def test_the_length_of_features_says_nothing(model, features) -> None:
    np.testing.assert_allclose(model.score(0.1 * features), model.score(features), rtol=1e-3)
    assert model.score(np.zeros((1, 40)))[0] > model.score(features).max()  # no feature at all is unusual


def test_a_model_of_an_older_version_takes_features_as_they_are(features, tmp_path) -> None:
    centred = features - features.mean(axis=0)
    basis = np.linalg.eigh(centred.T @ centred / len(features))[1][:, -10:].astype(np.float16)
    inside = centred @ basis.astype(np.float32)
    left = np.square(centred - inside @ basis.T.astype(np.float32)).sum(axis=1)
    variances, residual = np.square(inside).mean(axis=0), left.mean()
    np.savez(
        tmp_path / "old.npz", mean=features.mean(axis=0), basis=basis, variances=variances, residual=residual
    )  # fmt: skip
    expected = np.sqrt(((np.square(inside) / variances).mean(axis=1) + left / residual) / 2)
    np.testing.assert_allclose(NoveltyModel.load(tmp_path / "old.npz").score(features), expected, rtol=1e-3)


def test_few_photos_with_many_features_give_the_model_of_the_same_photos_told_often(features) -> None:
    few, seen = features[: features.shape[1] // 2], features[-10:]
    once, often = NoveltyModel.fit(few), NoveltyModel.fit(np.vstack([few] * 3))
    assert len(few) < features.shape[1] < 3 * len(few)
    np.testing.assert_allclose(once.score(seen), often.score(seen), rtol=1e-3)


def test_dead_channels_and_few_photos_are_no_obstacle() -> None:
    values = np.random.default_rng(2).normal(0, 1, (5, 8))
    values[:, 3] = 0.0
    model = NoveltyModel.fit(values, components=64)
    assert model.basis.shape[1] <= 4
    assert np.isfinite(model.score(values)).all()
    lit = values.copy()
    lit[:, 3] = 1.0
    assert (model.score(lit) > 10 * model.score(values)).all()


@pytest.mark.parametrize("values", [np.ones((1, 4)), np.ones((5, 4)), np.full((5, 4), np.nan), np.ones(4)])
def test_fit_refuses_features_it_cannot_learn_from(values) -> None:
    with pytest.raises(ValueError, match="Expected"):
        NoveltyModel.fit(values)


def test_features_of_another_model_are_refused(model) -> None:
    with pytest.raises(ArtifactError, match=r"\(n, 40\), found \(2, 41\)"):
        model.score(np.zeros((2, 41)))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_damaged_file_is_refused(content, tmp_path) -> None:
    path = tmp_path / "novelty.npz"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match="Export it again"):
        NoveltyModel.load(path)


def test_a_missing_or_foreign_file_is_refused(tmp_path) -> None:
    with pytest.raises(ArtifactError, match="Export it again"):
        NoveltyModel.load(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", mean=np.zeros(3))
    with pytest.raises(ArtifactError, match="Export it again"):
        NoveltyModel.load(tmp_path / "other.npz")
