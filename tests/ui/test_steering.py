"""Steering a run from its screen: pause, rate, settings, stop, more epochs; each waits for the trainer's word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.widgets import Input

from rnnlab.engines.resume import allow
from rnnlab.engines.runner import runner_lock
from rnnlab.runs.commands import CommandCursor
from rnnlab.runs.events import CommandApplied, ResumeAsked
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.ui.common.prompt import Prompt
from tests.recorded import record
from tests.ui.opened import open_run, said, settled, shown, text_of, until

Compare = Callable[..., bool]

WIDE, SMALL = (140, 45), (80, 24)


async def test_keys_steer_the_trainer_and_wait_for_its_word(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    orders = CommandCursor(run.commands_path)
    with LogWriter(run.events_path) as log:
        async with shown(clock=None) as pilot:
            await open_run(pilot, run.path)
            await pilot.press("p")
            await settled(pilot)
            assert "pausing …" in text_of(pilot.app)
            (pause,) = orders.read()
            assert pause.command == "pause"
            log.append(CommandApplied(command="pause", command_id=pause.id, epoch=10, step=2124, seconds=27.2))
            await until(lambda: "‖ paused" in text_of(pilot.app))
            assert "pausing" not in text_of(pilot.app)
            await pilot.press("p")
            assert [sent.command for sent in orders.read()] == ["resume"]


async def test_the_rate_is_doubled_from_what_was_asked_for(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    async with shown() as pilot:
        await open_run(pilot, run.path)
        await pilot.press("right_square_bracket", "right_square_bracket", "left_square_bracket")
        await settled(pilot)
        sent = CommandCursor(run.commands_path).read()
        assert [(command.key, command.value) for command in sent] == [
            ("optim.lr", 0.003),
            ("optim.lr", 0.006),
            ("optim.lr", 0.003),
        ]
        assert "1.5e-3 → 3e-3 …" in text_of(pilot.app)


async def test_a_rate_is_typed_and_checked(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    async with shown() as pilot:
        screen = await open_run(pilot, run.path)
        await pilot.press("r")
        screen.query_one(Prompt).query_one(Input).value = "-1"
        await pilot.press("enter")
        await settled(pilot)
        assert "must be a number above 0" in text_of(pilot.app)
        assert CommandCursor(run.commands_path).read() == []
        screen.query_one(Prompt).query_one(Input).value = "0.0007"
        await pilot.press("enter")
        await settled(pilot)
        assert [command.value for command in CommandCursor(run.commands_path).read()] == [0.0007]
        assert not screen.query_one(Prompt).asking


async def test_knobs_are_typed_and_wishes_are_sent(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    async with shown() as pilot:
        screen = await open_run(pilot, run.path)
        for key, typed in (("c", "none"), ("d", "0.25")):
            await pilot.press(key)
            screen.query_one(Prompt).query_one(Input).value = typed
            await pilot.press("enter")
            await settled(pilot)
        await pilot.press("b", "v", "w")
        await settled(pilot)
        sent = CommandCursor(run.commands_path).read()
        assert [(command.command, command.key, command.value) for command in sent] == [
            ("set", "optim.clip_norm", None),
            ("set", "model.dropout", 0.25),
            ("rollback", "", None),
            ("evaluate", "", None),
            ("save", "", None),
        ]
        assert "saving …" in text_of(pilot.app)
        await pilot.press("g")
        assert not any(isinstance(r.data, ResumeAsked) for r in read_records(run.events_path)[0])


async def test_an_ended_run_goes_on_with_more_epochs(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "finished"))
    allow(run)
    with runner_lock(run.session):  # so that nobody carries it out
        async with shown(clock=None) as pilot:
            screen = await open_run(pilot, run.path)
            assert "g resume" in text_of(pilot.app)
            await pilot.press("g")
            await settled(pilot)
            prompt = screen.query_one(Prompt)
            assert "epochs in all" in text_of(pilot.app)
            prompt.query_one(Input).value = "1"
            await pilot.press("enter")
            await until(lambda: "give it more with --epochs" in said(pilot.app))
            await pilot.press("g", "enter")
            await until(lambda: "queued" in text_of(pilot.app))
            assert "g resume" not in text_of(pilot.app)
    asked = read_records(run.events_path)[0][-1].data
    assert isinstance(asked, ResumeAsked)
    assert asked.changes == {"train.epochs": 2 * run.config().train.epochs}


async def test_stop_asks_first(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    orders = CommandCursor(run.commands_path)
    async with shown() as pilot:
        await open_run(pilot, run.path)
        await pilot.press("s", "l")
        assert orders.read() == []
        await pilot.press("y")
        assert orders.read() == []
        await pilot.press("s", "s")
        assert [sent.command for sent in orders.read()] == ["stop"]
