"""How do the models do on photos of another source than the atlas?"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from dermnet_core.evaluation.record import Evaluation
from dermnet_core.evaluations import StoredEvaluation, list_evaluations
from dermnet_core.i18n import _, language
from dermnet_ui.charts_outside import fall_chart, rows_chart
from dermnet_ui.evaluation import choice
from dermnet_ui.evaluation.chart import show_chart, show_table
from dermnet_ui.evaluation.outside_figures import (
    GROUPS,
    Outside,
    OutsideSide,
    fall_sentences,
    few_sentence,
    headline_table,
    malignant_table,
    mapping_table,
    outside_side,
    summary,
    words,
)
from dermnet_ui.evaluation.selection import OUTSIDE, Selection, colours, names
from dermnet_ui.markup import plain

_OWN = "python -m dermnet_core evaluate DIR --model NAME --labels labels.csv --mapping mapping.json --keep my-photos"
MAPPING = (
    '{"name": "My photos", "labels": {"BCC": "Actinic Keratosis Basal Cell Carcinoma and other Malignant Lesions", '
    '"scar": null}}'
)

_SET = "evaluation-outside"


def show(selection: Selection) -> None:
    """Show one outside set, the fall against the atlas, and how to evaluate one's own."""
    sets = outside_sets()
    if not sets:
        st.info(
            _(
                "No evaluation of photos from another source is here. Make one with the command below; this page then "
                "lists it."
            )
        )
        _how_to()
        return
    titles = list(sets)
    title = titles[0] if len(titles) == 1 else st.selectbox(_("Outside photos"), titles, key=_SET)
    with st.spinner(_("Computing intervals …")):
        found = outside(selection, str(title), sets[str(title)])
    if found is None:
        return
    st.markdown(summary(found))
    sentences = fall_sentences(found)
    if sentences:
        st.markdown(f"**{sentences[0]}**")
        st.markdown(sentences[1])
        home = _("Home: {photos}, photos of the same classes, whose mix differs.")
        st.caption(home.format(photos=found.home))
    else:
        st.caption(_("No evaluation of the same models on the atlas is here, so the fall against it is not shown."))
    _headline(found)
    _groups(found)
    _malignant(found)
    _origin(found)
    _how_to()


def outside_sets() -> dict[str, list[StoredEvaluation]]:
    """Return the outside evaluations by the name of their photos."""
    found: dict[str, list[StoredEvaluation]] = {}
    for entry in list_evaluations()[0]:
        if entry.about.split == OUTSIDE:
            found.setdefault(entry.about.photos, []).append(entry)
    return found


def outside(selection: Selection, title: str, stored: Sequence[StoredEvaluation]) -> Outside | None:
    """Return an outside set with the selected models, or with the first two that were evaluated on it.

    An evaluation that cannot be used is named and left out; None when none is left.
    """
    evaluations = [found for entry in _of_models(selection, stored) if (found := _usable(entry))]
    if not evaluations:
        return None
    view = selection.view
    homes = [_home(selection, entry) for entry in evaluations]
    # Names of sides may hold what their photos are called.
    key = " ".join([language(), *(entry.key if entry else "none" for entry in (*evaluations, *homes))])
    return _outside(key, title, view, evaluations, homes)


def of_model(model_sha256: str) -> list[Outside]:
    """Return what one model answered to each outside set, beside the clean photos of the atlas."""
    found = []
    for title, stored in outside_sets().items():
        evaluation = next((_usable(e) for e in stored if e.about.model_sha256 == model_sha256), None)
        if evaluation is not None:
            home = _installed_home(model_sha256)
            key = f"{language()} {evaluation.key} {home.key if home else ''}"
            found.append(_outside(key, title, "clean", [evaluation], [home]))
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def _outside(
    key: str, title: str, view: str, _evaluations: list[Evaluation], _homes: list[Evaluation | None]
) -> Outside:
    first = _evaluations[0]
    same = [
        (entry, home) for entry, home in zip(_evaluations, _homes, strict=True)
        if entry.files == first.files and entry.classes == first.classes
    ]  # fmt: skip
    kept = [entry for entry, _home in same]
    sides = [
        _side(entry, home, view, name, colour)
        for (entry, home), name, colour in zip(same, names(kept), colours(kept), strict=True)
    ]
    photos = next((home.about.photos for _entry, home in same if home), "")
    return Outside(title, photos, view, tuple(sides[0].some.classes), tuple(sides))


