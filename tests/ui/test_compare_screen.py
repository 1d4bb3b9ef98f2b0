"""The Compare screen: runs chosen in the browser, drawn together as groups, a task at a time, and read out with a cursor."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from rnnlab.runs.events import Progress
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log import LogWriter
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.compare.matrices_panel import MatricesPanel
from rnnlab.ui.compare.panels import CurvesPanel, TablePanel
from rnnlab.ui.compare.screen import OTHER_DATA, CompareScreen
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.sessions.run_table import RunTable
from rnnlab.ui.sessions.screen import SessionsScreen
from tests.recorded import SESSION, record
from tests.recorded_variants import variant
from tests.ui.opened import assert_harmless, open_sessions, said, settled, shown, text_of, until

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


async def drawn(pilot: Pilot[Any], *keys: str) -> CompareScreen:
    """The overlay after those keys in the browser, once every log has been read."""
    await pilot.press(*keys, "v")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, CompareScreen)
    await until(lambda: screen.loaded)
    for run in screen.runs:
        await pilot.app.followers.follow(run).opened.wait()  # type: ignore[attr-defined]
    await settled(pilot)
    return screen


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
            panel = screen.query_one("#loss", CurvesPanel)
            log.append(
                Progress(epoch=9, step=3000, steps=10, seconds=99.0, loss=0.5, loss_low=0.4, loss_high=0.6, lr=0.1)
            )
            await until(lambda: next(iter(panel.groups.values()))[0].step == 3000)
            await pilot.press("x", "right")
            await settled(pilot)
            assert panel.view.x_axis == "steps"
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
        assert text_of(pilot.app).count(OTHER_DATA) == (3 if size == WIDE else 2), "the table stands beside the curves"


def record_groups(sessions: Path) -> Path:
    """Two seeds of 64 units and two of 256 beside the recorded run of 128; gives the session's folder."""
    source = record(sessions, "finished")
    for at, (hidden, seed, accuracy) in enumerate([(64, 0, 0.72), (64, 1, 0.74), (256, 0, 0.86), (256, 1, 0.88)]):
        settings = {"model.hidden": (hidden,), "train.seed": seed, "data.seed": 0}
        variant(source, f"{50 + at:03}-lstm-{hidden}", settings, figures={"accuracy": accuracy})
    return source.parent.parent


@asynccontextmanager
async def compared(
    runs: list[RunFolder], size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[Pilot[Any], CompareScreen]]:
    """The screen on these runs, once all is read."""
    async with shown(size) as pilot:
        await pilot.app.push_screen(screen := CompareScreen(runs))
        await until(lambda: screen.loaded)
        for run in screen.runs:
            await pilot.app.followers.follow(run).opened.wait()  # type: ignore[attr-defined]
        await until(screen.shown.is_set)
        await settled(pilot)
        await until(lambda: not screen._due)
        await settled(pilot)
        yield pilot, screen


async def test_seeds_are_one_group_named_by_what_differs_with_band_table_and_sentence(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs()) as (pilot, screen):
        app = pilot.app
        text = text_of(app)
        assert "mean ± std over seeds" in text
        for label in ("hidden 256, mean of 2", "hidden 64, mean of 2", "hidden 128, 1 run"):
            assert label in text
        assert ".870 ± .014" in text, "the table stands beside the curves"
        assert "hidden 256 has the best validation accuracy" in " ".join(text.replace("│", " ").split())
        await until(lambda: bool(screen.query_one("#table", TablePanel).intervals))
        await settled(pilot)
        assert "95 % interval" in text_of(app)
        table = screen.query_one("#table", TablePanel)
        assert "1 of 3 have one seed, which says nothing about others" in " ".join(table.plain_text().split())
        await pilot.press("i")
        await settled(pilot)
        assert "hidden 256, mean of 2 fell from" in " ".join(text_of(app).split())
        await pilot.press("i", "3", "Y", "Y")
        await settled(pilot)
        assert "hidden 256 has the best" in " ".join(app.clipboard.split())
        await pilot.press("i")
        await settled(pilot)
        assert isinstance(app.screen, TextScreen)
        await pilot.press("i", "escape", "2", "left", "left", "shift+left", "shift+right", "up", "down")
        await settled(pilot)
        assert "epoch " in text_of(app)
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert (screen.view.cursor, screen.zoomed) == (None, 0)


