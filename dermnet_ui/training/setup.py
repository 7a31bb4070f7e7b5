"""The left half of the Train page: the recipe, what it will cost, and the start."""

import json
import math
import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from html import escape
from pathlib import Path

import streamlit as st

from dermnet_core.config import TrainingConfig
from dermnet_core.config_json import to_dict
from dermnet_core.errors import DermnetError
from dermnet_core.i18n import _, count, decimal, retold
from dermnet_core.paths import runs_dir
from dermnet_core.training import control
from dermnet_core.training.checks import check_run
from dermnet_core.training.cost import Cost, estimate, probe
from dermnet_core.training.jobs import create_run
from dermnet_ui.markup import notes_list
from dermnet_ui.training import recipe
from dermnet_ui.training.live import CHOSEN

_NAME, _WANTED, _STARTED, _COST = "train-name", "train-wanted", "train-started", "train-cost"
_EVERY = 1.0
_DOUBLE_CLICK = 2.0
"""Seconds in which another click on Start belongs to the one before."""


def show(root: Path | None, allowed: bool, reason: str) -> None:
    """Show how to start a run, or why nobody can here."""
    st.subheader(_("A new run"))
    if root is None or not allowed:
        st.session_state.pop(_WANTED, None)
        st.info(reason or _("Training is off here: no photo folder is set."), icon="ℹ️")
        st.caption(_("On your own computer:"))
        st.code(
            "python -m dermnet_core train --model separable_cnn --data DIR --out RUN_DIR --preset quick",
            language=None, wrap_lines=True,
        )  # fmt: skip
        return
    try:
        config = recipe.show(root)
        notes = check_run(config, root)
    except DermnetError as error:
        st.session_state.pop(_WANTED, None)
        st.error(retold(str(error)))
        return
    _cost(config, root)
    if notes:
        with st.expander(_("Notes about the photos ({n})").format(n=len(notes))):
            st.html(notes_list(notes))
    unnamed = _("today's date and the model, if you name none")
    st.text_input(_("Name of the run"), key=_NAME, placeholder=unnamed)
    # The callback gets no recipe: its own would be that of the script run before, without what was typed just before
    # the click. And the click itself would be lost where another rerun cuts this one short.
    st.button(_("Start"), key="train-start", type="primary", on_click=_want)
    if st.session_state.pop(_WANTED, False):
        _start(config, root)


def cost_lines(cost: Cost) -> list[tuple[str, str, str]]:
    """Return what a run will cost as (name, value, what it is made of)."""
    time = _duration(cost.seconds) if cost.seconds is not None else "–"
    memory = f"{decimal(cost.memory_bytes / 1e9)} GB" if cost.memory_bytes else "–"
    each = " · ".join(_duration(stage.seconds) for stage in cost.stages if stage.seconds is not None)
    apart = _("{n} held back · {test} for the test").format(n=count(cost.validation), test=count(cost.test))
    several = len(cost.stages) if len(cost.stages) > 1 else 0  # one stage alone would repeat the sum
    measured = _("at most · stages: {times}").format(times=each) if each else _("not measured yet")
    return [
        (_("Photos"), count(cost.train), apart),
        (_("Steps"), count(cost.steps), " · ".join(count(stage.steps) for stage in cost.stages[:several])),
        (_("Time"), time, measured),
        (_("Memory"), memory, _("{n} GB on disk").format(n=decimal(cost.disk_bytes / 1e9))),
    ]


def _cost(config: TrainingConfig, root: Path) -> None:
    st.markdown(_("**What it will cost**"))
    key = f"{root}\n{json.dumps(to_dict(config), sort_keys=True)}"
    measurements: dict[str, Future[Cost]] = st.session_state.setdefault(_COST, {})
    measured = measurements.get(key)
    failed = measured.exception() if measured and measured.done() else None
    cost = measured.result() if measured and measured.done() and not failed else estimate(config, root)
    cards = "".join(
        f'<li><span class="dn-figure-name">{name}</span><strong>{value}</strong>'
        f'<span class="dn-quiet">{note}</span></li>'
        for name, value, note in cost_lines(cost)
    )
    title = escape(_("What the run will cost"))
    st.html(f'<ul class="dn-figures dn-cost" aria-label="{title}">{cards}</ul>')
    if measured and not measured.done():
        st.fragment(_await, run_every=_EVERY)(measured)
        return
    if isinstance(failed, DermnetError):
        st.error(retold(str(failed)))
    elif failed:
        raise failed
    if cost.seconds is None and st.button(_("Measure the time"), key="train-probe"):
        measurements[key] = _prober().submit(probe, config, root)
        st.rerun()


def _await(measured: Future[Cost]) -> None:
    if measured.done():
        st.rerun()
    st.status(_("Running a few steps of each stage …"))


@st.cache_resource(show_spinner=False)
def _prober() -> ThreadPoolExecutor:
    """Return the thread that waits for measurements, one at a time: pages go on meanwhile."""
    return ThreadPoolExecutor(1)


def _want() -> None:
    if time.monotonic() - st.session_state.get(_STARTED, -math.inf) > _DOUBLE_CLICK:
        st.session_state[_WANTED] = True


def _start(config: TrainingConfig, root: Path) -> None:
    try:
        folder = run_folder(str(st.session_state.get(_NAME, "")), config.model_name)
        create_run(folder, config, root)
        control.start(folder)
    except DermnetError as error:
        st.error(retold(str(error)))
        return
    st.session_state[CHOSEN] = folder.name
    st.session_state[_STARTED] = time.monotonic()
    st.rerun()


def run_folder(name: str, model: str) -> Path:
    """Return a folder for a run that nobody else has: of the name that was given, or of date and model."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name.strip()).strip("-")[:60]
    plain = plain or f"{datetime.now():%Y-%m-%d-%H%M}-{model.replace('_', '-')}"
    folder, number = runs_dir() / plain, 2
    while folder.exists():
        folder, number = runs_dir() / f"{plain}-{number}", number + 1
    return folder


def _duration(seconds: float) -> str:
    if seconds < 90:
        return _("{n} s").format(n=decimal(seconds, 0))
    minutes = seconds / 60
    if minutes < 90:
        return _("{n} min").format(n=decimal(minutes, 0))
    return _("{n} h").format(n=decimal(minutes / 60))
