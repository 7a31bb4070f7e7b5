"""Which photo folder a session looks at, and who may name another one."""

import ipaddress
import os
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from dermnet_core.data.listing import list_photos
from dermnet_core.errors import DatasetError
from dermnet_core.i18n import _
from dermnet_core.paths import data_dir

_CHOSEN, _BOX, _REFUSED = "dataset_folder", "dataset_folder_box", "dataset_folder_refused"


def may_choose_folder() -> bool:
    """Return whether this visitor may name a folder of the computer that runs the application."""
    headers = st.context.headers
    # A repeated header comes with each of its values: a proxy may have added the second one.
    pairs = [(name, value) for name in headers for value in headers.get_all(name)]
    return is_local(os.environ, st.get_option("server.address"), pairs)


def is_local(environment: Mapping[str, str], address: str | None, headers: Iterable[tuple[str, str]]) -> bool:
    """Return whether server and visitor are surely the same computer; in doubt they are not.

    A path box for anybody else would disclose the files of the server. All of these must hold: the person who started
    the application says so (``DERMNET_LOCAL=on``), it listens on a loopback address only, the browser asked for a
    loopback address (a web page elsewhere could ask in its visitor's name), and no proxy stands in between.

    Args:
        environment: variables of the server's process.
        address: what the server listens on; None is every address.
        headers: names and values of the session's first request.
    """
    if environment.get("DERMNET_LOCAL") != "on" or not _is_loopback(address):
        return False
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    if any(name.startswith("x-forwarded-") or name in {"forwarded", "x-real-ip", "via"} for name in found):
        return False
    hosts = [_host(f"//{value}") for value in found.get("host", ())]
    origins = [_host(value) for value in found.get("origin", ())]
    return bool(hosts and origins) and all(_is_loopback(host) for host in hosts + origins)


def current() -> Path | None:
    """Return the folder of this session: its own choice, else ``DERMNET_DATA_DIR``, else None."""
    chosen = st.session_state.get(_CHOSEN)
    if chosen and may_choose_folder():
        return Path(chosen)
    return data_dir()


def in_sidebar(root: Path | None) -> None:
    """Name the folder in one quiet line; a visitor from elsewhere learns its name, not where it lies."""
    if root is not None:
        shown = str(root) if may_choose_folder() else root.name
        line = escape(_("Photo folder: {name}").format(name=shown))
        st.sidebar.html(f'<p class="dn-quiet dn-path">{line}</p>')


def choice(root: Path | None) -> None:
    """Offer a box for the path of another folder, or say how the folder is set."""
    if not may_choose_folder():
        if root is None:
            st.markdown(
                _(
                    "**Look at your own photos.** Start the application on your computer with `make app` and name a "
                    "folder here, or set `DERMNET_DATA_DIR` to a folder with photos in `train/<class>/` and "
                    "`test/<class>/`."
                )
            )
            st.code("DERMNET_DATA_DIR=/path/to/photos make app", language=None, wrap_lines=True)
        return
    title = _("Look at another folder") if root else _("Look at your own photos")
    with st.expander(title, expanded=root is None):
        with st.form("folder", border=False):
            path = _("Path of a folder with photos in train/<class>/ and test/<class>/, or in <class>/")
            st.text_input(path, key=_BOX)
            st.form_submit_button(_("Open this folder"), on_click=_choose)
        if message := st.session_state.get(_REFUSED):
            st.error(message)


def fetch() -> None:
    """Say how to get the photos of the atlas."""
    st.markdown(_("**Get the photos of the atlas.** This command fetches them from Kaggle and says where they are:"))
    st.code("python -m dermnet_core dataset --download", language=None, wrap_lines=True)


def _choose() -> None:
    """Take the path of the box, unless it is no photo folder; asked again here, because a hidden box may be forged."""
    st.session_state[_REFUSED] = ""
    text = str(st.session_state.get(_BOX, "")).strip().strip("\"'")
    if not text or not may_choose_folder():
        return
    try:
        path = Path(text).expanduser().resolve()
        list_photos(path)
    except DatasetError as error:
        st.session_state[_REFUSED] = str(error)
    except (OSError, RuntimeError, ValueError) as error:
        refused = _("Expected the path of a photo folder, found: {error}. Check the path.")
        st.session_state[_REFUSED] = refused.format(error=error)
    else:
        st.session_state[_CHOSEN] = str(path)


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_loopback(host: str | None) -> bool:
    if not host:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
