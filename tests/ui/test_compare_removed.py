"""Runs and sessions that are deleted while they are compared or listed, and comparisons of many runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rnnlab.plots.comparison.groups import grouped_chart
from rnnlab.runs.folders import Session
from rnnlab.ui.compare import panels
from rnnlab.ui.compare.screen import CompareScreen
from tests.ui.opened import app_on, open_session, settled, shown, text_of, until
from tests.ui.test_compare_screen import SMALL, compared, record_groups


async def test_a_run_deleted_while_it_is_compared_leaves_its_group_and_that_is_said(sessions: Path) -> None:
    session = record_groups(sessions)
    async with app_on(clock=None).run_test(size=(140, 45)) as pilot:
        await pilot.app.push_screen(screen := CompareScreen(Session(session).runs()))
        await until(lambda: screen.loaded and "hidden 64, mean of 2" in text_of(pilot.app))
        shutil.rmtree(session / "runs" / "051-lstm-64")
        await until(lambda: "1 deleted" in text_of(pilot.app))
        await until(lambda: "hidden 64, 1 run" in text_of(pilot.app))
        shutil.rmtree(session)
        await until(lambda: "These runs were deleted, or moved away" in " ".join(text_of(pilot.app).split()))
        await until(lambda: "figure" not in text_of(pilot.app).splitlines()[-1])
        assert "esc back" in text_of(pilot.app).splitlines()[-1]


async def test_a_session_deleted_while_it_is_listed_is_not_called_empty(sessions: Path) -> None:
    session = record_groups(sessions)
    async with shown(SMALL) as pilot:
        screen = await open_session(pilot, session)
        shutil.rmtree(session)
        screen.action_reload()
        await until(lambda: "was deleted, or moved away" in text_of(pilot.app))
        assert "holds no run yet" not in text_of(pilot.app)


async def test_a_key_along_the_curves_computes_no_mean_again(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with compared(Session(record_groups(sessions)).runs()) as (pilot, screen):
        charts: list[str] = []

        def counted(groups: object, figure: str, **options: object) -> object:
            charts.append(figure)
            return grouped_chart(groups, figure, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(panels, "grouped_chart", counted)
        await pilot.press("left", "left", "right", "plus", "shift+up", "ctrl+left", "0")
        await settled(pilot)
        assert screen.view.cursor is not None
        assert charts == []
        await pilot.press("x")
        await settled(pilot)
        assert charts == ["loss", "accuracy"], "once for each figure"
