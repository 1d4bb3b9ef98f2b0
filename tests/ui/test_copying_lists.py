"""Lists on the clipboard: the rows of all sessions, the samples of a run."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnlab.runs.log_reader import read_state
from rnnlab.ui.sessions.run_table import RunTable
from tests.recorded import record
from tests.recorded_repeats import record_repeats
from tests.ui.clipboard import copied, rows_of
from tests.ui.opened import open_run, open_sessions, said, settled, shown, text_of


async def test_the_rows_of_all_sessions_are_copied_with_their_figures_in_full(sessions: Path) -> None:
    record_repeats(sessions)
    async with shown() as pilot:
        screen = await open_sessions(pilot)
        rows = rows_of(await copied(pilot, "Y", "c"))
        (group,) = [row for row in rows if row["run"] == "lstm-128 × 5"]
        assert (group["status"], group["figure"]) == ("5 done", "accuracy")
        assert 0 < float(group["std"]) < float(group["best"]) < 1
        assert group["session"] == screen.query_one(RunTable).rows[0].path.name
        await pilot.press("down", "space")
        await settled(pilot)
        singles = [row for row in rows_of(await copied(pilot, "Y", "c")) if row["best_epoch"]]
        assert len(singles) >= 5
        assert float(group["best"]) in [pytest.approx(sum(map(float, (r["best"] for r in singles[:5]))) / 5)]
        assert "lstm-128 × 5" in await copied(pilot, "Y", "Y")
        assert "| session | run |" in " ".join((await copied(pilot, "Y", "m")).split())


async def test_where_there_is_no_run_nothing_is_copied(sessions: Path) -> None:
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("Y")
        await settled(pilot)
        assert "There is no run to copy." in text_of(pilot.app) + said(pilot.app)


async def test_samples_are_copied_in_full(sessions: Path) -> None:
    run = record(sessions, "running")
    samples = read_state(run / "events.jsonl")[0].samples
    async with shown((80, 24)) as pilot:
        await open_run(pilot, run)
        await pilot.press("enter")
        await settled(pilot)
        assert "Y copy" in text_of(pilot.app)
        rows = rows_of(await copied(pilot, "Y", "c"))
        assert [row["input"] for row in rows] == [sample.input for sample in samples]
        assert [row["correct"] for row in rows] == [str(int(sample.correct)) for sample in samples]
        assert ElementTree.fromstring(await copied(pilot, "Y", "s")).tag.endswith("svg")
