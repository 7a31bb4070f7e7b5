"""Near pairs of a surveyed folder, kept beside what the survey measured and computed anew only for other contents."""

import hashlib
import json
import logging
from pathlib import Path

import numpy as np

from dermnet_core.artifacts import save_text
from dermnet_core.data import near
from dermnet_core.data.near import Pair, near_pairs
from dermnet_core.data.scan import Progress
from dermnet_core.data.survey import Survey
from dermnet_core.data.survey_cache import survey_folder

_LOG = logging.getLogger(__name__)


def stored_near_pairs(found: Survey, processes: int | None, progress: Progress) -> list[Pair]:
    """Return the near pairs as positions in ``found.photos``.

    Raises:
        DatasetError: they cannot be written to the cache.
    """
    first: dict[str, int] = {}
    # Of byte copies, the first in train stands for all: pairs of train photos are known without the test photos.
    for position, photo in sorted(enumerate(found.photos), key=lambda place: place[1].split == "test"):
        first.setdefault(photo.sha256, position)
    rows = [first[content] for content in sorted(first)]  # by content: renaming a photo changes nothing
    miniatures = found.miniatures[np.array(rows, dtype=np.intp)]
    key = hashlib.sha256(f"{near.VERSION} {len(rows)} ".encode() + miniatures.tobytes()).hexdigest()
    store = survey_folder(found.root) / "near.json"
    pairs = _stored(store, key)
    if pairs is None:
        pairs = near_pairs(miniatures, processes=processes, progress=progress)
        save_text(store, json.dumps({"key": key, "pairs": pairs}) + "\n")
    else:
        progress(len(rows), len(rows))
    return sorted((min(rows[a], rows[b]), max(rows[a], rows[b]), kind, similarity) for a, b, kind, similarity in pairs)


def _stored(path: Path, key: str) -> list[Pair] | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return (
            [(a, b, kind, similarity) for a, b, kind, similarity in values["pairs"]] if values["key"] == key else None
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _LOG.warning("The near duplicates in %s cannot be read (%r) and are computed anew.", path, error)
        return None
