"""Screens as they open: each panel is drawn once, in the size and the theme that the terminal has."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from textual.geometry import Size
from textual.strip import Strip

import rnnlab.ui.opening.fitted
from rnnlab.ui.compare.screen import CompareScreen
from rnnlab.ui.run.panels.curve_panel import CurvePanel
from rnnlab.ui.run.panels.panel import Drawn
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.session.screen import SessionScreen
from rnnlab.ui.sessions.run_table import RunTable
from rnnlab.ui.sessions.screen import SessionsScreen
from tests.recorded import record
from tests.recorded_variants import variant
from tests.ui.opened import open_run, open_sessions, settled, shown, text_of, until

WIDE = (140, 45)
Draws = Counter[str]


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> Draws:
    """How often each panel was drawn in a size that is seen; what is soon read is waited for, however busy the machine."""
    counted: Draws = Counter()
    drawn = Drawn._drawn

    def count(panel: Drawn, size: Size) -> list[Strip]:
        if size.area:
            counted[panel.id or type(panel).__name__] += 1
        return drawn(panel, size)

    monkeypatch.setattr(Drawn, "_drawn", count)
    monkeypatch.setattr(rnnlab.ui.opening.fitted, "_PATIENCE", 60.0)
    return counted


def two_runs(root: Path) -> Path:
    """A session of two runs that differ in a setting; the first of them."""
    first = record(root, "finished")
    variant(first, "040-lstm-64", {"model.hidden": 64}, figures={"accuracy": 0.8})
    return first


async def test_the_panels_of_a_run_are_drawn_once_as_it_opens(sessions: Path, draws: Draws) -> None:
    run = two_runs(sessions)
    async with shown(WIDE) as pilot:
        await open_run(pilot, run)
        assert {name: draws[name] for name in ("loss", "metric", "confusion", "now")} == {
            "loss": 1,
            "metric": 1,
            "confusion": 1,
            "now": 1,
        }


async def test_the_chart_of_a_session_is_drawn_once_as_it_opens(sessions: Path, draws: Draws) -> None:
    two_runs(sessions)
    async with shown(WIDE) as pilot:
        await open_sessions(pilot)
        await pilot.press("s")
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, SessionScreen)
        await until(lambda: screen.loaded)
        await settled(pilot)
        assert "over hidden" in text_of(pilot.app)
        assert draws["ChartPanel"] == 1


async def test_what_is_known_of_a_session_stands_before_its_runs_are_read_again(
    sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_runs(sessions)
    monkeypatch.setattr(SessionScreen, "action_reload", lambda self: None)
    async with shown(WIDE) as pilot:
        await open_sessions(pilot)
        await pilot.press("s")
        await settled(pilot)
        assert "040-lstm-64" in text_of(pilot.app)


async def test_the_panels_of_a_comparison_are_drawn_once_as_it_opens(sessions: Path, draws: Draws) -> None:
    two_runs(sessions)
    async with shown(WIDE) as pilot:
        await open_sessions(pilot)
        await pilot.press("v")
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, CompareScreen)
        await until(screen.shown.is_set)
        await settled(pilot)
        assert {name: draws[name] for name in ("loss", "metric", "table")} == {"loss": 1, "metric": 1, "table": 1}


async def test_a_key_that_changes_nothing_in_a_panel_of_a_comparison_does_not_draw_it(
    sessions: Path, draws: Draws
) -> None:
    two_runs(sessions)
    async with shown(WIDE) as pilot:
        await open_sessions(pilot)
        await pilot.press("v")
        await settled(pilot)
        draws.clear()
        await pilot.press("l")  # the axis of the loss
        await settled(pilot)
        assert draws["loss"] == 1
        assert not draws["metric"]
        assert not draws["table"]


async def test_panels_that_come_back_from_behind_another_are_not_drawn_again(sessions: Path, draws: Draws) -> None:
    run = two_runs(sessions)
    async with shown(WIDE) as pilot:
        await open_run(pilot, run)
        before = text_of(pilot.app)
        draws.clear()
        await pilot.press("3")
        await settled(pilot)
        assert draws["confusion"] >= 1, "it has the screen for itself"
        await pilot.press("3")
        await settled(pilot)
        assert not draws["loss"]
        assert not draws["now"]
        await pilot.press("1", "1")  # the focus to where it was
        await settled(pilot)
        assert text_of(pilot.app) == before


async def test_panels_are_drawn_again_in_the_colours_of_a_new_theme(sessions: Path, draws: Draws) -> None:
    run = two_runs(sessions)
    async with shown(WIDE) as pilot:
        await open_run(pilot, run)
        draws.clear()
        await pilot.press("ctrl+t")
        await settled(pilot)
        assert {draws[name] for name in ("loss", "metric", "confusion", "now")} == {1}


async def test_a_screen_follows_the_size_of_the_terminal_from_its_first_frame_on(sessions: Path) -> None:
    run = two_runs(sessions)
    async with shown(WIDE) as pilot:
        screen = await open_run(pilot, run)
        assert {"-wide", "-tall"} <= screen.classes
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert {"-narrow", "-low"} <= screen.classes
        assert screen.query_one("#loss").size.width < 40
        await pilot.resize_terminal(*WIDE)
        await settled(pilot)
        assert {"-wide", "-tall"} <= screen.classes


async def test_a_theme_chosen_meanwhile_is_that_of_the_screens_one_comes_back_to(sessions: Path) -> None:
    run = two_runs(sessions)
    async with shown(WIDE) as pilot:
        await pilot.press("ctrl+o")
        await until(lambda: isinstance(pilot.app.screen, SessionsScreen))
        run_screen = await open_run(pilot, run)
        loss = run_screen.query_one("#loss", CurvePanel)
        before = loss.styles.background
        await pilot.press("ctrl+n", "ctrl+t")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen is run_screen
        assert loss.styles.background != before
        assert loss.styles.background.hex.lower() == pilot.app.theme_variables["background"].lower()
        await pilot.press("escape")
        await settled(pilot)
        table = pilot.app.screen.query_one(RunTable)
        assert table.styles.background == loss.styles.background


async def test_a_mode_opens_with_its_first_screen_and_the_screens_over_it_are_gone(sessions: Path) -> None:
    run = two_runs(sessions)
    async with shown(WIDE) as pilot:
        await pilot.press("ctrl+o")
        await until(lambda: isinstance(pilot.app.screen, SessionsScreen))
        first = pilot.app.screen
        over = await open_run(pilot, run)
        await pilot.press("ctrl+n")
        await settled(pilot)
        await pilot.press("ctrl+o")
        await settled(pilot)
        assert pilot.app.screen is first
        assert "040-lstm-64" in text_of(pilot.app)
        async with asyncio.timeout(60):
            while over.is_attached:
                await asyncio.sleep(0.01)
        assert not any(isinstance(screen, RunScreen) for screen in pilot.app.screen_stack)
