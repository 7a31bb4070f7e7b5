"""The recipe of the next run: a preset, a file, and every setting by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from dermnet_core.artifacts import Artifact, ModelRegistry
from dermnet_core.config import DistillationConfig, ModelName, PresetName, StageConfig, TrainingConfig
from dermnet_core.config_json import from_dict, to_dict
from dermnet_core.data.listing import list_photos
from dermnet_core.errors import ConfigError, DatasetError
from dermnet_core.i18n import N_, _, retold
from dermnet_core.paths import model_dirs
from dermnet_core.training.presets import PRESETS, preset, stage_title, with_classes, with_download
from dermnet_ui.dataset.folder import may_choose_folder
from dermnet_ui.training.fields import AUGMENTATION, FIT, HINTS, MODEL, RUN, TEACHER, TRANSFER, Field, ask

TITLES: dict[ModelName, str] = {"separable_cnn": N_("Separable CNN"), "mobilenet_v2": "MobileNetV2"}
_PRESETS: dict[PresetName, str] = {
    "original": N_("Original recipe"),
    "best": N_("Best recipe"),
    "quick": N_("Quick try"),
}
_ABOUT: dict[PresetName, str] = {
    "original": N_("What the original report describes, to reproduce it."),
    "best": N_("The strongest that needs no more than ImageNet weights and a model that ships; cards name their own."),
    "quick": N_("A few epochs on part of the photos: shows in minutes that everything works, no more."),
}
_FILE, _LOADED, _VERSION = "train-recipe-file", "train-recipe", "train-recipe-version"
_FEW = ("epochs", "batch_size", "learning_rate")


def show(root: Path) -> TrainingConfig:
    """Ask for the recipe and return it.

    Raises:
        ConfigError: the settings contradict each other.
        DatasetError: the folder holds no photos.
    """
    st.session_state.setdefault("train-model", "separable_cnn")
    names: list[ModelName] = list(TITLES)
    model = st.segmented_control(
        _("Model"), names, required=True, format_func=lambda name: _(TITLES[name]), key="train-model"
    )
    assert model is not None  # required
    chosen = st.radio(
        _("Recipe"), PRESETS, index=PRESETS.index("quick"), format_func=lambda name: _(_PRESETS[name]),
        captions=[_(_ABOUT[name]) for name in PRESETS], key="train-preset", on_change=_forget,
    )  # fmt: skip
    base = _loaded(model) or preset(model, chosen)
    config = _with_folder(base, root)
    # Another start gives the widgets other keys, so that they take its values.
    version = f"{model}-{chosen}-{st.session_state.get(_VERSION, 0)}"
    if network := config.mobilenet_v2:
        network = replace(network, weights=_weights(network.weights, version))
        config = replace(config, mobilenet_v2=network)
    config = _few(config, version)
    with st.expander(_("Every setting")):
        config = _all(config, version)
    with st.expander(_("Recipe as a file")):
        _file(config)
    return config


def _with_folder(config: TrainingConfig, root: Path) -> TrainingConfig:
    classes = _classes(str(root))
    if classes < 2:
        message = _("Expected at least two class folders in {folder}, found {n}. Add another one.")
        raise DatasetError(message.format(folder=root.name, n=classes))
    return with_classes(config, classes)


@st.cache_data(ttl=30, max_entries=8, show_spinner=False)
def _classes(root: str) -> int:
    return len({photo.label for photo in list_photos(Path(root)).photos})


def _few(config: TrainingConfig, version: str) -> TrainingConfig:
    fields = {field.name: field for field in FIT}
    stages = []
    for number, stage in enumerate(config.stages):
        if len(config.stages) > 1:
            st.markdown(_stage_heading(number, stage))
        values = {}
        for name, column in zip(_FEW, st.columns(len(_FEW), vertical_alignment="bottom"), strict=True):
            with column:
                values[name] = ask(fields[name], getattr(stage.fit, name), f"few-{version}-{number}-{name}")
        stages.append(replace(stage, fit=replace(stage.fit, **values)))
    return replace(config, stages=tuple(stages))


def _all(config: TrainingConfig, version: str) -> TrainingConfig:
    model = config.model
    st.markdown(_("**Network**"))
    changed = replace(model, **_grid(MODEL[config.model_name], model, f"{version}-model"))
    st.markdown(_("**Photos**"))
    settings: dict[str, Any] = {config.model_name: changed, **_grid(RUN, config, f"{version}-run")}
    settings["start_from"] = _start(config, f"{version}-start")
    st.markdown(_("**Teachers**"))
    settings["distillation"] = _teachers(config, f"{version}-teacher")
    stages = tuple(_stage(stage, f"{version}-{number}", number, config) for number, stage in enumerate(config.stages))
    return replace(config, **settings, stages=stages)


def _installed() -> list[Artifact]:
    return ModelRegistry(model_dirs()).artifacts()


def _start(config: TrainingConfig, key: str) -> tuple[str, ...]:
    """Ask for installed models whose weights training goes on with."""
    own = [found for found in _installed() if found.card.architecture == config.model_name]
    titles = {found.name: _(found.card.title) for found in own}
    return tuple(
        st.multiselect(
            _("Go on from"), list(dict.fromkeys((*titles, *config.start_from))), config.start_from, key=key,
            format_func=lambda name: titles.get(name, name), placeholder=_("ImageNet or random weights"),
            help=_("Models of the same network; training starts with the mean of their weights."),
        )
    )  # fmt: skip


def _teachers(config: TrainingConfig, key: str) -> DistillationConfig | None:
    """Ask for installed models to learn from."""
    current = config.distillation
    titles = {found.name: _(found.card.title) for found in _installed()}
    named = current.teachers if current else ()
    chosen = st.multiselect(
        _("Learn from"), list(dict.fromkeys((*titles, *named))), named, key=key,
        format_func=lambda name: titles.get(name, name), placeholder=_("the labels alone"),
        help=_("Models that answer for every photo; their mean answer is learned beside the labels (distillation)."),
    )  # fmt: skip
    if not chosen:
        return None
    settings = replace(current or DistillationConfig(tuple(chosen)), teachers=tuple(chosen))
    return replace(settings, **_grid(TEACHER, settings, key))


def _stage(stage: StageConfig, key: str, number: int, config: TrainingConfig) -> StageConfig:
    st.markdown(_stage_heading(number, stage) if len(config.stages) > 1 else _("**Training**"))
    rest = tuple(field for field in FIT if field.name not in _FEW)
    fit = replace(stage.fit, **_grid(rest, stage.fit, f"{key}-fit"))
    st.caption(_("Which layers train"))
    transfer = replace(stage.transfer, **_grid(TRANSFER, stage.transfer, f"{key}-transfer"))
    st.caption(_("Augmentation"))
    augmentation = replace(stage.augmentation, **_grid(AUGMENTATION, stage.augmentation, f"{key}-augmentation"))
    st.caption(_("Hints"))
    hints = replace(stage.hints, **_grid(HINTS, stage.hints, f"{key}-hints"))
    if hints.weight and (weights := _weights(hints.weights, f"{key}-hints")):
        hints = replace(hints, weights=weights)
    return replace(stage, fit=fit, transfer=transfer, augmentation=augmentation, hints=hints)


def _stage_heading(number: int, stage: StageConfig) -> str:
    return _("**Stage {n}: {name}**").format(n=number + 1, name=stage_title(stage.name))


def _grid(fields: tuple[Field, ...], holder: Any, key: str) -> dict[str, Any]:
    """Show settings in two columns and return name -> value."""
    columns, values = st.columns(2), {}
    for place, field in enumerate(fields):
        with columns[place % 2]:
            values[field.name] = ask(field, getattr(holder, field.name), f"{key}-{field.name}")
    return values


def _weights(current: str | None, key: str) -> str | None:
    """Ask where ImageNet weights come from; a path only of whoever sits at this computer."""
    if not may_choose_folder():
        return current
    help = _('"imagenet" lets Keras download them; offline, the path of a no-top weights file; empty: random weights.')
    return st.text_input(_("ImageNet weights"), current or "", key=f"{key}-weights", help=help).strip() or None


def _file(config: TrainingConfig) -> None:
    text = json.dumps(to_dict(config), indent=1)
    st.download_button(_("Save this recipe (JSON)"), text, "recipe.json", "application/json", on_click="ignore")
    st.file_uploader(_("Open a recipe (JSON)"), type="json", key=_FILE, on_change=_open)
    if isinstance(message := st.session_state.get(f"{_LOADED}-refused"), str):
        st.error(message)


def _open() -> None:
    uploaded = st.session_state.get(_FILE)
    st.session_state[f"{_LOADED}-refused"] = None
    if uploaded is None:
        return
    try:
        values = json.loads(uploaded.getvalue().decode("utf-8"))
        if not isinstance(values, dict):
            message = _("Expected a JSON object in {file}, found {found}.")
            raise ConfigError(message.format(file=uploaded.name, found=type(values).__name__))
        config = from_dict(values.get("training", values))
    except (ValueError, ConfigError) as error:
        message = _("Expected a recipe in {file}, found: {error}")
        refused = message.format(file=uploaded.name, error=retold(str(error)))
        st.session_state[f"{_LOADED}-refused"] = refused
        return
    if not may_choose_folder():
        config = with_download(config)  # a path of this computer is not for a visitor to name
    st.session_state[_LOADED] = config
    st.session_state["train-model"] = config.model_name
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1


def offer(config: TrainingConfig) -> None:
    """Let the Train page start from a recipe, for example the best of a search; call it before the page runs."""
    st.session_state[_LOADED] = config
    st.session_state["train-model"] = config.model_name
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1


def _loaded(model: ModelName) -> TrainingConfig | None:
    config = st.session_state.get(_LOADED)
    return config if isinstance(config, TrainingConfig) and config.model_name == model else None


def _forget() -> None:
    st.session_state.pop(_LOADED, None)
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
