"""One session's table: ordered, filtered, annotated, thrown away with a way back, drawn, and begun anew from."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from textual.widgets import Input

from rnnlab.runs.events import Progress
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.notes import Notes, notes_of
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.compare.screen import CompareScreen
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.session.arrange import Heading, Placed
from rnnlab.ui.session.charts_screen import ChartsScreen
from rnnlab.ui.session.columns_screen import ColumnsScreen
from rnnlab.ui.session.screen import SessionScreen
from rnnlab.ui.session.table import RowsTable
from rnnlab.ui.sessions.listing import ListedRepeats
from rnnlab.ui.sessions.run_table import RunTable
from rnnlab.ui.sessions.screen import SessionsScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.recorded import SESSION, record
from tests.recorded_repeats import record_repeats
from tests.recorded_variants import variant
from tests.ui.opened import (
    assert_harmless,
    open_session,
    open_sessions,
    said,
    settled,
    shown,
    text_of,
    until,
)

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


def several(root: Path) -> Path:
    """Four that completed, of two sizes and rates, one that failed and one that trains; the session's folder."""
    source = record(root, "finished")
    for name, settings, accuracy in (
        ("040-lstm-64", {"model.hidden": 64}, 0.80),
        ("041-lstm-64", {"model.hidden": 64, "optim.lr": 0.01}, 0.85),
        ("042-lstm-32", {"model.hidden": 32, "optim.lr": 0.01}, 0.70),
    ):
        variant(source, name, settings, figures={"accuracy": accuracy})
    record(root, "failed")
    return root / SESSION


def names(screen: SessionScreen) -> list[str]:
    """The rows of the table, by the numbers of their runs."""
    return [line.row.name[:3] if line.row.alone else line.row.name for line in placed(screen)]


def placed(screen: SessionScreen) -> list[Placed]:
    return [line for line in screen.table.lines if isinstance(line, Placed)]


def choose(screen: SessionScreen, number: str) -> None:
    screen.table.select(next(line.row.path for line in placed(screen) if line.row.name.startswith(number)))


async def test_a_session_opens_from_the_browser_and_a_run_from_the_session(sessions: Path) -> None:
    several(sessions)
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("home", "enter")
        await until(lambda: isinstance(pilot.app.screen, SessionScreen) and pilot.app.screen.loaded)
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, SessionScreen)
        assert names(screen) == ["041", "002", "040", "042", "003"], "by rank on the validation part"
        lines = text_of(pilot.app).splitlines()
        assert any("★" in line and "041-lstm-64" in line and "0.01" in line and ".850" in line for line in lines)
        (failed,) = (line for line in lines if "003-lstm-128" in line and "✗ failed" in line)
        assert "The GPU ran out of memory" in failed, "the reason stands in the row"
        await pilot.press("enter")
        await settled(pilot)
        assert type(cast("Any", pilot.app.screen)) is RunScreen
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert type(cast("Any", pilot.app.screen)) is SessionsScreen
        await pilot.press("down", "s")
        await until(lambda: isinstance(pilot.app.screen, SessionScreen))


async def test_rows_are_filtered_ordered_and_columns_chosen(sessions: Path) -> None:
    session = several(sessions)
    async with shown() as pilot:
        screen = await open_session(pilot, session)
        await pilot.press("slash", *"hidden=64 acc>.82")
        await settled(pilot)
        assert names(screen) == ["041"]
        assert "hidden = 64, validation accuracy > 0.82: 1 of 5 rows" in text_of(pilot.app)
        await pilot.press(*" hiden=3")
        await settled(pilot)
        assert "did you mean hidden?" in text_of(pilot.app)
        assert names(screen) == ["041"], "the other terms hold"
        await pilot.press("escape")
        await settled(pilot)
        assert "did you mean" not in text_of(pilot.app)
        assert len(names(screen)) == 5
        # To the column hidden, which stands behind run and status.
        await pilot.press("right", "right", "o")
        await settled(pilot)
        assert screen.table.order.key == "model.hidden"
        assert names(screen)[0] == "042"
        assert "hidden ↑" in text_of(pilot.app)
        await pilot.press("o")
        assert names(screen)[-1] == "042"
        await pilot.press("o")
        assert names(screen)[0] == "041", "by rank again"
        await pilot.press("c")
        await settled(pilot)
        assert isinstance(pilot.app.screen, ColumnsScreen)
        await pilot.press(*"epochs", "enter", "escape")
        await settled(pilot)
        assert "train.epochs" in screen.table.keys
        heading = next(line for line in text_of(pilot.app).splitlines() if " run " in line and " weights" in line)
        assert "epochs" in heading
        await pilot.click(RowsTable, offset=(heading.index("lr"), 2))
        await settled(pilot)
        assert screen.table.order.key == "optim.lr", "a heading that is clicked orders"


