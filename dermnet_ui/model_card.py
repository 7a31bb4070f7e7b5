"""A model card in the page: what a model is, how good it is, what it must not be used for."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from dermnet_core.artifacts import ModelCard
from dermnet_core.config import AugmentationConfig
from dermnet_ui.case import short_name
from dermnet_ui.charts import figures_chart, photos_chart
from dermnet_ui.markup import figures_table, name_heading
from dermnet_ui.scored import FIGURES, Scored

CHART_OPTIONS = {"displayModeBar": False}
_VIEWS = {
    "clean": "Clean: without copies of training photos",
    "official": "Official: all test photos",
}
_TRAINED = {"all": "all layers", "head": "the last layer only"}


def figures(scored: Mapping[str, Sequence[Scored]]) -> None:
    """Show the figures of all models in one view of the test photos.

    Args:
        scored: view name -> the models that were evaluated in it.
    """
    names = [name for name in _VIEWS if scored.get(name)]
    if not names:
        st.info("No evaluation is installed beside these models. Write one with: python -m dermnet_core evaluate")
        return
    view = st.segmented_control(
        "Test photos", names, format_func=lambda name: _VIEWS[name], default=names[0], required=True, key="view"
    )
    models = scored[view or names[0]]
    st.plotly_chart(figures_chart(models), config=CHART_OPTIONS, key="figures", alt=_chart_text(models))
    first = models[0].view
    chance, majority = 100 * first.baselines.chance, 100 * first.baselines.majority
    st.caption(
        f"n = {first.figures.n:,} photos; lines are 95 % intervals. Chance: {chance:.1f} %; always naming the most "
        f"frequent class: {majority:.1f} %. Top-3: the right class is among the first three. Balanced accuracy and "
        "macro F1 count every class alike, however few photos it has."
    )


def card(model: ModelCard, scored: Mapping[str, Sequence[Scored]]) -> None:
    """Show one model card."""
    st.html(name_heading(model))
    st.markdown(
        f"{model.title} · {model.parameters:,} parameters · photos at {model.image_size} × {model.image_size} px · "
        f"{len(model.classes)} classes · trained on {sum(model.train_counts.values()):,} photos"
    )
    own = {
        view.capitalize(): found for view, models in scored.items() for found in models if found.card.name == model.name
    }
    if own:
        st.html(figures_table(own))
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
        st.code("\n".join(_fingerprints(model)), language=None)
    st.download_button(
        "Save the card (JSON)", json.dumps(asdict(model), indent=2, ensure_ascii=False),
        f"{model.name}-card.json", "application/json", key=f"save-{model.name}", on_click="ignore",
    )  # fmt: skip


def recipe_in_words(recipe: Mapping[str, Any]) -> Iterator[str]:
    """Return one sentence a stage of a training recipe."""
    for stage in recipe.get("stages", ()):
        fit, transfer = stage["fit"], stage["transfer"]
        rate = f"{fit['learning_rate']:g} ({fit['schedule']})"
        layers = _layers(transfer["trainable_from"])
        yield (
            f"**{stage['name']}**: {layers}, {fit['epochs']} epochs of batches of {fit['batch_size']}, "
            f"{fit['optimizer']} at {rate}, weight decay {fit['weight_decay']:g}, "
            f"label smoothing {fit['label_smoothing']:g}, class weights {fit['class_weights']}; "
            f"augmentation: {_augmentation(AugmentationConfig(**stage['augmentation']))}."
        )


def _layers(trainable_from: str) -> str:
    if trainable_from.startswith("last_"):
        return f"the last {trainable_from.removeprefix('last_')} layers"
    return _TRAINED.get(trainable_from, f"layers from {trainable_from}")


def _augmentation(settings: AugmentationConfig) -> str:
    parts = [f"{name} {value:g}" for name, value in asdict(settings).items() if value and name != "flip"]
    return ", ".join(["flip", *parts] if settings.flip else parts) or "none"


def _chart_text(models: Sequence[Scored]) -> str:
    return "; ".join(
        f"{short_name(model.card)}: " + ", ".join(f"{title} {model.text(name)}" for name, title in FIGURES.items())
        for model in models
    )


def _photos_text(model: ModelCard) -> str:
    counts = model.train_counts
    fewest, most = min(counts, key=lambda label: counts[label]), max(counts, key=lambda label: counts[label])
    return f"Training photos per class, from {counts[fewest]} ({fewest}) to {counts[most]} ({most})"


def _fingerprints(model: ModelCard) -> Iterator[str]:
    yield f"photos  {model.data.get('fingerprint', '?')}"
    yield from (f"{name}  {digest}" for name, digest in model.sha256.items())
