"""Every path of the project, from one root."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
SHIPPED_MODELS = ASSETS / "models"
SHIPPED_EVALUATIONS = ASSETS / "evaluations"
SHIPPED_RECIPES = ASSETS / "recipes"
MAPPINGS = ASSETS / "mappings"
LOCALES = ASSETS / "locale"

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})


def model_dirs() -> tuple[Path, ...]:
    """Return the folders that hold models: the user's own before the ones that ship."""
    return installed_models_dir(), SHIPPED_MODELS


def installed_models_dir() -> Path:
    """Return the folder for models that the user registers (``DERMNET_MODELS_DIR``)."""
    return _folder("DERMNET_MODELS_DIR", "models")


def runs_dir() -> Path:
    """Return the folder for training runs (``DERMNET_RUNS_DIR``)."""
    return _folder("DERMNET_RUNS_DIR", "runs")


def searches_dir() -> Path:
    """Return the folder for searches of settings (``DERMNET_SEARCHES_DIR``)."""
    return _folder("DERMNET_SEARCHES_DIR", "searches")


def evaluations_dir() -> Path:
    """Return the folder for evaluations that the user makes (``DERMNET_EVALUATIONS_DIR``)."""
    return _folder("DERMNET_EVALUATIONS_DIR", "evaluations")


def data_dir() -> Path | None:
    """Return the photo folder named by ``DERMNET_DATA_DIR``, or None when it is not set."""
    value = os.environ.get("DERMNET_DATA_DIR", "").strip()
    return Path(value).expanduser() if value else None


def cache_dir() -> Path:
    """Return the folder for caches that may be deleted at any time (``DERMNET_CACHE_DIR``)."""
    return _folder("DERMNET_CACHE_DIR", "cache")


def _folder(variable: str, name: str) -> Path:
    value = os.environ.get(variable, "").strip()
    return Path(value).expanduser() if value else ROOT / ".dermnet" / name
