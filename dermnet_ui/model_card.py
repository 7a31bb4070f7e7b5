"""A model card in the page: what a model is, how good it is, what it must not be used for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import streamlit as st

from dermnet_core.artifacts import LITERT, ModelCard
from dermnet_core.i18n import _, count, day, percent, retold
from dermnet_core.labels import display_name, with_names
from dermnet_ui.case import short_name
from dermnet_ui.charts import figures_chart, photos_chart
from dermnet_ui.evaluation import outside
from dermnet_ui.evaluation.selection import VIEW_NAMES
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.markup import figures_table, name_heading
from dermnet_ui.model_card_text import VIEWS, fingerprints, markdown, recipe_markdown
from dermnet_ui.scored import FIGURES, Scored

CHART_OPTIONS = {"displayModeBar": False}


def figures(scored: Mapping[str, Sequence[Scored]]) -> None:
    """Show the figures of all models in one view of the test photos.

    Args:
        scored: view name -> the models that were evaluated in it.
    """
    names = [name for name in VIEWS if scored.get(name)]
    if not names:
        nothing = _("No evaluation is installed beside these models. Write one with: {command}")
        st.info(nothing.format(command="python -m dermnet_core evaluate"))
        return
    view = st.segmented_control(
        _("Test photos"),
        names,
        format_func=lambda name: _(VIEW_NAMES[name]),
        default=_first(names),
        required=True,
        key="view",
    )
    models = scored[view or _first(names)]
    st.plotly_chart(figures_chart(models), config=CHART_OPTIONS, key="figures", alt=_chart_text(models))
    first = models[0].view
    about = _(
        "{view}, n = {n}; lines are 95 % intervals. Chance: {chance}; always naming the most frequent class: "
        "{majority}. Top-3: the right class is among the first three. Balanced accuracy and macro F1 count every class "
        "alike, however few photos it has."
    )
    st.caption(
        about.format(
            view=_(VIEWS[view or _first(names)]), n=count(first.figures.n), chance=percent(first.baselines.chance),
            majority=percent(first.baselines.majority),
        )
    )  # fmt: skip


def card(model: ModelCard, scored: Mapping[str, Sequence[Scored]]) -> None:
    """Show one model card."""
    st.html(name_heading(model))
    what = _(
        "{title} · {parameters} parameters · photos at {size} × {size} px · {classes} classes · trained on {n} photos"
    )
    st.markdown(
        what.format(
            title=_(model.title), parameters=count(model.parameters), size=model.image_size, classes=len(model.classes),
            n=count(sum(model.train_counts.values())),
        )
    )  # fmt: skip
    own = {view: found for view, models in scored.items() for found in models if found.card.name == model.name}
    if own:
        st.html(figures_table({_(VIEW_NAMES[view]): found for view, found in own.items()}))
    use, limits = _("Intended use"), _("Limits")
    st.markdown(f"**{use}**\n\n{retold(model.intended_use)}")
    st.markdown(f"**{limits}**\n\n" + "\n".join(f"- {with_names(retold(limit))}" for limit in model.limits))
    with st.expander(_("Recipe")):
        st.markdown(recipe_markdown(model.recipe))
        st.caption(_("Train it again with:"))
        st.code(model.command, language=None, wrap_lines=True)
    with st.expander(_("Training photos per class")):
        st.plotly_chart(photos_chart(model), config=CHART_OPTIONS, key=f"photos-{model.name}", alt=_photos_text(model))
    with st.expander(_("Fingerprint and provenance")):
        st.markdown("\n".join(f"- {retold(line)}" for line in model.provenance))
        made = _("Made {day}. Photo folder: {n} photos.")
        photos = model.data.get("photos")
        n = count(photos) if isinstance(photos, int) else "?"
        st.markdown(made.format(day=day(model.created), n=n))
        st.code("\n".join(f"{name}  {digest}" for name, digest in fingerprints(model)), language=None, wrap_lines=True)
    text = markdown(model, own, outside.of_model(model.sha256.get(LITERT, "")), _(DISCLAIMER))
    with st.container(horizontal=True, gap="small"):
        if st.button(_("Read the whole card"), key=f"read-{model.name}"):
            st.dialog(_("Model card"), width="large")(_whole)(text)
        st.download_button(
            _("Save the card (Markdown)"), text, f"{model.name}-card.md", "text/markdown",
            key=f"save-text-{model.name}", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            _("Save the card (JSON)"), json.dumps(asdict(model), indent=2, ensure_ascii=False),
            f"{model.name}-card.json", "application/json", key=f"save-{model.name}", on_click="ignore",
        )  # fmt: skip


def _whole(text: str) -> None:
    st.markdown(text)


def _first(names: Sequence[str]) -> str:
    return "clean" if "clean" in names else names[0]


def _chart_text(models: Sequence[Scored]) -> str:
    return "; ".join(
        f"{short_name(model.card)}: " + ", ".join(f"{_(title)} {model.text(name)}" for name, title in FIGURES.items())
        for model in models
    )


def _photos_text(model: ModelCard) -> str:
    counts = model.train_counts
    fewest, most = min(counts, key=lambda label: counts[label]), max(counts, key=lambda label: counts[label])
    words = _("Training photos per class, from {few} ({fewest}) to {many} ({most})")
    return words.format(few=counts[fewest], fewest=display_name(fewest), many=counts[most], most=display_name(most))
