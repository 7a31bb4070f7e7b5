"""What to evaluate: the choices of the section "Evaluate a folder", and the command that they amount to."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dermnet_core.artifacts import ModelRegistry
from dermnet_core.data.mapping import read_mapping
from dermnet_core.errors import ConfigError
from dermnet_core.evaluations import check_folder, own_folder
from dermnet_core.i18n import N_, _, retold
from dermnet_core.paths import MAPPINGS, ROOT, model_dirs
from dermnet_ui.dataset.folder import may_choose_folder

GENERAL_COMMAND = "python -m dermnet_core evaluate DIR --model NAME --keep NAME"
_ATLAS, _OWN = "", "own"
_SPLITS = {
    "": N_("The test photos, or all where they are not split"),
    "train": N_("The train photos (the model knows most of them)"),
}


@dataclass(frozen=True)
class Request:
    """A model, photos, and a name for the evaluation."""

    root: Path
    model: str
    name: str
    split: str = ""
    """Empty for the usual one."""
    mapping: Path | None = None
    """For photos of another source."""

    def arguments(self) -> list[str]:
        """Return the words of the command after ``python -m dermnet_core``."""
        words = ["evaluate", str(self.root.resolve()), "--model", self.model, "--keep", self.name]
        words += ["--split", self.split] if self.split else []
        return words + (["--mapping", str(self.mapping)] if self.mapping else [])

    def shown_command(self, local: bool) -> str:
        """Return the command for a terminal; who sits elsewhere does not learn where the folder lies."""
        words = self.arguments()
        if not local:
            words[1] = "DIR"
        if self.mapping and self.mapping.is_relative_to(ROOT):
            words[-1] = self.mapping.relative_to(ROOT).as_posix()
        return shlex.join(["python", "-m", "dermnet_core", *words])


def choose(root: Path) -> Request | None:
    """Show the choices and return them; None, with a message, while they amount to nothing."""
    models = {artifact.name: _(artifact.card.title) for artifact in ModelRegistry(model_dirs()).artifacts()}
    left, right = st.columns(2, gap="medium")
    with left:
        model = st.selectbox(_("Model"), list(models), key="recompute-model", format_func=models.__getitem__)
        labels = _labels()
    with right:
        split = "" if labels else str(_split())
        usual = f"{_plain(Path(labels).stem if labels not in (_ATLAS, _OWN) else root.name)}-{model}"
        name = st.text_input(_("Name of the evaluation"), value=usual, key=f"recompute-name-{usual}").strip()
    try:
        mapping = _mapping(labels)
        check_folder(own_folder(name))
    except ConfigError as error:
        st.warning(retold(str(error)))
        return None
    if mapping is None and labels:
        return None
    return Request(root, str(model), name, split, mapping)


def _labels() -> str:
    """Return which labels the photos have: empty for the atlas's classes, a mapping's file, or ``own``."""
    shipped = {str(path): read_mapping(path).name for path in sorted(MAPPINGS.glob("*.json"))}
    # Whoever names a file of this computer has to sit at it.
    own = {_OWN: _("Other labels, with a mapping of mine")} if may_choose_folder() else {}
    texts: dict[str, str] = {_ATLAS: _("The folders of the photos are classes of the atlas"), **shipped, **own}
    help_text = _(
        "Photos of another source bear other labels. A mapping is a small JSON file that says which class of the atlas "
        "each label is; the README shows one. Such photos are evaluated, never trained on."
    )
    titles = texts.__getitem__
    return str(st.selectbox(_("Labels"), list(texts), key="recompute-labels", format_func=titles, help=help_text))


def _split() -> str:
    splits = {split: _(title) for split, title in _SPLITS.items()}
    return str(st.selectbox(_("Photos"), list(splits), key="recompute-split", format_func=splits.__getitem__))


def _mapping(labels: str) -> Path | None:
    """Return the chosen mapping.

    Raises:
        ConfigError: it is none.
    """
    if labels == _ATLAS:
        return None
    if labels != _OWN:
        return Path(labels)
    text = st.text_input(_("Path of the mapping (JSON)"), key="recompute-mapping").strip().strip("\"'")
    if not text or not may_choose_folder():
        return None
    path = Path(text).expanduser().resolve()
    read_mapping(path)
    return path


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-_") or "photos"
