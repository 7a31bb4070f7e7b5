"""The command ``tune``."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dermnet_core import telling
from dermnet_core.artifacts import write_json, write_text
from dermnet_core.data.listing import list_photos
from dermnet_core.errors import ConfigError, RunError
from dermnet_core.training.stopping import stoppable
from dermnet_core.tuning.run import execute, locked
from dermnet_core.tuning.search import SEARCH_FILE, Search, SearchSettings, create_search, open_search
from dermnet_core.tuning.table import SearchTable, read_search, to_json, trials_csv

_ENDINGS = (".json", ".csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("search_dir", type=Path, metavar="SEARCH_DIR", help="an existing search goes on")
    parser.add_argument("--data", type=Path, metavar="DIR", help="<DIR>/{train,test}/<class>/ or <DIR>/<class>/")
    parser.add_argument("--trials", type=int, default=30, help="how many configurations (30)")
    parser.add_argument("--photos", type=int, default=3000, help="training photos for each trial (3000); 0 for all")
    parser.add_argument("--epochs", type=int, default=8, help="at most, for each trial (8)")
    parser.add_argument("--image-size", type=int, default=96, help="pixels (96)")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--export", type=Path, metavar="FILE", help="write the trials as .json or .csv and run nothing")


def run(options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Run a search in the terminal, go on with it, or export its trials."""
    folder = options.search_dir
    if options.export:
        return _export(read_search(folder), options.export), 0
    search = _search(options)
    with locked(folder), stoppable(), telling.Teller(options.progress) as teller:
        status = execute(search, _announcer(teller))
    table = read_search(folder)
    if status == 1:
        raise RunError(table.message or f"Expected the search in {folder} to finish, found that it failed.")
    if status:
        telling.say("Stopped. The same command goes on.")
    return to_json(table), status


def show(result: dict[str, Any]) -> str:
    """Say the trials, the best first."""
    if "exported" in result:
        return f"Wrote {result['exported']}."
    done = sorted((t for t in result["trials"] if t["val_accuracy"] is not None), key=lambda t: -t["val_accuracy"])
    lines = [f"{len(done)} of {result['settings']['trials']} trials completed"]
    for trial in done[:10]:
        values = ", ".join(f"{name} {_short(value)}" for name, value in trial["values"].items())
        lines.append(f"  {100 * trial['val_accuracy']:5.1f} %  trial {trial['number']}: {values}")
    lines += [f"  failed  trial {t['number']}: {t['message']}" for t in result["trials"] if t["status"] == "failed"]
    return "\n".join(lines)


def _announcer(teller: telling.Teller) -> Callable[[str, Mapping[str, Any]], None]:
    """Return what turns the events of a search into a bar for each trial and a line when it ends."""
    bars: dict[int, Callable[[int, int], None]] = {}

    def announce(event: str, values: Mapping[str, Any]) -> None:
        if event == "training":
            number = values["number"]
            if number not in bars:
                bars[number] = teller.phase(f"trial {number} of {values['trials']}, epochs")
            bars[number](values["done"], values["total"])
        elif event == "trial":
            accuracy = values["val_accuracy"]
            found = values["message"] if accuracy is None else f"validation accuracy {100 * accuracy:.1f} %"
            teller.line(f"trial {values['number']} of {values['trials']} {values['status']}: {found}")

    return announce


def _search(options: argparse.Namespace) -> Search:
    if (options.search_dir / SEARCH_FILE).is_file() and options.data is None:
        return open_search(options.search_dir)
    if options.data is None:
        raise ConfigError("Expected --data for a new search, found none. Name the photo folder.")
    classes = {photo.label for photo in list_photos(options.data).photos}
    settings = SearchSettings(
        options.data, len(classes), options.trials, options.photos or None, options.epochs, options.image_size,
        options.seed,
    )  # fmt: skip
    return create_search(options.search_dir, settings)


def _export(table: SearchTable, path: Path) -> dict[str, Any]:
    if path.suffix not in _ENDINGS:
        raise ConfigError(f"Expected --export to end in .json or .csv, found {path.name}. Rename it.")
    try:
        if path.suffix == ".json":
            write_json(path, to_json(table))
        else:
            write_text(path, trials_csv(table))
    except OSError as error:
        raise RunError(f"Expected to write {path}, found: {error}. Choose another file.") from error
    return {"exported": str(path)}


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
