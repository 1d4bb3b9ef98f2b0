"""The Run screen of a run whose folder is deleted, or whose log another file replaces, while it is open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rnnlab.runs.events import Progress
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log import LogWriter
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from tests.recorded import record
from tests.ui.opened import app_on, open_run, settled, text_of, until

SIZES = pytest.mark.parametrize("size", [(140, 45), (80, 24)], ids=["wide", "small"])


@SIZES
async def test_a_deleted_run_says_so(tmp_path: Path, size: tuple[int, int]) -> None:
    run = record(tmp_path, "running")
    async with app_on(clock=None).run_test(size=size) as pilot:
        await open_run(pilot, run)
        shutil.rmtree(run)
        await until(lambda: "✗ deleted" in text_of(pilot.app))
        await until(lambda: "the run's folder was deleted" in " ".join(text_of(pilot.app).split()))
        assert "train it here" not in text_of(pilot.app)
        assert "queued" not in text_of(pilot.app)


@SIZES
async def test_a_replaced_log_is_shown_and_that_is_said(tmp_path: Path, size: tuple[int, int]) -> None:
    run, other = record(tmp_path, "running"), record(tmp_path, "finished")
    async with app_on(clock=None).run_test(size=size) as pilot:
        await open_run(pilot, run)
        shutil.copyfile(other / "events.jsonl", run / "new")
        (run / "new").replace(run / "events.jsonl")
        await until(lambda: "completed" in text_of(pilot.app))
        await until(lambda: "the run's log was replaced" in " ".join(text_of(pilot.app).split()))


async def test_the_configuration_that_was_read_stays_when_its_file_is_gone(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    with LogWriter(run.events_path) as log:
        async with app_on(clock=None).run_test(size=(140, 45)) as pilot:
            screen = await open_run(pilot, run.path)
            await pilot.press("7")
            await settled(pilot)
            assert "changed from the task" in text_of(pilot.app)
            run.config_path.unlink()
            log.append(Progress(epoch=9, step=3000, loss=0.5))
            await until(lambda: screen.follower.state.step == 3000)
            await settled(pilot)
            assert "changed from the task" in text_of(pilot.app)


async def test_a_cursor_and_an_epoch_chosen_in_a_log_that_is_replaced_by_one_of_fewer_classes_are_given_up(
    tmp_path: Path,
) -> None:
    run, other = record(tmp_path, "per-step"), record(tmp_path, "finished")
    async with app_on(clock=None).run_test(size=(140, 45)) as pilot:
        screen = await open_run(pilot, run)
        await pilot.press("3", "comma", "comma", *["down", "right"] * 25)
        await settled(pilot)
        assert screen.query_one(ConfusionPanel).view.cursor == (25, 25)
        shutil.copyfile(other / "events.jsonl", run / "new")
        (run / "new").replace(run / "events.jsonl")
        started = screen.follower.state.started
        await until(lambda: screen.follower.state.started not in (None, started))
        await settled(pilot)
        assert screen.follower.state.started is not None
        assert len(screen.follower.state.started.data.classes) == 18
        await pilot.press("down", "right", "m", "m", "m", "m", "o")
        await settled(pilot)
        assert "Vietnamese" in text_of(pilot.app)
