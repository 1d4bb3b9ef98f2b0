"""Reports that the Session screen writes: on the marked runs, on what the filter shows, on the whole session."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from rnnlab.runs.folders import Session
from rnnlab.runs.notes import Notes, write_notes
from tests.recorded import SESSION
from tests.ui.opened import open_session, said, settled, shown, text_of, until
from tests.ui.test_session_screen import SMALL, several


async def test_a_report_is_written_on_a_key(sessions: Path) -> None:
    session = several(sessions)
    async with shown(SMALL) as pilot:
        screen = await open_session(pilot, session)
        await pilot.press("w")
        await settled(pilot)
        field = next(each for each in screen.query(Input) if each.has_focus)
        assert field.value == f"{SESSION}-report.html"
        field.value = "mine.txt"
        await pilot.press("enter")
        await settled(pilot)
        assert "end the name in .html" in text_of(pilot.app)
        field.value = "mine.md"
        await pilot.press("enter")
        await until(lambda: "report written to" in said(pilot.app))
        assert "041-lstm-64" in Path("mine.md").read_text(encoding="utf-8")


async def test_a_filter_that_hides_nothing_leaves_the_report_that_of_the_session(sessions: Path) -> None:
    session = several(sessions)
    write_notes(Session(session), Notes("said of all of them"))
    async with shown(SMALL) as pilot:
        screen = await open_session(pilot, session)
        await pilot.press("slash", *"hidden>1", "enter")
        await settled(pilot)
        await pilot.press("w")
        await settled(pilot)
        next(each for each in screen.query(Input) if each.has_focus).value = "all.md"
        await pilot.press("enter")
        await until(lambda: "report written to" in said(pilot.app))
    assert "said of all of them" in Path("all.md").read_text(encoding="utf-8")


async def test_a_report_is_on_what_the_filter_shows(sessions: Path) -> None:
    session = several(sessions)
    async with shown(SMALL) as pilot:
        screen = await open_session(pilot, session)
        await pilot.press("slash", *"hidden=64", "enter")
        await settled(pilot)
        shown_runs = len(screen.table.runs_shown)
        assert 0 < shown_runs < len(Session(session).runs())
        await pilot.press("w")
        await settled(pilot)
        assert f"report on the {shown_runs} runs to" in text_of(pilot.app)
        next(each for each in screen.query(Input) if each.has_focus).value = "some.md"
        await pilot.press("enter")
        await until(lambda: "report written to" in said(pilot.app))
        assert f"| runs | {shown_runs}" in Path("some.md").read_text(encoding="utf-8")
