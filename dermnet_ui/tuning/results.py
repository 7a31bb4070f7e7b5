"""What a search has found: curve, parallel coordinates, importance, table, and the best configuration."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import to_dict
from dermnet_core.errors import DermnetError
from dermnet_core.i18n import _, count, decimal, percent, retold
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
        st.markdown(_("No trial is completed yet."))
    else:
        clean = _("**Best validation accuracy {value}** in trial {number}, of {n} completed of {total} planned.")
        mixed = _(
            "**Best validation accuracy {value}** in trial {number}, of {n} completed of {total} planned, "
            "{failed} failed."
        )
        found = (mixed if failed else clean).format(
            value=percent(best.val_accuracy or 0), number=best.number, n=len(table.completed),
            total=table.settings.trials, failed=failed,
        )  # fmt: skip
        st.markdown(f"{found} {table.note}")


def show(table: SearchTable) -> None:
    """Show the charts and the table of a search with at least one trial."""
    if table.completed:
        chart = charts_tuning.progress_chart(table)
        st.plotly_chart(chart, config=_OPTIONS, key="tune-progress", alt=_progress_text(table))
    if len(table.completed) > 1:
        st.subheader(_("What the trials tried"))
        st.caption(_("Each line is a trial, the lightest the best. Drag along an axis to keep some of them."))
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
    if st.button(_("Train this configuration"), key="tune-train", type="primary"):
        found = best_recipe(table)
        assert found is not None  # there is a best trial
        recipe.offer(found)
        st.switch_page("pages/train.py")
    st.caption(_("Opens it on the page Train, with all photos and up to {n} epochs.").format(n=_FULL_EPOCHS))


def rows(table: SearchTable) -> pd.DataFrame:
    """Return one row a trial, the best first, then those without a result."""
    order = sorted(table.trials, key=lambda trial: (-(trial.val_accuracy or -1.0), trial.number))
    return pd.DataFrame([_row(trial) for trial in order])


def _row(trial: Trial) -> dict[str, Any]:
    return {
        _("Trial"): trial.number,
        _("Status"): _(TRIAL_WORDS[trial.status]),
        _("Validation accuracy"): trial.val_accuracy,
        **{
            _(parameter.title): charts_tuning.value_text(parameter, trial.values.get(parameter.name))
            for parameter in SPACE
        },
        _("Epochs"): trial.epochs,
        _("Parameters"): trial.parameters,
        _("Time"): trial.seconds,
        _("Error"): retold(trial.message),
    }


def _importance(table: SearchTable) -> None:
    st.subheader(_("What mattered"))
    with st.spinner(_("Weighing the settings …")):
        shares = _shares(json.dumps(to_json(table)), table)
    if not shares:
        st.caption(_("After {n} completed trials you will see here which settings mattered.").format(n=FEWEST))
        return
    st.caption(
        _(
            "How much worse a model of this search predicts the accuracy when one setting is shuffled. Rough: a few "
            "dozen trials cannot tell close ones apart."
        )
    )
    titles = {parameter.name: _(parameter.title) for parameter in SPACE}
    text = ", ".join(f"{titles[name]} {percent(share, 0)}" for name, share in shares)
    chart = charts_tuning.importance_chart(shares)
    st.plotly_chart(chart, config=_OPTIONS, key="tune-importance", alt=_("Importance: {shares}").format(shares=text))


@st.cache_data(max_entries=4, show_spinner=False)
def _shares(key: str, _table: SearchTable) -> list[tuple[str, float]]:
    return importance(_table)


def _trials(table: SearchTable) -> None:
    st.subheader(_("Trials"))
    if not table.trials:
        st.caption(_("No trial has begun."))
        return
    formats: dict[Any, Any] = {
        _("Validation accuracy"): percent,
        _("Parameters"): lambda n: count(int(n)),
        _("Time"): lambda seconds: _("{n} s").format(n=decimal(seconds, 0)),
    }
    columns = {
        **{title: st.column_config.NumberColumn() for title in formats},
        **{_(parameter.title): st.column_config.TextColumn(help=_(parameter.meaning)) for parameter in SPACE},
    }
    # Streamlit writes numbers with a point in every language; a style of pandas does not, and keeps them to sort by.
    shown = rows(table).style.format(formats, na_rep="")
    st.dataframe(shown, hide_index=True, width="stretch", column_config=columns, placeholder="–")
    with_curves = [trial.number for trial in table.trials if trial.folder is not None and trial.epochs]
    if with_curves:
        number = st.selectbox(
            _("Curves of trial"), with_curves, index=None, key="tune-trial", placeholder=_("choose one")
        )
        if number is not None:
            _curves(next(trial for trial in table.trials if trial.number == number))
    for trial in table.trials:
        if trial.status == "failed":
            failed = _("Trial {number} failed: {reason}")
            st.warning(failed.format(number=trial.number, reason=retold(trial.message)), icon="⚠️")


def _curves(trial: Trial) -> None:
    try:
        progress = read_progress(trial.folder or Path())
    except DermnetError as error:
        st.error(retold(str(error)))
        return
    curve = Curve(_("trial {n}").format(n=trial.number), progress.epochs, MODEL_COLOURS["separable_cnn"])
    left, right = st.columns(2)
    text = charts_training.curves_text(curve)
    for measure, column in (("accuracy", left), ("loss", right)):
        chart = charts_training.curves_chart("accuracy" if measure == "accuracy" else "loss", curve)
        column.plotly_chart(chart, config=_OPTIONS, key=f"trial-{measure}", alt=text)


def _exports(table: SearchTable) -> None:
    found = best_recipe(table)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            _("Trials (CSV)"), trials_csv(table), f"{table.name}-trials.csv", "text/csv", on_click="ignore"
        )
        st.download_button(
            _("Trials (JSON)"), json.dumps(to_json(table), indent=1), f"{table.name}-trials.json", "application/json",
            on_click="ignore",
        )  # fmt: skip
        if found:
            st.download_button(
                _("Best configuration (JSON)"), json.dumps(to_dict(found), indent=1), f"{table.name}-recipe.json",
                "application/json", on_click="ignore",
            )  # fmt: skip


def _progress_text(table: SearchTable) -> str:
    best = table.best
    text = _("Validation accuracy of {n} trials; the best is {value} in trial {number}.")
    value, number = (percent(best.val_accuracy or 0), best.number) if best else ("–", "–")
    return text.format(n=len(table.completed), value=value, number=number)
