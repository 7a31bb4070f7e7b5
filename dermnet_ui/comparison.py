"""One photo, both models: heatmaps, ranked classes, their difference, and what lies deeper."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dermnet_core.data.images import Photo
from dermnet_core.errors import DermnetError
from dermnet_core.explain.gradcam import Heatmap
from dermnet_core.explain.methods import METHODS
from dermnet_core.explain.overlay import difference_overlay, overlay
from dermnet_core.explanation import explain_with
from dermnet_core.i18n import _, ngettext, retold
from dermnet_core.labels import display_name
from dermnet_ui import export
from dermnet_ui.case import Answer, Case, reduced, score_text
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.language import kept
from dermnet_ui.markup import (
    agreement_line,
    colour_scale,
    encode,
    heatmap_caption,
    model_heading,
    name_heading,
    notes_list,
    plain,
    ranked_list,
    score_table,
)
from dermnet_ui.permission import explaining_allowed
from dermnet_ui.picture import picture
from dermnet_ui.resources import Models
from dermnet_ui.table import Table

_OWN_FIRST = ""
"""The choice of the class picker that lets each model show its own first class."""
_TALLEST = 440


@dataclass(frozen=True)
class _Page:
    """The photo as the page shows it."""

    rgb: NDArray[np.uint8]
    """No wider than it is shown: Streamlit would unpack wider pictures, shrink them and pack them again."""
    width: int
    opacity: float


@st.fragment
def comparison(case: Case, table: Table, models: Models) -> None:
    """Show one photo with the answers of the models; only this part runs again when its controls move."""
    st.html(agreement_line(case))
    st.caption(plain(case.subtitle))
    if case.kept_notes:
        st.html(notes_list(case.notes()))
    columns = st.columns(len(case.answers), gap="medium")
    below = st.container()
    opacity, label, difference = _controls(case)
    page = _page(case, opacity)
    for column, answer in zip(columns, case.answers, strict=True):
        with column:
            _column(page, answer, label)
    if difference:
        with below:
            _difference(case, page, label or case.common_label())
    _save(case, table, label, opacity)
    _more(case, models, page, label or case.common_label())


def _page(case: Case, opacity: float) -> _Page:
    width, height = case.size
    shown = max(160, _TALLEST * width // height)  # not taller than the first screen allows
    return _Page(reduced(case.rgb, round(max(width, height) * shown / width)), shown, opacity)


def _column(page: _Page, answer: Answer, label: str) -> None:
    shown = label or answer.first
    st.html(model_heading(answer))
    _picture(page, answer, shown, answer.heatmap(shown))
    st.html(ranked_list(answer))
    if answer.notes():
        st.html(notes_list(answer.notes()))


def _picture(page: _Page, answer: Answer, label: str, heatmap: Heatmap) -> None:
    name = display_name(label)
    alt = _("{model}, heatmap for {name}, strongest: {place}")
    alt = alt.format(model=answer.model, name=name, place=heatmap.strongest_place())
    st.image(encode(overlay(page.rgb, heatmap, page.opacity)), width=page.width, alt=alt)
    st.html(colour_scale())
    st.html(heatmap_caption(name, heatmap))


def _controls(case: Case) -> tuple[float, str, bool]:
    """Return opacity 0..1, the class folder (or _OWN_FIRST) and whether to show the difference."""
    left, middle, right = st.columns([3, 4, 3], gap="medium", vertical_alignment="bottom")
    opacity = left.slider(_("Opacity of the heatmap"), 0, 100, 50, format=_("%d %%"), key="opacity")
    label = middle.selectbox(
        _("Class for the heatmap"),
        [_OWN_FIRST, *case.labels()],
        key=f"class-{case.key}",
        format_func=lambda option: _class_option(case, option),
    )
    several = len(case.answers) > 1
    difference = (
        right.toggle(
            _("Difference of the two"),
            key="difference",
            disabled=not several,
            help=_("Where the two heatmaps of one class differ: blue where the CNN is stronger, else orange."),
        )
        and several
    )
    return opacity / 100, label or _OWN_FIRST, difference


def _class_option(case: Case, label: str) -> str:
    if label == _OWN_FIRST:
        return _("Each model's first")
    return f"{display_name(label)} ({' / '.join(score_text(answer.score(label)) for answer in case.answers)})"


def _difference(case: Case, page: _Page, label: str) -> None:
    first, second = case.answers
    maps = [answer.heatmap(label) for answer in case.answers]
    alt = _("Difference for {name}. Strongest for {first}: {place}. Strongest for {second}: {other}.")
    caption = _("Blue: {first} looks more here. Orange: {second} looks more here. Plain: no difference.")
    st.markdown(_("**Difference of the two heatmaps for {name}**").format(name=display_name(label)))
    st.image(
        encode(difference_overlay(page.rgb, maps[0], maps[1], page.opacity)),
        width=page.width,
        alt=alt.format(
            name=display_name(label),
            first=first.model,
            place=maps[0].strongest_place(),
            second=second.model,
            other=maps[1].strongest_place(),
        ),
    )
    st.caption(caption.format(first=first.model, second=second.model))


def _save(case: Case, table: Table, label: str, opacity: float) -> None:
    number = len(table.cases)
    data = _("Data (JSON)") if number == 1 else _("Data of all {n} photos (JSON)").format(n=number)
    kinds = (
        (_("Picture (PNG)"), "png", "image/png", kept(lambda: picture(case, label, opacity, _(DISCLAIMER)))),
        (_("Report (HTML)"), "html", "text/html", kept(lambda: export.report(case, label, opacity, _(DISCLAIMER)))),
        (data, "json", "application/json", lambda: export.as_json(table.cases.values(), table.refused)),
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(_("Save:"), width="content")
        for title, ending, mime, content in kinds:
            st.download_button(
                title,
                content,
                f"dermnet-workbench-{case.key[:8]}.{ending}",
                mime,
                key=f"save-{ending}",
                on_click="ignore",
            )


def _more(case: Case, models: Models, page: _Page, label: str) -> None:
    with st.expander(_("Scores of all {n} classes").format(n=len(case.labels()))):
        st.html(score_table(case))
    with st.expander(_("Other ways to explain")):
        _other_methods(case, models, page, label)


def _other_methods(case: Case, models: Models, page: _Page, label: str) -> None:
    st.caption(
        _(
            "Other ways to draw where a model looked. They need TensorFlow, which is started for this only: "
            "allow up to a minute and 1 GB of memory. The heatmaps above come with the answer at no cost."
        )
    )
    allowed, reason = explaining_allowed()
    if not allowed:
        st.info(reason)
        return
    method = st.selectbox(_("Method"), list(METHODS), format_func=lambda key: _(METHODS[key]), key="method")
    if st.button(_("Draw for {name}").format(name=display_name(label)), key="explain"):
        n = len(case.answers)
        waiting = ngettext("{method} for {n} model …", "{method} for {n} models …", n)
        try:
            with st.spinner(waiting.format(method=_(METHODS[method]), n=n), show_time=True):
                case.other_maps[label, method] = _explain(case, models, label, method)
        except DermnetError as error:
            st.error(retold(str(error)))
    maps = case.other_maps.get((label, method))
    if maps is None:
        return
    columns = st.columns(len(maps), gap="medium")
    for column, answer, heatmap in zip(columns, case.answers, maps, strict=True):
        with column:
            st.html(name_heading(answer.card))
            _picture(page, answer, label, heatmap)


def _explain(case: Case, models: Models, label: str, method: str) -> tuple[Heatmap, ...]:
    photo = Photo(case.rgb, "PNG")
    return tuple(
        explain_with(artifact, photo, artifact.card.classes.index(label), method) for artifact in models.artifacts
    )
