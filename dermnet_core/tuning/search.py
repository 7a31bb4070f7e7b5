"""Search folders: the settings of a search on disk; no TensorFlow."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermnet_core.artifacts import write_json
from dermnet_core.errors import RunError

SEARCH_FILE = "search.json"
TRIALS = "trials"
TUNER = "tuner"
SCHEMA = 1


@dataclass(frozen=True)
class SearchSettings:
    """What a search tries and on how much."""

    data_dir: Path
    classes: int
    trials: int = 30
    max_photos: int | None = 3000
    epochs: int = 8
    """At most, for each trial."""
    image_size: int = 96
    seed: int = 20

    def __post_init__(self) -> None:
        for name, low in (("trials", 1), ("epochs", 1), ("image_size", 48), ("classes", 2)):
            if getattr(self, name) < low:
                raise RunError(f"Expected {name} of at least {low}, found {getattr(self, name)}. Correct the search.")


@dataclass(frozen=True)
class Search:
    """A search folder."""

    folder: Path
    settings: SearchSettings

    def trial_folder(self, trial_id: str) -> Path:
        """Return the run folder of a trial."""
        return self.folder / TRIALS / trial_id


def create_search(folder: Path, settings: SearchSettings) -> Search:
    """Write the settings of a new search, or return the search that is there to go on with it.

    Raises:
        RunError: the folder holds a search with other settings, or cannot be written.
    """
    settings = dataclasses.replace(settings, data_dir=settings.data_dir.resolve())
    search = Search(folder, settings)
    if (folder / SEARCH_FILE).is_file():
        if open_search(folder) != search:
            raise RunError(
                f"Expected an empty folder or the same search in {folder}, found one with other settings. "
                "Choose another folder or delete it."
            )
        return search
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / SEARCH_FILE, {"schema": SCHEMA, **settings_to_json(settings)})
    except OSError as error:
        raise RunError(f"Expected to write in {folder}, found: {error}. Choose another folder.") from error
    return search


def open_search(folder: Path) -> Search:
    """Read a search's settings.

    Raises:
        RunError: there is none, it cannot be read, or a newer version of this program wrote it.
    """
    try:
        values = json.loads((folder / SEARCH_FILE).read_text(encoding="utf-8"))
        schema = values.pop("schema")
        if schema == SCHEMA:
            return Search(folder, settings_from_json(values))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"Expected a search in {folder}, found: {error!r}. Start one with the tune command.") from error
    raise RunError(
        f"Expected a search of schema {SCHEMA} in {folder}, found schema {schema!r}, which another version of this "
        "program wrote. Update the program to go on with it."
    )


def settings_to_json(settings: SearchSettings) -> dict[str, Any]:
    """Return settings as JSON values."""
    return dataclasses.asdict(settings) | {"data_dir": str(settings.data_dir)}


def settings_from_json(values: dict[str, Any]) -> SearchSettings:
    """Return settings from JSON values."""
    return SearchSettings(**(values | {"data_dir": Path(values["data_dir"])}))