async def test_runs_are_starred_tagged_noted_and_renamed(sessions: Path) -> None:
    session = Session(several(sessions))
    async with shown() as pilot:
        screen = await open_session(pilot, session.path)
        run = RunFolder(session.runs_path / "040-lstm-64")
        choose(screen, "040")
        await pilot.press("asterisk")
        await until(lambda: "☆" in text_of(pilot.app))
        await pilot.press("t", *"good", "enter")
        await until(lambda: "040-lstm-64  #good" in text_of(pilot.app))
        assert notes_of(run).tags == ("star", "good")
        await pilot.press("e", *"clip less", "ctrl+s")
        await until(lambda: "clip less" in text_of(pilot.app))
        assert notes_of(run) == Notes("clip less", ("star", "good"))
        await pilot.press("slash", *"tag=star", "enter")
        await settled(pilot)
        assert names(screen) == ["040"]
        await pilot.press("slash", "escape", "r", *"smaller", "enter")
        await until(lambda: "040-smaller" in text_of(pilot.app))
        await settled(pilot)
        assert (session.runs_path / "040-smaller").exists()
        assert screen.table.row is not None
        assert screen.table.row.name == "040-smaller", "the cursor stays on the run"
        await pilot.press("asterisk")
        await until(lambda: "☆" not in text_of(pilot.app))


async def test_a_run_deleted_on_a_full_disk_comes_back_from_the_screen_alone(sessions: Path) -> None:
    session = Session(several(sessions))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with shown() as pilot:
        screen = await open_session(pilot, session.path)
        await pilot.press("d")
        await settled(pilot)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # no byte can be written, as on a full disk
        try:
            await pilot.press("y")
            await until(lambda: len(placed(screen)) == 4)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert "but only from here" in said(pilot.app)
        await pilot.press("u")
        await until(lambda: len(session.runs()) == 5)


async def test_marked_runs_are_deleted_and_brought_back_together(sessions: Path) -> None:
    session = Session(several(sessions))
    async with shown() as pilot:
        screen = await open_session(pilot, session.path)
        assert "u undo" not in text_of(pilot.app)
        choose(screen, "002")
        await pilot.press("m", "m")
        await settled(pilot)
        assert "2 marked" in text_of(pilot.app).splitlines()[1], "the title says so at once"
        await pilot.press("d")
        await settled(pilot)
        assert "Move the 2 marked runs 002-" in text_of(pilot.app)
        await pilot.press("x")
        assert len(session.runs()) == 5
        await pilot.press("d", "y")
        await until(lambda: len(placed(screen)) == 3)
        assert "2 runs are in the trash; u brings them back." in said(pilot.app)
        assert len(session.runs()) == 3
        await pilot.press("u")
        await until(lambda: len(placed(screen)) == 5)


