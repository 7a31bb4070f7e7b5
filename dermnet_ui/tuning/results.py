"""What a search has found: curve, parallel coordinates, importance, table, and the best configuration."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dermnet_core.config import TrainingConfig, to_dict
from dermnet_core.errors import DermnetError
from dermnet_core.training.status import read_progress
from dermnet_core.tuning.importance import FEWEST, importance
from dermnet_core.tuning.space import SPACE, configuration
from dermnet_core.tuning.table import TRIAL_WORDS, SearchTable, Trial, to_json, trials_csv
from dermnet_ui import charts_training, charts_tuning
from dermnet_ui.case import MODEL_COLOURS
from dermnet_ui.charts_training import Curve
from dermnet_ui.markup import sideways
from dermnet_ui.training import recipe

_OPTIONS = {"displayModeBar": False}
_FULL_EPOCHS = 30
"""Of a training with the best configuration: a search stops each trial early."""


def headline(table: SearchTable) -> None:
    """Say in a sentence what was found, and what was reduced."""
    best, failed = table.best, sum(trial.status == "failed" for trial in table.trials)
    if best is None:
        st.markdown("No trial is completed yet.")
    else:
        failures = f", {failed} failed" if failed else ""
        st.markdown(
            f"**Best validation accuracy {100 * (best.val_accuracy or 0):.1f} %** in trial {best.number}, of "
            f"{len(table.completed)} completed of {table.settings.trials} planned{failures}. {table.note}"
        )


def show(table: SearchTable) -> None:
    """Show the charts and the table of a search with at least one trial."""
    if table.completed:
        chart = charts_tuning.progress_chart(table)
        st.plotly_chart(chart, config=_OPTIONS, key="tune-progress", alt=_progress_text(table))
    if len(table.completed) > 1:
        st.subheader("What the trials tried")
        st.caption("Each line is a trial, the lightest the best. Drag along an axis to keep some of them.")
        with st.container(key="dn-wide"):
            st.html(sideways())
            st.plotly_chart(
                charts_tuning.parallel_chart(table), config=_OPTIONS, key="tune-parallel",
                alt=charts_tuning.parallel_text(table),
            )  # fmt: skip
    _importance(table)
    _trials(table)
    _exports(table)


def best_recipe(table: SearchTable, classes: int | None = None) -> TrainingConfig | None:
    """Return the best configuration for all photos and more epochs; None before any trial is completed.

    Args:
        table: the search.
        classes: of the folder that will be trained on; those of the search by default.
    """
    if table.best is None:
        return None
    return _recipe(table, table.best, classes or table.settings.classes)


def _recipe(table: SearchTable, trial: Trial, classes: int) -> TrainingConfig:
    return configuration(
        trial.values, classes=classes, image_size=table.settings.image_size, epochs=_FULL_EPOCHS, max_photos=None,
        seed=table.settings.seed,
    )  # fmt: skip


def train_button(table: SearchTable, allowed: bool) -> None:
    """Offer the best configuration as a training run: one click opens it on the page Train."""
    if table.best is None or not allowed:
        return
    if st.button("Train this configuration", key="tune-train", type="primary"):
        found = best_recipe(table)
        assert found is not None  # there is a best trial
        recipe.offer(found)
        st.switch_page("pages/train.py")
    st.caption(f"Opens it on the page Train, with all photos and up to {_FULL_EPOCHS} epochs.")


def rows(table: SearchTable) -> pd.DataFrame:
    """Return one row a trial, the best first, then those without a result."""
    order = sorted(table.trials, key=lambda trial: (-(trial.val_accuracy or -1.0), trial.number))
    return pd.DataFrame([_row(trial) for trial in order])


def _row(trial: Trial) -> dict[str, Any]:
    return {
        "Trial": trial.number,
        "Status": TRIAL_WORDS[trial.status],
        "Validation accuracy": 100 * trial.val_accuracy if trial.val_accuracy is not None else None,
        **{
            parameter.title: charts_tuning.value_text(parameter, trial.values.get(parameter.name))
            for parameter in SPACE
        },
        "Epochs": trial.epochs,
        "Parameters": trial.parameters,
        "Time": trial.seconds,
        "Error": trial.message,
    }


def _importance(table: SearchTable) -> None:
    st.subheader("What mattered")
    shares = _shares(json.dumps(to_json(table)), table)
    if not shares:
        st.caption(f"After {FEWEST} completed trials you will see here which settings mattered.")
        return
    st.caption(
        "How much worse a model of this search predicts the accuracy when one setting is shuffled. Rough: a few dozen "
        "trials cannot tell close ones apart."
    )
    text = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares)
    chart = charts_tuning.importance_chart(shares)
    st.plotly_chart(chart, config=_OPTIONS, key="tune-importance", alt=f"Importance: {text}")


@st.cache_data(max_entries=4, show_spinner="Weighing the settings …")
def _shares(key: str, _table: SearchTable) -> list[tuple[str, float]]:
    return importance(_table)


def _trials(table: SearchTable) -> None:
    st.subheader("Trials")
    if not table.trials:
        st.caption("No trial has begun.")
        return
    columns = {
        "Validation accuracy": st.column_config.NumberColumn(format="%.1f %%"),
        "Parameters": st.column_config.NumberColumn(format="localized"),
        "Time": st.column_config.NumberColumn(format="%.0f s"),
        **{parameter.title: st.column_config.TextColumn(help=parameter.meaning) for parameter in SPACE},
    }
    st.dataframe(rows(table), hide_index=True, width="stretch", column_config=columns)
    with_curves = [trial.number for trial in table.trials if trial.folder is not None and trial.epochs]
    if with_curves:
        number = st.selectbox("Curves of trial", with_curves, index=None, key="tune-trial", placeholder="choose one")
        if number is not None:
            _curves(next(trial for trial in table.trials if trial.number == number))
    for trial in table.trials:
        if trial.status == "failed":
            st.warning(f"Trial {trial.number} failed: {trial.message}", icon="⚠️")


def _curves(trial: Trial) -> None:
    try:
        progress = read_progress(trial.folder or Path())
    except DermnetError as error:
        st.error(str(error))
        return
    curve = Curve(f"trial {trial.number}", progress.epochs, MODEL_COLOURS["separable_cnn"])
    left, right = st.columns(2)
    text = charts_training.curves_text(curve)
    for measure, column in (("accuracy", left), ("loss", right)):
        chart = charts_training.curves_chart("accuracy" if measure == "accuracy" else "loss", curve)
        column.plotly_chart(chart, config=_OPTIONS, key=f"trial-{measure}", alt=text)


def _exports(table: SearchTable) -> None:
    found = best_recipe(table)
    with st.container(horizontal=True, gap="small"):
        st.download_button("Trials (CSV)", trials_csv(table), f"{table.name}-trials.csv", "text/csv", on_click="ignore")
        st.download_button(
            "Trials (JSON)", json.dumps(to_json(table), indent=1), f"{table.name}-trials.json", "application/json",
            on_click="ignore",
        )  # fmt: skip
        if found:
            st.download_button(
                "Best configuration (JSON)", json.dumps(to_dict(found), indent=1), f"{table.name}-recipe.json",
                "application/json", on_click="ignore",
            )  # fmt: skip


def _progress_text(table: SearchTable) -> str:
    best = table.best
    value = f"{100 * (best.val_accuracy or 0):.1f} % in trial {best.number}" if best else "none yet"
    return f"Validation accuracy of {len(table.completed)} trials; the best is {value}."


def started(table: SearchTable) -> str:
    """Return when a search began."""
    return f"{datetime.fromtimestamp(table.started):%Y-%m-%d %H:%M}" if table.started else "not started"