async def test_two_confusion_matrices_and_their_difference_with_signs(
    sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    session = record_groups(sessions)
    other = record(sessions, "leaky")
    assert other.parent.parent == session
    async with compared(
        [RunFolder(path) for path in sorted((session / "runs").iterdir()) if "leaky" not in path.name]
    ) as (
        pilot,
        screen,
    ):
        await pilot.press("4")
        await settled(pilot)
        text = text_of(pilot.app)
        assert "B − A" in text
        assert "(test, sum of 2 runs)" in text
        panel = screen.query_one(MatricesPanel)
        first = panel.border_title
        await pilot.press("b")
        await settled(pilot)
        assert panel.border_title != first, "b chooses another group"
        await pilot.press("a", "i")
        await settled(pilot)
        assert "Recall of" in text_of(pilot.app)
        await pilot.press("i")
        await pilot.resize_terminal(*SMALL)
        await settled(pilot)
        assert "points of %" in text_of(pilot.app)
        before = text_of(pilot.app)
        await pilot.press("down", "right")
        await settled(pilot)
        assert text_of(pilot.app) != before, "the arrows scroll what does not fit"
        await pilot.press("m")
        await settled(pilot)
        assert "points of %" not in text_of(pilot.app), "m shows A alone"


async def test_two_tasks_are_never_on_one_axis(sessions: Path) -> None:
    runs = [RunFolder(record(sessions, kind)) for kind in ("finished", "diverged", "forecast")]
    async with compared(runs) as (pilot, screen):
        assert "task 1 of 2" in text_of(pilot.app)
        assert "gru" not in text_of(pilot.app)
        await pilot.press("n")
        await settled(pilot)
        assert "task 2 of 2" in text_of(pilot.app)
        assert [run.name for run in screen.runs] == ["010-gru-64"]
        await pilot.press("4")
        await settled(pilot)
        assert "two groups of a classification" in text_of(pilot.app)


def epochs_of(text: str) -> list[float]:
    """The numbers under the loss, from left to right."""
    lines = (line.split("││")[0].strip("│ ") for line in text.split("\n"))
    return [float(word) for word in next(line for line in lines if line.endswith(" epoch")).split()[:-1]]


async def test_all_panels_show_one_part_of_the_x_axis_and_the_key_back_leads_out_of_it(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs()) as (pilot, screen):
        await until(lambda: bool(screen.query_one("#table", TablePanel).intervals))  # the last that comes by itself
        await settled(pilot)
        whole = text_of(pilot.app)
        assert "zoomed" not in whole
        await pilot.press("plus", "plus")
        await settled(pilot)
        part = text_of(pilot.app)
        assert epochs_of(part)[0] > epochs_of(whole)[0], "without a cursor the newest part is shown"
        assert part.count("zoomed") == 2
        loss, metric = screen.query(CurvesPanel)
        assert loss.drawn_extent() == metric.drawn_extent() == screen.view.x_limits(screen.x_extent)
        await pilot.press("ctrl+left")
        await settled(pilot)
        assert epochs_of(text_of(pilot.app))[0] < epochs_of(part)[0]
        await pilot.press("right")
        await settled(pilot)
        assert "◆ .870   ● " in text_of(pilot.app), "the values at the cursor need the room of the names"
        await pilot.press("escape")
        await settled(pilot)
        assert "zoomed" in text_of(pilot.app), "escape takes the cursor off first"
        await pilot.press("escape")
        await settled(pilot)
        assert text_of(pilot.app) == whole
        assert pilot.app.screen is screen
        await pilot.press("shift+up", "shift+up")
        await settled(pilot)
        assert "beyond, to" in text_of(pilot.app)
        await pilot.press("0")
        await settled(pilot)
        assert text_of(pilot.app) == whole


async def test_the_wheel_magnifies_where_the_mouse_points_and_the_figure_is_of_that_part(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs()) as (pilot, screen):
        await pilot.hover("#metric", offset=(40, 6))
        await settled(pilot)
        pointed = screen.view.cursor
        assert pointed is not None
        for _ in range(3):
            await pilot._post_mouse_events([MouseScrollUp], "#metric", offset=(40, 6), button=0)
        await settled(pilot)
        limits = screen.view.x_limits(screen.x_extent)
        assert limits is not None
        assert limits[0] < pointed < limits[1]
        _, arguments = screen._figure_of(screen.query_one("#metric", CurvesPanel))
        assert f"--x-range={limits[0]!r}:{limits[1]!r}" in arguments
        await pilot.press("2", "f", "ctrl+u", *"part.csv", "enter")
        await until(lambda: "written to" in said(pilot.app))
        epochs = [float(row["epoch"]) for row in csv.DictReader(Path("part.csv").read_text("utf-8").splitlines())]
        assert epochs
        assert limits[0] <= min(epochs)
        assert max(epochs) <= limits[1]


async def test_a_click_puts_the_cursor_and_the_table_scrolls(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs(), SMALL) as (pilot, screen):
        await pilot.click("#loss", offset=(40, 6))
        await settled(pilot)
        assert screen.view.cursor is not None
        await pilot.press("escape", "3", "down")
        await settled(pilot)
        assert "what differs" in text_of(pilot.app)
