"""The rows of the browser of sessions: how each kind of run is marked in its row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.content import Content

from rnnlab.config import RunConfig
from rnnlab.engines.resume import allow
from rnnlab.runs.current import waiting_text
from rnnlab.runs.events import RunFinished
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.notes import Notes, write_notes
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.sessions.listing import Listing
from rnnlab.ui.sessions.run_table import RunTable
from tests.recorded import record
from tests.recorded_outcomes import recorded_below
from tests.recorded_variants import variant
from tests.ui.opened import (
    assert_harmless,
    open_run,
    open_sessions,
    settled,
    shown,
    text_of,
    until,
)

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


async def test_a_dead_run_is_listed_as_failed_once_it_is_not_to_be_gone_on_with(sessions: Path) -> None:
    run = RunFolder(record(sessions, "running"))
    allow(run)
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        assert "✗ process gone" in text_of(pilot.app)
        run.session.write_info(SessionInfo(run.session.name, attempts=0))
        screen.action_reload()
        await until(lambda: "✗ failed" in text_of(pilot.app))


async def test_a_dead_run_from_elsewhere_is_listed_and_its_log_left_alone(sessions: Path) -> None:
    run = RunFolder(record(sessions, "running"))
    run.session.write_info(SessionInfo(run.session.name, attempts=0))
    before = {path: path.read_bytes() for path in run.path.iterdir()}
    async with shown() as pilot:
        await open_sessions(pilot)
        assert "✗ process gone" in text_of(pilot.app)
    assert {path: path.read_bytes() for path in run.path.iterdir()} == before


async def test_names_and_notes_are_text_everywhere(sessions: Path) -> None:
    path = record(sessions, "hostile")
    strange = sessions / "[@click=app.quit]x[] \x1b]52;c;cHduZWQ=\x07 \u202e[bold"
    path.parent.parent.rename(strange)
    Session(strange).write_info(SessionInfo("[/red]", "[/red] \x9b2J notes\n\u202e[@click=app.quit]x[/]"))
    (strange / "runs" / path.name).rename(strange / "runs" / "\x1b[2J [red] \u202e1")
    async with shown() as pilot:
        await open_sessions(pilot)
        for key in ("f5", "o", "d", "x", "end", "c", "home", "e", "escape", "end", "d", "y", "u", "enter"):
            await pilot.press(key)
            await settled(pilot)
            assert_harmless(pilot.app)
        assert pilot.app.is_running


async def test_a_run_on_a_leaking_split_is_marked_in_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "marked"))
    record(tmp_path / "marked", "leaky")
    async with shown() as pilot:
        await open_sessions(pilot)
        text = text_of(pilot.app)
        assert "⚠ .832 @ 11" in text
        assert "⚠ leaking split  test: accuracy .825" in text


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_run_no_better_than_its_baseline_is_a_warning_in_its_row(sessions: Path, size: tuple[int, int]) -> None:
    recorded_below(sessions)
    async with shown(size) as pilot:
        await open_sessions(pilot)
        text = text_of(pilot.app)
        assert "⚠ below baseline" in text
        assert "✓ completed" not in text
        assert "completed, never better than its baseline" in text.splitlines()[-2]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_run_whose_data_load_is_called_so_in_its_row(sessions: Path, size: tuple[int, int]) -> None:
    run = create_session("lab", root=sessions).create_run(RunConfig.from_settings({}))
    with LogWriter(run.events_path):
        async with shown(size) as pilot:
            await open_sessions(pilot)
            text = text_of(pilot.app)
            assert "◌ loading" in text
            assert waiting_text("loading") in text
            assert "queued" not in text


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_by_best_figure_runs_of_other_data_stand_apart(sessions: Path, size: tuple[int, int]) -> None:
    source = record(sessions, "finished")
    for name, data, accuracy in (
        ("040-gru-128", "other", 0.99),
        ("041-gru-64", "", 0.1),
        ("042-gru-32", "other", 0.01),
        ("043-gru-16", "", 0.999),
    ):
        variant(source, name, {"model.hidden": name[8:]}, fingerprint=data, figures={"accuracy": accuracy})
    async with shown(size) as pilot:
        screen = await open_sessions(pilot)
        await pilot.press("o")
        await settled(pilot)
        numbers = [row.path.name[:3] for row in screen.query_one(RunTable).rows]
        lines = [line for line in text_of(pilot.app).splitlines() if "20/20" in line or " @ 11 " in line]
        assert len(lines) == len(numbers)
        starred = [number for number, line in zip(numbers, lines, strict=True) if "★" in line]
        assert sorted(starred) == ["040", "043"]
    same, other = ["043", "002", "041"], ["040", "042"]
    assert numbers in (same + other, other + same)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_by_best_figure_the_star_says_what_it_goes_by_and_passes_over_what_diverged(
    sessions: Path, size: tuple[int, int]
) -> None:
    source = record(sessions, "finished")
    variant(source, "040-gru-128", {"model.name": "gru"}, figures={"accuracy": 0.95, "loss": 0.5})
    variant(source, "041-gru-128", {"model.hidden": 64}, figures={"accuracy": 0.99}, training_loss=1e3)
    chosen = {"train.select": "balanced_accuracy"}
    async with shown(size) as pilot:
        screen = await open_sessions(pilot)
        table = screen.query_one(RunTable)

        def starred() -> list[str]:
            lines = [line for line in text_of(pilot.app).splitlines() if " @ 11 " in line]
            return [row.path.name[:3] for row, line in zip(table.rows, lines, strict=True) if "★" in line]

        await pilot.press("o")
        await settled(pilot)
        assert starred() == ["040"]
        assert "by best figure" in text_of(pilot.app)
        assert "★ by" not in text_of(pilot.app), "all were chosen by the accuracy"
        variant(source, "042-gru-128", chosen, figures={"accuracy": 0.9, "balanced_accuracy": 0.9})
        await until(lambda: len(table.rows) == 4)
        await settled(pilot)
        assert starred() == ["040"]
        assert "by best figure, ★ by accuracy" in text_of(pilot.app)


async def test_a_run_that_its_sweep_paused_says_after_which_epoch(sessions: Path) -> None:
    run = RunFolder(record(sessions, "paused"))
    sentence = "paused after epoch 7 of 12 by its sweep, which resumes the best runs"
    with LogWriter(run.events_path) as log:
        log.append(RunFinished(outcome="stopped", message=sentence, epoch=7, step=420, paused_after=7))
    async with shown(SMALL) as pilot:
        await open_sessions(pilot)
        assert "paused @ 7" in text_of(pilot.app)
        assert sentence in text_of(pilot.app)
        await open_run(pilot, run.path)
        assert "paused @ 7" in text_of(pilot.app)
        assert "stopped" not in text_of(pilot.app)


async def test_what_another_screen_covers_is_not_read_again(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = record(sessions, "finished")
    async with shown() as pilot:
        browser = await open_sessions(pilot)
        read: list[str] = []
        monkeypatch.setattr(browser, "action_reload", lambda: read.append("again"))
        await pilot.app.push_screen(TextScreen("Help", Content("a box over it")))
        browser._refresh_in_sight()
        assert read == ["again"], "what is seen around a box goes on"
        pilot.app.pop_screen()
        await open_run(pilot, run)
        read.clear()
        browser._refresh_in_sight()
        assert read == []


def test_a_session_without_a_change_equals_the_one_read_before(sessions: Path) -> None:
    run = RunFolder(record(sessions, "finished"))
    listing = Listing(sessions)
    before = listing.read(run.session)
    assert listing.read(run.session) == before
    write_notes(run, Notes("better"))
    assert listing.read(run.session) != before
