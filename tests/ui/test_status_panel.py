"""The status of a run: its load on the machine, what was configured, and what it holds with the screen for itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rnnlab.machine import Load
from rnnlab.ui.run.panels.status_panel import StatusPanel
from tests.recorded import record
from tests.ui.opened import open_run, settled, shown, text_of

LOAD = Load(cores=0.98, memory=412_000_000, machine=0.5, n_cores=8, machine_memory=3 * 10**9, all_memory=16 * 10**9)


async def test_what_the_trainer_takes_of_the_machine_stands_in_one_line(tmp_path: Path) -> None:
    async with shown(size=(140, 45)) as pilot:
        screen = await open_run(pilot, record(tmp_path, "running"))
        panel = screen.query_one(StatusPanel)
        assert "412 MB" not in text_of(pilot.app)
        # The first reading knows no share of a core yet, which is not 0.
        panel.show_load(replace(LOAD, cores=None, machine=None))
        await settled(pilot)
        assert "load      memory 412 MB" in text_of(pilot.app)
        assert "core ·" not in text_of(pilot.app)
        panel.show_load(LOAD)
        await settled(pilot)
        assert "CPU 1.0 core · memory 412 MB" in text_of(pilot.app)
        panel.show_load(None)
        await settled(pilot)
        assert "412 MB" not in text_of(pilot.app)


async def test_alone_the_status_holds_charts_and_the_configuration(tmp_path: Path) -> None:
    async with shown(size=(140, 45)) as pilot:
        await open_run(pilot, record(tmp_path, "finished"))
        beside = text_of(pilot.app)
        assert "changed" in beside
        assert "learning rate" not in beside
        await pilot.press("4")
        await settled(pilot)
        alone = text_of(pilot.app)
        assert "learning rate" in alone
        assert "gradient norm" in alone
        assert "── configuration" in alone
