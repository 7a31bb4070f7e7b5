"""A model card in the page: what a model is, how good it is, what it must not be used for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import streamlit as st

from dermnet_core.artifacts import LITERT, ModelCard
from dermnet_ui.case import short_name
from dermnet_ui.charts import figures_chart, photos_chart
from dermnet_ui.evaluation import outside
from dermnet_ui.frame import DISCLAIMER
from dermnet_ui.markup import figures_table, name_heading
from dermnet_ui.model_card_text import VIEWS, fingerprints, markdown, recipe_in_words
from dermnet_ui.scored import FIGURES, Scored

CHART_OPTIONS = {"displayModeBar": False}


def figures(scored: Mapping[str, Sequence[Scored]]) -> None:
    """Show the figures of all models in one view of the test photos.

    Args:
        scored: view name -> the models that were evaluated in it.
    """
    names = [name for name in VIEWS if scored.get(name)]
    if not names:
        st.info("No evaluation is installed beside these models. Write one with: python -m dermnet_core evaluate")
        return
    view = st.segmented_control(
        "Test photos", names, format_func=str.capitalize, default=_first(names), required=True, key="view"
    )
    models = scored[view or _first(names)]
    st.plotly_chart(figures_chart(models), config=CHART_OPTIONS, key="figures", alt=_chart_text(models))
    first = models[0].view
    chance, majority = 100 * first.baselines.chance, 100 * first.baselines.majority
    st.caption(
        f"{VIEWS[view or _first(names)]}, n = {first.figures.n:,}; lines are 95 % intervals. Chance: {chance:.1f} %; "
        f"always naming the most frequent class: {majority:.1f} %. Top-3: the right class is among the first three. "
        "Balanced accuracy and macro F1 count every class alike, however few photos it has."
    )


def card(model: ModelCard, scored: Mapping[str, Sequence[Scored]]) -> None:
    """Show one model card."""
    st.html(name_heading(model))
    st.markdown(
        f"{model.title} · {model.parameters:,} parameters · photos at {model.image_size} × {model.image_size} px · "
        f"{len(model.classes)} classes · trained on {sum(model.train_counts.values()):,} photos"
    )
    own = {view: found for view, models in scored.items() for found in models if found.card.name == model.name}
    if own:
        table = figures_table({view.capitalize(): found for view, found in own.items()})
        st.html(f'<div class="dn-scroll">{table}</div>')
    st.markdown("**Intended use**\n\n" + model.intended_use)
    st.markdown("**Limits**\n\n" + "\n".join(f"- {limit}" for limit in model.limits))
    with st.expander("Recipe"):
        st.markdown("\n".join(f"{number}. {stage}" for number, stage in enumerate(recipe_in_words(model.recipe), 1)))
        st.caption("Train it again with:")
        st.code(model.command, language=None, wrap_lines=True)
    with st.expander("Training photos per class"):
        st.plotly_chart(photos_chart(model), config=CHART_OPTIONS, key=f"photos-{model.name}", alt=_photos_text(model))
    with st.expander("Fingerprint and provenance"):
        st.markdown("\n".join(f"- {line}" for line in model.provenance))
        st.markdown(f"Made {model.created}. Photo folder: {model.data.get('photos', '?')} photos.")
        st.code("\n".join(f"{name}  {digest}" for name, digest in fingerprints(model)), language=None)
    text = markdown(model, own, outside.of_model(model.sha256.get(LITERT, "")), DISCLAIMER)
    with st.container(horizontal=True, gap="small"):
        if st.button("Read the whole card", key=f"read-{model.name}"):
            _whole(text)
        st.download_button(
            "Save the card (Markdown)", text, f"{model.name}-card.md", "text/markdown",
            key=f"save-text-{model.name}", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Save the card (JSON)", json.dumps(asdict(model), indent=2, ensure_ascii=False),
            f"{model.name}-card.json", "application/json", key=f"save-{model.name}", on_click="ignore",
        )  # fmt: skip


@st.dialog("Model card", width="large")
def _whole(text: str) -> None:
    st.markdown(text)


def _first(names: Sequence[str]) -> str:
    return "clean" if "clean" in names else names[0]


def _chart_text(models: Sequence[Scored]) -> str:
    return "; ".join(
        f"{short_name(model.card)}: " + ", ".join(f"{title} {model.text(name)}" for name, title in FIGURES.items())
        for model in models
    )


def _photos_text(model: ModelCard) -> str:
    counts = model.train_counts
    fewest, most = min(counts, key=lambda label: counts[label]), max(counts, key=lambda label: counts[label])
    return f"Training photos per class, from {counts[fewest]} ({fewest}) to {counts[most]} ({most})"
