"""The Run screen of a run that was tested at other lengths and on first steps alone: the curves, where there is room."""

from __future__ import annotations

from pathlib import Path

from rnnlab.plots.comparison.overlay import overlay_plot
from rnnlab.runs.log_reader import read_state
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from tests.recorded import record
from tests.training.recorded_runs import recorded
from tests.ui.opened import app_on, open_run, settled, text_of


async def test_the_result_panel_draws_both_curves_where_it_fills_the_screen(tmp_path: Path) -> None:
    run = recorded(
        tmp_path, task="parity", data__rows=400, data__steps=10, data__test_steps="20,40", data__test_prefixes="2,6"
    )
    app = app_on()
    async with app.run_test(size=(140, 70)) as pilot:
        await open_run(pilot, run.path)
        await pilot.press("4")
        await settled(pilot)
        text = text_of(app)
        assert "accuracy over length" in text
        assert "accuracy over first steps" in text
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "first 6 steps" in text_of(app), "the figures stay"


def test_runs_beside_one_another_are_drawn_over_their_baseline(tmp_path: Path) -> None:
    state, _ = read_state(record(tmp_path, "leaky") / "events.jsonl")
    drawn = to_text(overlay_plot([("one", state)], "accuracy", width=100, height=16, palette=MONO))
    assert "nearest centroid .612" in drawn
    assert "nearest centroid" not in to_text(overlay_plot([("one", state)], "loss", width=100, height=16, palette=MONO))
