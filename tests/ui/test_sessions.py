"""The browser of sessions: everything on disk is listed, opened, looked for, annotated and thrown away with a way back."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import TextArea

from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Progress
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.log import LogWriter
from rnnlab.runs.notes import Notes, notes_of, write_notes
from rnnlab.runs.summary import summarise
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun, ListedSession
from rnnlab.ui.sessions.notes import NotesScreen
from rnnlab.ui.sessions.run_table import RunTable
from rnnlab.ui.sessions.screen import SessionsScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.recorded import KINDS, SESSION, record
from tests.recorded_repeats import SHIFTS, record_repeats
from tests.recorded_variants import variant
from tests.ui.opened import (
    app_on,
    on_sessions,
    open_sessions,
    said,
    settled,
    shown,
    text_of,
    until,
)

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


def many(root: Path) -> None:
    """Every kind of run, a session that cannot be read, and one with notes and nothing in it."""
    for kind in KINDS:
        record(root, kind)
    broken = root / "2026-01-14-broken"
    broken.mkdir()
    (broken / "session.toml").write_text("name = [")
    Session(root / "ideas").runs_path.mkdir(parents=True)
    Session(root / "ideas").write_info(SessionInfo("ideas", "try a wider net\nand less of it"))
    (root / SESSION / "runs" / "010-gru-32").mkdir()
    # The order is that of the last work, and the disk's clock is not frozen.
    import os

    for age, name in enumerate((SESSION, "2026-01-14-broken", "ideas")):
        for path in (root / name / "runs", root / name):
            if path.exists():
                os.utime(path, (1_768_471_200 - age, 1_768_471_200 - age))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_sessions_many(snap_compare: Compare, sessions: Path, size: tuple[int, int]) -> None:
    many(sessions)
    assert snap_compare(app_on(), terminal_size=size, run_before=on_sessions("down"))


def test_sessions_light(snap_compare: Compare, sessions: Path) -> None:
    many(sessions)
    assert snap_compare(app_on("rnnlab-light"), terminal_size=WIDE, run_before=on_sessions("o", "down"))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_sessions_with_repeats(snap_compare: Compare, sessions: Path, size: tuple[int, int]) -> None:
    """One group unfolded, the other under the cursor."""
    record_repeats(sessions)
    assert snap_compare(app_on(), terminal_size=size, run_before=on_sessions("space", "down", "down", "down", "down"))


def test_sessions_empty(snap_compare: Compare, sessions: Path) -> None:
    assert snap_compare(app_on(), terminal_size=SMALL, run_before=on_sessions())


async def test_a_run_is_opened_and_left(sessions: Path) -> None:
    record(sessions, "finished")
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, RunScreen)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, RunScreen)


async def test_a_click_selects_and_a_second_opens(sessions: Path) -> None:
    record(sessions, "finished")
    record(sessions, "failed")
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        await pilot.click(RunTable, offset=(10, 4))
        row = screen.query_one(RunTable).row
        assert isinstance(row, ListedRun)
        assert row.run.name == "002-lstm-128"
        await pilot.click(RunTable, offset=(10, 4))
        await settled(pilot)
        assert isinstance(pilot.app.screen, RunScreen)


async def test_typing_narrows_the_list(sessions: Path) -> None:
    for kind in ("finished", "regression", "failed"):
        record(sessions, kind)
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        table = screen.query_one(RunTable)

        def names() -> list[str]:
            return [row.run.name for row in table.rows if isinstance(row, ListedRun)]

        await pilot.press("slash", *"gru")
        await settled(pilot)
        assert names() == ["007-gru-64"]
        await pilot.press(*" nothing")
        await settled(pilot)
        assert "No run holds" in text_of(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert len(names()) == 3


async def test_repeats_are_one_row_with_their_mean(sessions: Path) -> None:
    session = Session(record_repeats(sessions))
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        table = screen.query_one(RunTable)
        groups = [row.name for row in table.rows if isinstance(row, ListedRepeats)]
        assert groups == ["lstm-64 × 3", "lstm-128 × 5"]
        assert [row.run.name for row in table.rows if isinstance(row, ListedRun)] == ["002-lstm-128"]
        text = text_of(pilot.app)
        assert "✓ 5 done" in text
        assert "○ 1/3 done" in text
        await pilot.press("down")
        await settled(pilot)
        text = text_of(pilot.app)
        assert "seeds 0, 1, 2, 3, 4 · the same split" in text
        # That run's figure is among the recorded ones; the others are so much better or worse.
        values = [real(summarise(session.runs()[0]).final["test"]["accuracy"]) + shift for shift in SHIFTS]
        mean, std = (f"{value:.3f}".removeprefix("0") for value in (statistics.fmean(values), statistics.stdev(values)))
        assert f"test, mean ± std of 5: accuracy {mean} ± {std}" in text


async def test_space_shows_the_seeds_and_hides_them(sessions: Path) -> None:
    record_repeats(sessions)
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        table = screen.query_one(RunTable)
        await pilot.press("space", "down")
        await settled(pilot)
        assert isinstance(table.row, ListedRun)
        assert table.row.run.name == "030-lstm-64"
        await pilot.press("down", "space")
        await settled(pilot)
        assert isinstance(table.row, ListedRepeats), "from one of them its row is folded again"
        assert sum(isinstance(row, ListedRun) for row in table.rows) == 1
        await pilot.press("slash", *"stopped")
        await settled(pilot)
        assert [type(row) for row in table.rows] == [ListedSession, ListedRepeats], "a mean is over all seeds or none"


async def test_repeats_are_ordered_by_their_mean(sessions: Path) -> None:
    record_repeats(sessions)
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        await pilot.press("o")
        await settled(pilot)
        rows = screen.query_one(RunTable).rows
        assert [row.name if isinstance(row, ListedRepeats) else row.path.name for row in rows] == [
            "lstm-128 × 5",
            "002-lstm-128",
            "lstm-64 × 3",
        ]


async def test_repeats_are_thrown_away_and_brought_back_together(sessions: Path) -> None:
    session = Session(record_repeats(sessions))
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("d")
        await settled(pilot)
        assert "the 3 runs of lstm-64 × 3" in text_of(pilot.app)
        await pilot.press("y")
        await settled(pilot)
        assert len(session.runs()) == 6
        await pilot.press("u")
        await settled(pilot)
        assert len(session.runs()) == 9


async def test_headings_and_a_key_order_the_list(sessions: Path) -> None:
    for kind in ("running", "finished", "failed"):
        record(sessions, kind)
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        await pilot.press("o")
        await settled(pilot)
        rows = screen.query_one(RunTable).rows
        assert [row.run.name for row in rows if isinstance(row, ListedRun)] == [
            "002-lstm-128",
            "001-lstm-128",
            "003-lstm-128",
        ]
        assert "by best figure" in text_of(pilot.app)


async def test_a_run_is_thrown_away_and_brought_back(sessions: Path) -> None:
    run = record(sessions, "finished")
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("d", "x")
        assert run.exists()
        await pilot.press("d", "y")
        await settled(pilot)
        assert not run.exists()
        assert "u brings it back" in said(pilot.app)
        await pilot.press("u")
        assert (run / "events.jsonl").exists()


async def test_a_session_is_thrown_away_and_brought_back(sessions: Path) -> None:
    record(sessions, "finished")
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("home", "d", "d")
        await settled(pilot)
        assert list_sessions() == []
        await pilot.press("u")
        assert [session.name for session in list_sessions()] == [SESSION]


async def test_a_run_that_trains_is_not_thrown_away(sessions: Path) -> None:
    run = RunFolder(record(sessions, "running"))
    with LogWriter(run.events_path) as log:
        log.append(Progress(epoch=10, step=2200))
        async with shown() as pilot:
            await open_sessions(pilot)
            for where in ("end", "home"):
                await pilot.press(where, "d", "y")
                await settled(pilot)
                assert run.path.exists()
                assert "is being trained" in said(pilot.app)


async def test_a_session_that_cannot_be_read_says_why(sessions: Path) -> None:
    many(sessions)
    async with shown() as pilot:
        await open_sessions(pilot)
        assert "✗ sessions/2026-01-14-broken/session.toml is not a TOML file" in text_of(pilot.app)
        assert "run.toml cannot be read" in text_of(pilot.app)


async def test_notes_are_written(sessions: Path) -> None:
    record(sessions, "finished")
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("home", "e")
        await settled(pilot)
        assert isinstance(pilot.app.screen, NotesScreen)
        pilot.app.screen.query_one(TextArea).text = "a wider net helped\nmore than a deeper one"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert Session(sessions / SESSION).info().notes == "a wider net helped\nmore than a deeper one"
        await until(lambda: "a wider net helped" in text_of(pilot.app))


async def test_notes_are_those_of_the_row_and_are_not_lost_to_one_key(sessions: Path) -> None:
    run = RunFolder(record(sessions, "finished"))
    write_notes(run, Notes("clip less", ("star",)))
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("e")
        await settled(pilot)
        assert run.name in text_of(pilot.app)
        await pilot.press(*"er")
        await pilot.press("escape")
        await settled(pilot)
        assert "esc again: lose what was typed" in text_of(pilot.app)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert notes_of(run) == Notes("clip lesser", ("star",)), "what is typed follows what stands there"
        assert Session(sessions / SESSION).info().notes == ""
        await pilot.press("e", "x", "escape", "escape")
        await settled(pilot)
        assert "^s save" not in text_of(pilot.app)
        assert notes_of(run).text == "clip lesser"
        await pilot.press("e", "!")
        (run.path / "notes.toml").unlink()
        (run.path / "notes.toml").mkdir()
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "notes.toml" in said(pilot.app)
        assert "clip lesser!" in text_of(pilot.app), "what cannot be saved is not lost"
        (run.path / "notes.toml").rmdir()
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert notes_of(run).text == "clip lesser!"


async def test_a_range_test_is_called_that(sessions: Path) -> None:
    source = record(sessions, "finished")
    variant(source, "050-lstm-128", {"optim.schedule": "range"}, figures={})
    async with shown() as pilot:
        await open_sessions(pilot)
        lines = text_of(pilot.app).splitlines()
        assert ["range test" in line for line in lines if "050-lstm" in line and "completed" in line] == [True]
        assert not any("range test" in line for line in lines if source.name in line)


async def test_the_path_is_copied(sessions: Path) -> None:
    run = record(sessions, "finished")
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("c")
        assert pilot.app.clipboard == str(run)


async def test_a_new_run_begins_in_setup(sessions: Path) -> None:
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SetupScreen)


@pytest.mark.slow
async def test_listing_two_thousand_runs_takes_at_most_three_and_a_half_times_as_long_as_reading_them(
    sessions: Path,
) -> None:
    """Measured as processor time, beside that of reading the rows: of machines, one is several times slower than another."""
    source = record(sessions, "finished")
    log, config = (source / "events.jsonl").read_bytes(), (source / "run.toml").read_bytes()
    lines = log.splitlines(keepends=True)
    # As long a tail as in life, without the quarter of a megabyte between.
    short = b"".join(lines[:2] + lines[-4:])
    for number in range(1999):
        run = sessions / f"2026-01-{number % 40:02}-sweep" / "runs" / f"{number:04}-lstm-128"
        run.mkdir(parents=True)
        (run / "run.toml").write_bytes(config)
        (run / "events.jsonl").write_bytes(short)
    async with shown() as pilot:
        began = time.process_time()
        screen = await open_sessions(pilot)
        took = time.process_time() - began
        assert "2000 runs in 41 sessions" in text_of(pilot.app)
        assert len(screen.query_one(RunTable).rows) == 2041
    began = time.process_time()
    for run in sessions.glob("*/runs/*"):
        summarise(RunFolder(run))
    reading = time.process_time() - began
    print(f"2,000 runs listed in {took:.2f} s of processor time, {took / reading:.2f} times that of reading them")
    assert took < 3.5 * reading


def test_the_help_names_the_key_that_marks() -> None:
    assert "m marks a run" in SessionsScreen.HELP
