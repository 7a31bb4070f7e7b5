"""The photos on a visitor's table: taken in, examined, chosen, removed; in the memory of the session only."""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from dermnet_core.i18n import N_, _
from dermnet_ui.case import Case, Origin, Refused
from dermnet_ui.resources import Models

MAX_PHOTOS = 12


@dataclass(frozen=True, eq=False)
class Incoming:
    """A file that waits to be examined; ``load`` returns its bytes when its turn comes."""

    name: str
    load: Callable[[], bytes]
    origin: Origin | None = None


@dataclass
class Table:
    """What one visitor has brought."""

    incoming: list[Incoming] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    chosen: str = ""
    intake: int = 0
    """Counts the rounds of uploading, so that each starts with an empty upload box."""
    models: str = ""
    """Fingerprint of the models that have answered."""

    def add(self, incoming: list[Incoming]) -> None:
        """Take files in; what is beyond MAX_PHOTOS is refused, and named as long as the list stays short."""
        self.refused = []
        room = max(0, MAX_PHOTOS - len(self.cases) - len(self.incoming))
        self.incoming += incoming[:room]
        message = N_("Expected at most {n} photos at a time. Remove some, then add this one again.")
        message = message.format(n=MAX_PHOTOS)
        self.refused += [Refused(late.name, message) for late in incoming[room : room + MAX_PHOTOS]]

    def examine(self, models: Models) -> None:
        """Let the models answer for every file that waits, showing progress, and choose the first new photo."""
        if self.cases and self.models != models.key:
            # Uploaded files are not kept, so nobody can ask the other models about them.
            self.clear()
            self.refused.append(Refused("", N_("You chose another model. The photos are not kept: add them again.")))
        self.models = models.key
        waiting = len(self.incoming)
        if not waiting:
            return
        bar = st.progress(0.0, text=_("Both models are looking …"))
        first = ""
        while self.incoming:
            done = waiting - len(self.incoming)
            text = _("Both models are looking at photo {n} of {total} …").format(n=done + 1, total=waiting)
            bar.progress(done / waiting, text=text)
            result = _examined(models, self.incoming.pop(0))
            if isinstance(result, Refused):
                self.refused.append(result)
                continue
            self.cases.setdefault(result.key, result)
            first = first or result.key
        bar.empty()
        self.chosen = first or self.chosen

    def case(self) -> Case | None:
        """Return the chosen photo, or the first one, or None on an empty table."""
        return self.cases.get(self.chosen) or next(iter(self.cases.values()), None)

    def remove(self, key: str) -> None:
        """Forget one photo."""
        self.cases.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self.cases.clear()
        self.refused.clear()


def table() -> Table:
    """Return the table of this session."""
    if "table" not in st.session_state:
        st.session_state["table"] = Table()
    found: Table = st.session_state["table"]
    return found


def _examined(models: Models, incoming: Incoming) -> Case | Refused:
    try:
        data = incoming.load()
    except OSError as error:
        message = N_("Expected a file that can be read, found: {reason}. Check the folder.")
        return Refused(incoming.name, message.format(reason=error.strerror))
    return models.examine(data, incoming.name, incoming.origin)
