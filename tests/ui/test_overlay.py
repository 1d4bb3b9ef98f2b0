"""Several runs on the same axes: chosen in the browser, drawn together, read out with a cursor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from rnnlab.runs.events import Progress
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log import LogWriter
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.sessions.compare_screen import OTHER_DATA, OverlayPanel, OverlayScreen
from rnnlab.ui.sessions.run_table import RunTable
from rnnlab.ui.sessions.screen import SessionsScreen
from tests.recorded import SESSION, record
from tests.recorded_variants import variant
from tests.ui.opened import app_on, assert_harmless, open_sessions, said, settled, shown, text_of, until

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


async def drawn(pilot: Pilot[Any], *keys: str) -> OverlayScreen:
    """The overlay after those keys in the browser, once every log has been read."""
    await pilot.press(*keys, "v")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, OverlayScreen)
    for run in screen.runs:
        await pilot.app.followers.follow(run).opened.wait()  # type: ignore[attr-defined]
    await settled(pilot)
    return screen


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_overlay(snap_compare: Compare, sessions: Path, size: tuple[int, int]) -> None:
    record(sessions, "finished")
    record(sessions, "diverged")

    async def before(pilot: Pilot[Any]) -> None:
        await open_sessions(pilot)
        await drawn(pilot, "home")
        await pilot.press("left", "left", "left")
        await settled(pilot)

    assert snap_compare(app_on(), terminal_size=size, run_before=before)


async def test_only_marked_runs_are_drawn_and_a_run_alone_brings_its_session(sessions: Path) -> None:
    record(sessions, "finished")
    record(sessions, "diverged")
    record(sessions, "forecast")
    async with shown(WIDE) as pilot:
        await open_sessions(pilot)
        table = pilot.app.screen.query_one(RunTable)
        table.select(next(row.path for row in table.rows if row.path.name.startswith("002")))
        screen = await drawn(pilot)
        names = [run.name for run in screen.runs]
        assert names[0] == "002-lstm-128"
        assert not any("gru" in name for name in names), "a run of another task has another metric"
        assert all(name in text_of(pilot.app) for name in names)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SessionsScreen)
        screen = await drawn(pilot, "m")
        assert [run.name for run in screen.runs] == ["002-lstm-128"]
        await pilot.press("escape")
        table.select(screen.runs[0].path)
        await pilot.press("m")
        await settled(pilot)
        assert not table.marked, "the same key takes the mark off"


async def test_a_run_in_training_grows_and_the_axes_are_turned(sessions: Path) -> None:
    run = RunFolder(record(sessions, "running"))
    with LogWriter(run.events_path) as log:  # whoever holds the log is its trainer
        async with shown(WIDE, clock=None) as pilot:
            await open_sessions(pilot)
            screen = await drawn(pilot, "m")
            panel = screen.query_one("#loss", OverlayPanel)
            log.append(
                Progress(epoch=9, step=3000, steps=10, seconds=99.0, loss=0.5, loss_low=0.4, loss_high=0.6, lr=0.1)
            )
            await until(lambda: panel.runs[0][1].step == 3000)
            await pilot.press("x", "right")
            await settled(pilot)
            assert panel.x_axis == "steps"
            assert "step 3,000" in text_of(pilot.app)
            was = panel.log_y
            await pilot.press("l", "escape")
            await settled(pilot)
            assert panel.log_y is not was
            assert pilot.app.screen is screen, "escape takes the cursor off first"


async def test_labels_from_a_stranger_stay_text_and_an_empty_session_has_nothing_to_draw(sessions: Path) -> None:
    record(sessions, "hostile")
    Session(sessions / "empty").runs_path.mkdir(parents=True)
    async with shown(SMALL) as pilot:
        await open_sessions(pilot)
        table = pilot.app.screen.query_one(RunTable)
        table.select(next(row.path for row in table.rows if row.path.name == "empty"))
        await pilot.press("v")
        await settled(pilot)
        assert "no run to draw" in said(pilot.app)
        table.select(sessions / SESSION)
        await drawn(pilot)
        assert_harmless(pilot.app)
        for size in ((40, 10), (20, 5), (200, 60)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
        await pilot.press("escape", "enter")
        assert not isinstance(pilot.app.screen, RunScreen), "enter on a session opens its table"


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_run_brings_those_of_its_own_data_and_a_mixture_is_marked(
    sessions: Path, size: tuple[int, int]
) -> None:
    source = record(sessions, "finished")
    for name, rows in (("040-gru-128", b"names"), ("041-gru-128", b"others")):
        variant(source, name, {"model.name": "gru"}, fingerprint=hashlib.sha256(rows).hexdigest())
    async with shown(size) as pilot:
        await open_sessions(pilot)
        table = pilot.app.screen.query_one(RunTable)
        table.select(next(row.path for row in table.rows if row.path.name.startswith("002")))
        screen = await drawn(pilot)
        assert [run.name for run in screen.runs] == ["002-lstm-128", "040-gru-128"]
        assert OTHER_DATA not in text_of(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        for name in ("002", "041"):
            table.select(next(row.path for row in table.rows if row.path.name.startswith(name)))
            await pilot.press("m")
        screen = await drawn(pilot)
        assert len(screen.runs) == 2
        assert text_of(pilot.app).count(OTHER_DATA) == 2
