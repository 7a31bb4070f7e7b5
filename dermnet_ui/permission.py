"""What this deployment can do beside answering photos, and why not: train, and draw maps by other methods."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dermnet_core.i18n import _, decimal
from dermnet_core.installation import has_tensorflow
from dermnet_core.paths import data_dir
from dermnet_ui.dataset.folder import may_choose_folder

MEMORY_GIB = 3.0
"""A training process needs up to 2.5 GiB beside the application."""
EXPLAINING_GIB = 0.65
"""Another method of explaining or a preview of augmentation: with the application it got by with 690 MB, not 500."""
_CGROUP = Path(os.sep, "sys", "fs", "cgroup")
_LIMITS = (_CGROUP / "memory.max", _CGROUP / "memory" / "memory.limit_in_bytes")
"""Where Linux says how much a container may use, in both versions."""


def training_allowed() -> tuple[bool, str]:
    """Return whether this visitor may train, tune and delete here, and the reason in words when not."""
    return decide(os.environ, data_dir() is not None, may_choose_folder(), memory_gib(), has_tensorflow())


def explaining_allowed() -> tuple[bool, str]:
    """Return whether a process with TensorFlow may be started for a visitor here, and the reason in words when not."""
    return decide_explaining(memory_gib(), has_tensorflow())


def evaluating_allowed() -> tuple[bool, str]:
    """Return whether this visitor may evaluate a folder and delete evaluations here, and the reason when not."""
    return decide_evaluating(os.environ, may_choose_folder())


def decide_evaluating(environment: Mapping[str, str], local: bool) -> tuple[bool, str]:
    """Decide by where the visitor sits; ``DERMNET_TRAINING=on`` allows it to all, for it allows more."""
    if local or environment.get("DERMNET_TRAINING", "").strip().lower() == "on":
        return True, ""
    return False, _(
        "Evaluating a folder is off for visitors from other computers: it takes minutes of this server's processors. "
        "Start the application on your own computer with make app, or use the command."
    )


def decide_explaining(memory: float | None, tensorflow: bool) -> tuple[bool, str]:
    """Decide by the GiB that this server may use (None when not known) and by what is installed."""
    if not tensorflow:
        return False, _(
            "Off here: this server was installed without TensorFlow (requirements-serve.txt). Use the whole "
            "application, for example with make app on your computer."
        )
    if memory is not None and memory < EXPLAINING_GIB:
        return False, _(
            "Off here: it needs at least {need} GiB of memory, and this server has {found} GiB. "
            "Use the application on your own computer for this."
        ).format(need=decimal(EXPLAINING_GIB, 2), found=decimal(memory))
    return True, ""


def decide(
    environment: Mapping[str, str], has_data: bool, local: bool, memory: float | None, tensorflow: bool
) -> tuple[bool, str]:
    """Decide by ``DERMNET_TRAINING`` or, where it is not set, by what training needs.

    Args:
        environment: variables of the server's process; ``DERMNET_TRAINING`` is on, off or not set.
        has_data: a photo folder is set.
        local: server and visitor are the same computer.
        memory: GiB that this server may use; None when not known.
        tensorflow: TensorFlow is installed.
    """
    setting = environment.get("DERMNET_TRAINING", "").strip().lower()
    if setting not in ("", "on", "off"):
        message = _("Training is off here: expected on or off in DERMNET_TRAINING, found {setting}. Correct it.")
        return False, message.format(setting=repr(setting))
    if setting == "off":
        return False, _("Training is switched off on this server (DERMNET_TRAINING=off).")
    if not tensorflow:
        return False, _(
            "Training is off here: this server was installed without TensorFlow (requirements-serve.txt). Use the "
            "whole application, for example with make app on your computer."
        )
    if memory is not None and memory < MEMORY_GIB:
        return False, _(
            "Training is off here: it needs about {need} GiB of memory, and this server has {found} GiB. "
            "Train on another computer and load the result."
        ).format(need=decimal(MEMORY_GIB, 0), found=decimal(memory))
    if setting == "on":
        return True, ""
    if not has_data:
        return False, _(
            "Training is off here: no photo folder is set. Start the application on your computer with "
            "DERMNET_DATA_DIR set to your photos."
        )
    if not local:
        return False, _(
            "Training is off for visitors from other computers. Whoever runs this server can allow it with "
            "DERMNET_TRAINING=on."
        )
    return True, ""


def memory_gib() -> float | None:
    """Return the memory that this server may use, in GiB: of the computer or of its container; None if not known."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")] if "SC_PHYS_PAGES" in os.sysconf_names else []
    if sys.platform == "linux":
        texts = (path.read_text().strip() for path in _LIMITS if path.is_file())
        sizes += [int(text) for text in texts if text.isdigit()]
    return min(sizes) / 2**30 if sizes else None
