"""Every path of the project, from one root."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
SHIPPED_MODELS = ASSETS / "models"

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})


def model_dirs() -> tuple[Path, ...]:
    """Return the folders that hold models: those of ``DERMNET_MODELS_DIR``, if set, before the ones that ship."""
    value = os.environ.get("DERMNET_MODELS_DIR", "").strip()
    return (Path(value).expanduser(), SHIPPED_MODELS) if value else (SHIPPED_MODELS,)


def data_dir() -> Path | None:
    """Return the photo folder named by ``DERMNET_DATA_DIR``, or None when it is not set."""
    value = os.environ.get("DERMNET_DATA_DIR", "").strip()
    return Path(value).expanduser() if value else None


def cache_dir() -> Path:
    """Return the folder for caches that may be deleted at any time (``DERMNET_CACHE_DIR``)."""
    value = os.environ.get("DERMNET_CACHE_DIR", "").strip()
    return Path(value).expanduser() if value else ROOT / ".dermnet" / "cache"
