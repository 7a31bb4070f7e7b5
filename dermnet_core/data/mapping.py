"""How the labels of another source become classes of the atlas: a JSON file.

Its entries, of which ``name`` and ``labels`` are needed:

- name: for headings, such as "PAD-UFES-20"
- labels: {label of the source: class folder of the atlas, or null for photos that are to be left out}
- source, license: where the photos are from and on which terms
- table: the labels file in the photo folder, a CSV; without one, here or on the command line, the photos lie in folders
  that bear the labels
- column: of the table, which holds the label ("label")
- images: folder below the photo folder that the file names start from (the photo folder itself)
- groups: column whose equal values mark photos that belong together, of one patient
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from dermnet_core.errors import ConfigError
from dermnet_core.i18n import N_


@dataclass(frozen=True)
class LabelMapping:
    """The entries of a mapping file."""

    name: str
    labels: Mapping[str, str | None]
    source: str = ""
    license: str = ""
    table: str = ""
    column: str = "label"
    images: str = ""
    groups: str = ""

    def check(self, classes: Sequence[str], where: str) -> None:
        """See that every class is one of the model's.

        Raises:
            ConfigError: one is not.
        """
        unknown = sorted({label for label in self.labels.values() if label is not None} - set(classes))
        if unknown:
            raise ConfigError(
                N_(
                    "Expected only the {n} classes of the model in {where}, found {unknown}. "
                    "Correct them; the classes are: {classes}."
                ).format(n=len(classes), where=where, unknown=", ".join(unknown), classes=", ".join(classes))
            )


def read_mapping(path: Path) -> LabelMapping:
    """Read a mapping file.

    Raises:
        ConfigError: no such file, no JSON, or entries that are missing, unknown or of another kind.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        unread = N_("Expected a mapping as JSON in {path}, found: {error}. Give another file.")
        raise ConfigError(unread.format(path=path, error=error)) from error
    problem = _problem(values)
    if problem:
        wrong = N_("Expected {entries} in {path}, found {problem}. Correct it.")
        raise ConfigError(wrong.format(entries='{"name": …, "labels": {label: class}}', path=path, problem=problem))
    return LabelMapping(**values)


def identity(name: str, classes: Sequence[str]) -> LabelMapping:
    """Return the mapping for photos whose labels are the classes themselves."""
    return LabelMapping(name, {label: label for label in classes})


def _problem(values: Any) -> str:
    if not isinstance(values, dict):
        return type(values).__name__
    known = {entry.name for entry in fields(LabelMapping)}
    if unknown := sorted(set(values) - known):
        entries = N_("the unknown entries {unknown} (known: {known})")
        return entries.format(unknown=", ".join(unknown), known=", ".join(sorted(known)))
    if missing := sorted({"name", "labels"} - set(values)):
        return f"no {' and no '.join(missing)}"
    labels = values["labels"]
    if not isinstance(labels, dict) or not labels:
        return N_("labels that are no object with at least one label")
    if wrong := [label for label, name in labels.items() if not isinstance(name, str | None)]:
        return N_("no class folder for {labels}").format(labels=", ".join(wrong))
    texts = [name for name, value in values.items() if name != "labels" and not isinstance(value, str)]
    if texts:
        return f"no text in {', '.join(texts)}"
    away = [name for name in ("table", "images") if _leads_away(values.get(name, ""))]
    return f"a path that leads out of the photo folder in {', '.join(away)}" if away else ""


def _leads_away(text: str) -> bool:
    path = PurePosixPath(text.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts
