"""How many files a visitor can put into the memory of the server, and when they are taken out again.

Streamlit checks the size of each file, but takes any number of them, and keeps them until the visitor leaves. The
limits here hold for whoever speaks to the server, with a browser or without.
"""

from collections.abc import Iterable

import streamlit as st
from starlette.exceptions import HTTPException
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

MAX_FILES = 24
"""Files of one visitor that may wait; twice what the table holds, so that the page can say why some are too many."""
MAX_WAITING_BYTES = 160 * 1024 * 1024
"""Of all visitors together."""


@st.cache_resource(show_spinner=False)
def limit() -> None:
    """Let the server refuse files beyond the limits; once is enough for all visitors."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return  # a test of a page has no server
    take = manager.add_file

    def take_within_limits(session_id: str, file: UploadedFileRec) -> None:
        waiting = [len(waits.data) for files in list(manager.file_storage.values()) for waits in list(files.values())]
        if len(manager.file_storage.get(session_id, ())) >= MAX_FILES:
            raise HTTPException(429, f"Expected at most {MAX_FILES} files at a time, found more. Add fewer.")
        if sum(waiting) + len(file.data) > MAX_WAITING_BYTES:
            raise HTTPException(503, "Expected room for a file, found too many uploads at once. Try again in a minute.")
        take(session_id, file)

    manager.add_file = take_within_limits  # type: ignore[method-assign]


def forget(files: Iterable[UploadedFile]) -> None:
    """Take files that the page has got out of the server's store."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
