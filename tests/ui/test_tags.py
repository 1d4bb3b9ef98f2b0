"""Tags and notes given on the command line, in the browser of sessions."""

from __future__ import annotations

from pathlib import Path

from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.notes import Notes, notes_of, write_notes
from rnnlab.runs.trash import last_discarded, restore
from rnnlab.ui.sessions.listing import ListedRun
from rnnlab.ui.sessions.run_table import RunTable
from tests.recorded import SESSION, record
from tests.ui.opened import open_sessions, settled, shown, text_of


async def test_tags_stand_on_the_rows_and_the_filter_finds_them(sessions: Path) -> None:
    tagged = RunFolder(record(sessions, "finished"))
    record(sessions, "failed")
    write_notes(tagged, Notes("ask about [/red] clipping", ("report",)))
    write_notes(Session(sessions / SESSION), Notes("", ("course",)))
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        assert "#course" in text_of(pilot.app)
        assert f"{tagged.name}  #report" in text_of(pilot.app)
        await pilot.press("slash", *"#report")
        await settled(pilot)
        table = screen.query_one(RunTable)
        assert [row.run.name for row in table.rows if isinstance(row, ListedRun)] == [tagged.name]
        await pilot.press("enter", "down")
        await settled(pilot)
        assert "ask about [/red] clipping" in text_of(pilot.app)


async def test_notes_written_in_the_app_leave_the_tags(sessions: Path) -> None:
    record(sessions, "finished")
    session = Session(sessions / SESSION)
    write_notes(session, Notes("", ("course",)))
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("home", "e", *"new", "ctrl+s")
        await settled(pilot)
    assert notes_of(session) == Notes("new", ("course",))


async def test_what_the_app_deleted_another_process_brings_back(sessions: Path) -> None:
    run = record(sessions, "finished")
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("d", "y")
        await settled(pilot)
    assert not run.exists()
    (gone,) = last_discarded()
    restore(gone)
    assert (run / "events.jsonl").exists()
