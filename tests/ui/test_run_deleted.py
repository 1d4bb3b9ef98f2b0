"""The Run screen of a run whose folder is deleted, or whose log another file replaces, while it is open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.recorded import record
from tests.ui.opened import app_on, open_run, text_of, until

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
