"""Ways to bring photos, and the strip to choose one of several."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dermnet_core.data.drawings import Drawing
from dermnet_core.errors import DatasetError, ImageError
from dermnet_core.i18n import N_, _, retold
from dermnet_core.paths import PHOTO_SUFFIXES, data_dir
from dermnet_ui import resources, uploads, widget_words
from dermnet_ui.case import DRAWN, Case, Origin, middle
from dermnet_ui.markup import encode, plain, verdicts
from dermnet_ui.resources import MAX_BYTES, ExamplePhoto
from dermnet_ui.table import MAX_PHOTOS, Incoming, Table

UPLOAD, CAMERA, EXAMPLES = N_("Your photos"), N_("Camera"), N_("Examples")
_CARD_WIDTH = 154
_LONGEST_NAME = 120


def intake(table: Table) -> None:
    """Show the ways to bring photos; folded once there are some."""
    with st.expander(_("Add or try another photo") if table.cases else _("Bring a photo"), expanded=not table.cases):
        st.session_state.setdefault("source", UPLOAD)
        source = st.segmented_control(
            _("Where does the photo come from?"),
            [UPLOAD, CAMERA, EXAMPLES],
            format_func=_,
            required=True,
            key="source",
            label_visibility="collapsed",
        )
        if source == UPLOAD:
            _upload(table)
        elif source == CAMERA:
            _camera(table)
        else:
            _examples(table)


def refusals(table: Table) -> None:
    """Show why a file could not be used; the others are answered all the same."""
    for refused in table.refused:
        name = f"**{plain(refused.name)}** · " if refused.name else ""
        st.error(f"{name}{retold(refused.message)}", icon="⚠️")


def empty(table: Table) -> None:
    """Say what will be here, and offer the one thing to do."""
    with st.container(border=True):
        st.markdown(
            _(
                "**Nothing to compare yet.** Bring a photo, and the answers of both models stand here side by side: "
                "the classes with the highest scores, where in the photo each model looked, and whether they agree."
            )
        )
        st.button(_("Try it with a drawing"), key="try", type="primary", on_click=_try_drawing, args=(table,))


def strip(table: Table) -> None:
    """Show the photos on the table with both verdicts, and buttons to choose and to remove."""
    if len(table.cases) > 1:
        with st.container(horizontal=True, gap="small", key="strip"):
            for number, case in enumerate(table.cases.values(), start=1):
                _thumbnail(table, case, number)


def removal(table: Table, case: Case) -> None:
    """Offer to forget the chosen photo, or all of them."""
    with st.container(horizontal=True, gap="small"):
        several = len(table.cases) > 1
        st.button(_("Remove this photo"), key="remove", type="tertiary", on_click=table.remove, args=(case.key,))
        if several:
            st.button(_("Remove all"), key="clear", type="tertiary", on_click=table.clear)


def _thumbnail(table: Table, case: Case, number: int) -> None:
    chosen = case is table.case()
    with st.container(border=True, width=_CARD_WIDTH, gap="xsmall"):
        alt = _("Photo {n}: {name}").format(n=number, name=case.title)
        st.image(case.cover, width="stretch", alt=alt)
        st.html(verdicts(case))
        st.button(
            (_("✓ Photo {n}") if chosen else _("Photo {n}")).format(n=number),
            key=f"choose-{case.key}",
            width="stretch",
            type="primary" if chosen else "secondary",
            on_click=_choose,
            args=(table, case.key),
        )


def _choose(table: Table, key: str) -> None:
    table.chosen = key


def _upload(table: Table) -> None:
    key = f"upload-{table.intake}"
    limits = _("{n} MB per file • {kinds}").format(n=MAX_BYTES // 1024**2, kinds="JPEG, PNG, WebP, HEIC")
    if words := widget_words.shown({widget_words.LIMITS: limits}):
        st.html(words)
    st.file_uploader(
        _("Choose photos or drop them here"),
        type=sorted(suffix[1:] for suffix in PHOTO_SUFFIXES),
        key=key,
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 1024**2,
        on_change=_take_files,
        args=(table, key),
    )
    st.caption(
        _(
            "Up to {n} photos, JPEG, PNG, WebP or HEIC. They stay in memory and are gone when you leave: "
            "nothing is stored or passed on. Place and camera data in the files are dropped."
        ).format(n=MAX_PHOTOS)
    )


def _camera(table: Table) -> None:
    key = f"camera-{table.intake}"
    st.camera_input(
        _("Hold the lesion in the middle, in good light"),
        key=key,
        on_change=_take_files,
        args=(table, key, N_("Camera photo")),
    )


def _take_files(table: Table, key: str, name: str = "") -> None:
    given = st.session_state[key]
    given = given if isinstance(given, list) else [given]
    # A file that has gone from the server in the meantime comes as something else.
    files = [file for file in given if isinstance(file, UploadedFile)]
    uploads.forget(files)
    if files:
        table.add([Incoming(name or file.name[:_LONGEST_NAME], file.getvalue) for file in files])
        table.intake += 1
        # Back to the upload box, which switches the camera off.
        st.session_state["source"] = UPLOAD


def _examples(table: Table) -> None:
    with st.container(horizontal=True, gap="small", key="drawings"):
        for drawing in resources.drawings():
            _drawing(table, drawing)
    root = data_dir()
    if root is None:
        st.caption(_("Set DERMNET_DATA_DIR to a folder with the photos of the atlas to try its test photos here."))
        return
    try:
        photos = resources.example_photos(str(root))
    except DatasetError as error:
        st.error(retold(str(error)))
        return
    with st.container(horizontal=True, gap="small", key="test-photos"):
        for number, photo in enumerate(photos, start=1):
            _photo(table, str(root), photo, number)


def _try_drawing(table: Table) -> None:
    table.add([_incoming(resources.drawings()[0])])


def _drawing(table: Table, drawing: Drawing) -> None:
    _example(table, _(drawing.name), drawing.rgb, _(drawing.description), _incoming(drawing), drawing.name)


def _incoming(drawing: Drawing) -> Incoming:
    return Incoming(drawing.name, lambda: encode(drawing.rgb, "PNG"), DRAWN)


def _photo(table: Table, root: str, photo: ExamplePhoto, number: int) -> None:
    path = Path(root) / photo.file
    origin = Origin(N_("Test photo, atlas class: {name}"), photo.label)
    try:
        rgb = resources.thumbnail(root, photo.file)
    except ImageError:
        return
    title, incoming = _("Photo {n}").format(n=number), Incoming(path.name, path.read_bytes, origin)
    _example(table, title, rgb, origin.text(), incoming, f"photo-{number}")


def _example(table: Table, title: str, rgb: NDArray[np.uint8], alt: str, incoming: Incoming, key: str) -> None:
    with st.container(border=True, width=_CARD_WIDTH, gap="xsmall"):
        st.image(encode(middle(rgb)), width="stretch", alt=alt)
        st.caption(incoming.origin.text() if incoming.origin else "")
        st.button(
            _("Try: {title}").format(title=title),
            key=f"example-{key}",
            width="stretch",
            on_click=table.add,
            args=([incoming],),
        )