async def test_a_new_run_begins_with_the_settings_of_this_one(sessions: Path) -> None:
    session = several(sessions)
    async with shown() as pilot:
        setup = pilot.app.screen
        assert isinstance(setup, SetupScreen)
        setup.draft.set("train.epochs", "77")
        screen = await open_session(pilot, session)
        choose(screen, "041")
        await pilot.press("n")
        await until(lambda: isinstance(pilot.app.screen, SetupScreen))
        await settled(pilot)
        assert setup.draft.value("model.hidden") == (64,)
        assert setup.draft.value("optim.lr") == 0.01
        assert setup.draft.value("train.epochs") == 20, "nothing is left of what was written there before"
        assert "the settings are those of 041-lstm-64" in said(pilot.app)
        await pilot.press("ctrl+z")
        assert setup.draft.value("train.epochs") == 77


async def test_a_run_in_training_shows_its_epoch_and_its_best_so_far(sessions: Path) -> None:
    record(sessions, "finished")
    run = RunFolder(record(sessions, "running"))
    with LogWriter(run.events_path) as log:
        log.append(Progress(epoch=9, step=2200, loss=0.5))
        async with shown(SMALL) as pilot:
            screen = await open_session(pilot, run.session.path)
            (line,) = (line for line in text_of(pilot.app).splitlines() if "001-lstm-128" in line and "●" in line)
            assert "training 9/20" in line
            assert " …" in line, "the best so far is marked as such"
            log.append(Progress(epoch=10, step=2400, loss=0.5))
            screen.action_reload()
            await until(lambda: "training 10/20" in text_of(pilot.app))


async def test_repeats_are_shown_together_or_apart_and_unfolded(sessions: Path) -> None:
    session = record_repeats(sessions)
    async with shown() as pilot:
        screen = await open_session(pilot, session)
        assert names(screen) == ["lstm-128 × 5", "002", "lstm-64 × 3"]
        assert "✓ 5 done" in text_of(pilot.app)
        await pilot.press("space")
        await settled(pilot)
        assert names(screen)[:6] == ["lstm-128 × 5", "020", "021", "022", "023", "024"]
        await pilot.press("down", "space")
        assert len(names(screen)) == 3, "from one of them, its row is folded"
        await pilot.press("s")
        await until(lambda: len(placed(screen)) == 9)
        assert "seeds" in text_of(pilot.app)
        await pilot.press("s")
        await until(lambda: len(placed(screen)) == 3)
        await until(lambda: bool(screen.found.rows))
        await settled(pilot)
        assert "95 % interval" in text_of(pilot.app)


async def test_charts_are_turned_and_tell_what_follows(sessions: Path) -> None:
    session = several(sessions)
    async with shown() as pilot:
        screen = await open_session(pilot, session)
        assert "validation accuracy over hidden, points" in text_of(pilot.app), "beside the table, where there is room"
        await pilot.press("right_square_bracket")
        await settled(pilot)
        assert "validation accuracy over lr" in text_of(pilot.app)
        await pilot.press("p")
        await settled(pilot)
        charts = pilot.app.screen
        assert isinstance(charts, ChartsScreen)
        assert "validation accuracy over lr" in text_of(pilot.app), "the chart that was shown comes first"
        seen = []
        for _ in charts.panel.charts:
            await pilot.press("right")
            await settled(pilot)
            assert charts.panel.chart is not None
            seen.append(charts.panel.chart.title)
            await until(lambda: "Drawing …" not in text_of(pilot.app))
        assert any("heat map" in title for title in seen)
        assert any(title.startswith("leaderboard") for title in seen)
        assert any("by epoch" in title for title in seen)
        charts.panel.go_to("validation accuracy over lr, points")
        await pilot.press("i")
        await until(lambda: isinstance(pilot.app.screen, TextScreen))
        await settled(pilot)
        assert "accuracy" in text_of(pilot.app)
        await pilot.press("escape", "Y", "t")
        await settled(pilot)
        assert pilot.app.clipboard.startswith("validation accuracy over lr")
        await pilot.press("left", "up", "down", "pagedown", "escape")
        await settled(pilot)
        assert pilot.app.screen is screen
        await pilot.press("Y", "enter")
        await settled(pilot)
        assert "041-lstm-64" in pilot.app.clipboard
        await pilot.press("v")
        await settled(pilot)
        drawn = cast("Any", pilot.app.screen)
        assert type(drawn) is CompareScreen
        assert [run.name[:3] for run in drawn.runs][:2] == ["041", "002"]