def _side(evaluation: Evaluation, home: Evaluation | None, view: str, name: str, colour: str) -> OutsideSide:
    if home is None:
        return outside_side(evaluation, name, colour, None, None)
    view = view if view in home.views else home.views[0]
    return outside_side(evaluation, name, colour, home.predictions(view), home.groups_in(view))


def _usable(stored: StoredEvaluation) -> Evaluation | None:
    """Return an evaluation of two classes or more; otherwise say why it is left out."""
    found = choice.usable(stored)
    if found is not None and len(np.unique(found.labels)) < 2:
        one = _(
            "Expected outside photos of two classes or more, found one in {name}. Choose this evaluation at "
            "the top of the page to see its figures."
        )
        st.warning(one.format(name=stored.name))
        return None
    return found


def _of_models(selection: Selection, stored: Sequence[StoredEvaluation]) -> list[StoredEvaluation]:
    """Return the evaluations of the selected models in their order; without any, the first two."""
    chosen = dict.fromkeys(side.about.model_sha256 for side in selection.sides)
    by_model = {entry.about.model_sha256: entry for entry in stored}
    return [by_model[model] for model in chosen if model in by_model] or list(stored)[:2]


def _home(selection: Selection, evaluation: Evaluation) -> Evaluation | None:
    """Return the same model's answers to the atlas: the selected ones, or those that are installed."""
    model = evaluation.about.model_sha256
    for side in selection.sides:
        if side.about.model_sha256 == model and side.about.split != OUTSIDE:
            return side.evaluation
    return _installed_home(model)


def _installed_home(model: str) -> Evaluation | None:
    stored = [e for e in list_evaluations()[0] if e.about.model_sha256 == model and e.about.split == "test"]
    return choice.usable(stored[0]) if stored else None


def _headline(found: Outside) -> None:
    table = headline_table(found)
    title = _("Outside photos and photos at home")
    show_chart(fall_chart(found), "outside-fall", words(table), title=title, note=found.home_note)
    show_table(lambda: headline_table(found), "outside-csv")
    st.caption(
        _(
            "These intervals draw whole patients or series, where they are known, since photos of one patient tell "
            "less than as many photos of different patients. Intervals of classes and groups below take photos as "
            "independent."
        )
    )


def _groups(found: Outside) -> None:
    for number, (title, make) in enumerate(GROUPS):
        table = make(found)
        if table is None:
            continue
        show_chart(
            rows_chart(found, table), f"outside-rows-{number}", words(table), title=_(title), note=found.some_note
        )
        if few := few_sentence(table):
            st.caption(f"⚠ {few}")
        with st.expander(_("Table: {title}").format(title=_(title))):
            show_table(partial(make, found), f"outside-rows-csv-{number}")


def _malignant(found: Outside) -> None:
    if malignant_table(found) is None:
        return
    st.subheader(_("Malignant or pre-malignant against the rest"))
    show_table(lambda: malignant_table(found), "outside-malignant-csv")
    st.caption(
        _(
            "What the source calls malignant or pre-malignant (for PAD-UFES-20: ACK, BCC, SCC, MEL) against the rest. "
            "The score is the sum of the model scores of the two classes with such lesions; sensitivity and "
            "specificity are at a score of 50. One of the two classes holds nevi too, so a nevus that is named rightly "
            "counts here as a false alarm. An AUC of 50 is guessing. Nothing here makes a model fit for finding cancer."
        )
    )


def _origin(found: Outside) -> None:
    st.subheader(_("Where the photos come from"))
    show_table(lambda: mapping_table(found), "outside-mapping-csv")
    if source := found.sides[0].evaluation.about.source:
        from_source = _("Source: {source}. No photo of it is part of this application.")
        st.markdown(from_source.format(source=plain(source)))
    st.caption(_("Make these figures again with:"))
    st.code("\n".join(side.evaluation.about.command for side in found.sides), language=None, wrap_lines=True)


def _how_to() -> None:
    with st.expander(_("Evaluate your own photos of another source")):
        needed = _(
            "You need a folder of photos, a CSV with the columns `file` and `label` (and any others, such as `patient` "
            "or `fitzpatrick`), and a JSON file that says which class of the atlas each label belongs to: "
            "`{example}`. Photos of labels with null are left out."
        )
        st.markdown(needed.format(example=MAPPING))
        st.code(_OWN, language=None, wrap_lines=True)
