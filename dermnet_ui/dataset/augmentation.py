"""What training does to a photo: some of its versions as the models see them, and the settings in words."""

from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from dermnet_core import preview
from dermnet_core.config import AugmentationConfig, ModelName
from dermnet_core.data.facts import PhotoFacts
from dermnet_core.data.images import read_photo_file
from dermnet_core.data.thumbnails import photo_path
from dermnet_core.errors import DermnetError
from dermnet_core.i18n import _, percent, retold
from dermnet_ui.markup import encode
from dermnet_ui.permission import explaining_allowed

_COPIES = 8
_CARD_WIDTH = 150
_MODELS: dict[str, ModelName] = {"CNN": "separable_cnn", "MobileNetV2": "mobilenet_v2"}
_SHOWN = "augmented"


def show(root: Path, facts: PhotoFacts) -> None:
    """Offer to augment a photo as training does, and show the result."""
    name = st.segmented_control(_("Model"), list(_MODELS), default="CNN", required=True, key="augment-model") or "CNN"
    model = _MODELS[name]
    try:
        config, size = preview.recipe(model)
        settings = list(in_words(config.stages[-1].augmentation))
        st.caption(
            _(
                "In each epoch a model sees every photo changed anew, so that it learns what stays. "
                "This recipe, at {size} × {size} pixels: {changes}."
            ).format(size=size, changes=", ".join(settings) or _("no changes"))
        )
        allowed, reason = explaining_allowed()
        if not allowed:
            st.info(reason)
            return
        wanted = facts.sha256, model
        st.button(
            _("Show what training does to this photo"), key="augment", on_click=_want, args=wanted,
            disabled=not settings, type="primary",
        )  # fmt: skip
        if st.session_state.get(_SHOWN) == wanted:
            waiting = _("Changing the photo: this starts TensorFlow and takes some seconds …")
            with st.spinner(waiting, show_time=True):
                versions = _augmented(facts.sha256, model, str(root), facts.file)
            _versions(versions)
    except DermnetError as error:
        st.session_state.pop(_SHOWN, None)
        st.error(retold(str(error)))


def in_words(settings: AugmentationConfig) -> Iterator[str]:
    """Return each random change of a recipe as a few words; nothing when all are off."""
    if settings.flip:
        yield _("mirrored half of the time")
    if settings.rotation:
        yield _("turned by up to {degrees}°").format(degrees=f"{360 * settings.rotation:.0f}")
    if settings.zoom:
        yield _("brought closer by up to {closer} or moved away by up to {away}").format(
            closer=percent(settings.zoom, 0), away=percent(settings.zoom / 2, 0)
        )
    if settings.shift:
        yield _("shifted by up to {share}").format(share=percent(settings.shift, 0))
    if settings.contrast:
        yield _("contrast changed by up to {share}").format(share=percent(settings.contrast, 0))
    if settings.sharpness:
        yield _("fine detail changed by up to {share}").format(share=percent(settings.sharpness, 0))
    if settings.mixup:
        yield _("blended with another photo (not shown)")


def _want(sha256: str, model: ModelName) -> None:
    st.session_state[_SHOWN] = (sha256, model)


@st.cache_data(max_entries=8, show_spinner=False)
def _augmented(sha256: str, model: ModelName, _root: str, _file: str) -> list[bytes]:
    """Return the versions as JPEGs; a few hundred kilobytes a photo and model."""
    photo = read_photo_file(photo_path(Path(_root), _file))
    return [encode(version) for version in preview.augmented(photo, model, _COPIES)]


def _versions(versions: list[bytes]) -> None:
    with st.container(horizontal=True, gap="small", key="dn-grid-augmented"):
        for number, version in enumerate(versions, start=1):
            alt = _("Version {number} of the photo as training changes it").format(number=number)
            st.image(version, width=_CARD_WIDTH, alt=alt)
