"""All runs as a table, and some of them side by side."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from dermnet_core.config_json import to_dict
from dermnet_core.i18n import _, count, decimal, percent, retold
from dermnet_core.training.status import STATUS_TITLES, STATUS_WORDS, RunSummary
from dermnet_ui.markup import notes_list
from dermnet_ui.training.live import COMPARED
from dermnet_ui.training.recipe import TITLES

_MOST = 5
"""Runs side by side; more can be read by nobody."""


def show(runs: Sequence[RunSummary], problems: Sequence[str]) -> None:
    """Show the table of runs with a search, and the comparison of those that are chosen."""
    st.subheader(_("Runs"))
    if problems:
        st.html(notes_list(tuple(map(retold, problems))))
    if not runs:
        st.caption(_("No runs yet."))
        return
    words = ""
    if len(runs) > 1:
        words = st.text_input(_("Search"), key="runs-search", placeholder=_("name, model or status"))
    found = [summary for summary in runs if _matches(summary, words or "")]
    if not found:
        st.caption(_("No run matches “{words}”.").format(words=words))
    else:
        st.dataframe(_styled(table(found)), hide_index=True, width="stretch", column_config=_columns(), placeholder="–")
    if len(runs) > 1:
        _compare(runs)


def table(runs: Sequence[RunSummary]) -> pd.DataFrame:
    """Return one row a run."""
    return pd.DataFrame([_row(summary) for summary in runs])


def differences(configs: Mapping[str, Mapping[str, Any]], everything: bool = False) -> list[tuple[str, list[str]]]:
    """Return (setting, its value in each configuration) where they differ, or every setting.

    Args:
        configs: name of the run -> its recipe as JSON values.
        everything: also what is the same in all.
    """
    flat = [dict(_flattened(config)) for config in configs.values()]
    names = list(dict.fromkeys(name for values in flat for name in values))
    rows = [(name, [_shown(values.get(name, "–")) for values in flat]) for name in names]
    return [(name, values) for name, values in rows if everything or len(set(values)) > 1]


def _matches(summary: RunSummary, words: str) -> bool:
    status = _(STATUS_TITLES[summary.progress.status])
    text = f"{summary.run.folder.name} {_(TITLES[summary.run.config.model_name])} {status}".lower()
    return all(word in text for word in words.lower().split())


def _row(summary: RunSummary) -> dict[str, Any]:
    progress = summary.progress
    return {
        _("Run"): summary.run.folder.name,
        _("Model"): _(TITLES[summary.run.config.model_name]),
        _("Status"): _(STATUS_TITLES[progress.status]),
        _("Best validation accuracy"): progress.best.val_accuracy if progress.best else None,
        _("Epochs"): _("{n} of {total}").format(n=count(len(progress.epochs)), total=count(progress.total)),
        _("Training time"): progress.epochs[-1].seconds / 60 if progress.epochs else None,
        _("Started"): datetime.fromtimestamp(progress.started) if progress.started else None,
    }


def _styled(runs: pd.DataFrame) -> Styler:
    # Streamlit writes numbers with a point in every language; a style of pandas does not, and keeps them to sort by.
    formats: dict[Any, Any] = {
        _("Best validation accuracy"): percent,
        _("Training time"): lambda minutes: _("{n} min").format(n=decimal(minutes)),
    }
    return runs.style.format(formats, na_rep="")


def _columns() -> dict[str, Any]:
    words = " · ".join(f"{_(STATUS_TITLES[status])}: {_(text)}" for status, text in STATUS_WORDS.items())
    return {
        _("Status"): st.column_config.TextColumn(help=words),
        _("Best validation accuracy"): st.column_config.NumberColumn(),
        _("Training time"): st.column_config.NumberColumn(),
        _("Started"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    }


def _compare(runs: Sequence[RunSummary]) -> None:
    by_name = {summary.run.folder.name: summary for summary in runs}
    st.session_state[COMPARED] = [name for name in st.session_state.get(COMPARED, []) if name in by_name]
    chosen = st.multiselect(
        _("Compare runs"), list(by_name), key=COMPARED, max_selections=_MOST, placeholder=_("Choose options"),
        help=_("Their curves stand in grey behind those of the run above, their settings below."),
    )  # fmt: skip
    if len(chosen) < 2:
        return
    everything = st.toggle(_("Also settings that are the same"), key="runs-all")
    configs = {name: to_dict(by_name[name].run.config) for name in chosen}
    rows = differences(configs, everything)
    if not rows:
        st.caption(_("These runs have the same settings."))
        return
    values = {_("Setting"): [name for name, _values in rows]}
    values |= {name: [row[place] for _name, row in rows] for place, name in enumerate(chosen)}
    st.dataframe(pd.DataFrame(values), hide_index=True, width="stretch")


def _shown(value: Any) -> str:
    """Return a value of a recipe; its words, such as names of stages, in the visitor's language."""
    return _(value) if isinstance(value, str) and value else str(value)


def _flattened(values: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(values, Mapping):
        return [pair for key, value in values.items() for pair in _flattened(value, f"{name}.{key}" if name else key)]
    if isinstance(values, list) and values and isinstance(values[0], Mapping):
        pairs = enumerate(values, start=1)
        return [pair for number, value in pairs for pair in _flattened(value, _("stage {n}").format(n=number))]
    return [(name, values)]