async def test_a_row_of_repeats_is_compared_with_the_other_groups_of_its_session(sessions: Path) -> None:
    session = record_repeats(sessions)
    async with shown() as pilot:
        screen = await open_session(pilot, session)
        assert screen.table.row is not None
        assert screen.table.row.name == "lstm-128 × 5"
        await pilot.press("v")
        await settled(pilot)
        drawn = cast("Any", pilot.app.screen)
        assert type(drawn) is CompareScreen
        await until(lambda: drawn.loaded)
        await settled(pilot)
        assert "3 groups" in text_of(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        screen.query_one("#where", Input).value = "hidden=64"
        await settled(pilot)
        await pilot.press("v")
        await settled(pilot)
        assert type(pilot.app.screen) is SessionScreen
        assert "No other row shown here was evaluated on the data of lstm-64 × 3" in said(pilot.app)
        await pilot.press("m", "v")
        await settled(pilot)
        drawn = cast("Any", pilot.app.screen)
        assert type(drawn) is CompareScreen, "marked runs are drawn whatever they are"


async def test_repeats_in_the_browser_are_compared_with_the_other_groups_of_their_session(sessions: Path) -> None:
    record_repeats(sessions)
    async with shown() as pilot:
        browser = await open_sessions(pilot)
        table = browser.query_one(RunTable)
        table.select(next(row.path for row in table.rows if isinstance(row, ListedRepeats)))
        await pilot.press("v")
        await settled(pilot)
        drawn = cast("Any", pilot.app.screen)
        assert type(drawn) is CompareScreen
        await until(lambda: drawn.loaded)
        assert len(drawn.asked) == 9


async def test_other_data_stand_apart_and_what_cannot_be_read_is_listed(sessions: Path) -> None:
    session = several(sessions)
    record(sessions, "regression")
    broken = session / "runs" / "050-gru-8"
    broken.mkdir()
    async with shown() as pilot:
        screen = await open_session(pilot, session)
        headings = [line.text for line in screen.table.lines if isinstance(line, Heading)]
        assert [heading.split()[0] for heading in headings] == ["binary", "names", "runs"]
        assert names(screen)[-1] == "050"
        (line,) = (line for line in text_of(pilot.app).splitlines() if "050-gru-8" in line)
        assert "unreadable" in line
        assert "run.toml cannot be read" in line
        await pilot.press("end", "home")
        assert screen.table.row is not None, "the cursor is never on a heading"


async def test_labels_from_a_stranger_stay_text_in_every_size(sessions: Path) -> None:
    path = record(sessions, "hostile")
    (path / "notes.toml").write_text('format = 1\nnotes = "[/red] \\u202e"\ntags = ["ok"]\n', encoding="utf-8")
    strange = path.parent / "\x1b[2J [red] \u202e1"
    path.rename(strange)
    async with shown() as pilot:
        screen = await open_session(pilot, strange.parent.parent)
        for keys in ("t", "escape", "d", "x", "e", "escape", "r", "escape", "c", "escape", "p", "right", "escape"):
            await pilot.press(keys)
            await settled(pilot)
            assert_harmless(pilot.app)
        for size in ((40, 10), (80, 24), (100, 30), (220, 60)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert_harmless(pilot.app)
        assert screen.is_attached


async def test_an_empty_session_says_what_to_do(sessions: Path) -> None:
    Session(sessions / "ideas").runs_path.mkdir(parents=True)
    async with shown(SMALL) as pilot:
        await open_session(pilot, sessions / "ideas")
        assert "ideas holds no run yet. Press n to set one up." in text_of(pilot.app)
        await pilot.press("v", "p", "d", "o", "t", "w", "escape")
        await asyncio.sleep(0)
        assert pilot.app.is_running
