"""The curves of the Run screen: parts of their axes, spikes, events and the mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from rnnlab.runs.codec import encode
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from rnnlab.ui.run.panels.curve_panel import CurvePanel
from rnnlab.ui.run.panels.event_panel import EventPanel
from tests.recorded import record
from tests.ui.opened import app_on, on_run, open_run, settled, shown, text_of

Compare = Callable[..., bool]

HUGE, WIDE, SMALL = (220, 60), (140, 45), (80, 24)


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """What stands on the screen after these keys."""
    await pilot.press(*keys)
    await settled(pilot)
    return text_of(pilot.app)


def axis_of(text: str) -> list[float]:
    """The numbers under the loss, from left to right."""
    line = next(
        line for line in text.split("\n") if "epoch" in line and "│" in line and "┬" not in line and "━" not in line
    )
    return [float(word) for word in line.split("││")[0].split() if word.replace(".", "").isdigit()]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_a_part_of_the_loss_alone(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    keys = ("1", "plus", "shift+up", "up", "up")
    assert snap_compare(app_on(), terminal_size=size, run_before=on_run(record(tmp_path, "running"), *keys))


def test_a_wide_terminal_is_filled(snap_compare: Compare, tmp_path: Path) -> None:
    assert snap_compare(app_on(), terminal_size=HUGE, run_before=on_run(record(tmp_path, "finished")))


async def test_keys_show_a_part_of_the_x_axis_and_all_of_it_again(tmp_path: Path) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        whole = text_of(pilot.app)
        assert "zoomed" not in whole
        last = await pressed(pilot, "plus", "plus")
        assert "zoomed" in last
        assert axis_of(last)[0] > axis_of(whole)[0], "without a cursor the newest part is shown"
        assert axis_of(await pressed(pilot, *["ctrl+left"] * 4))[0] < axis_of(last)[0]
        assert axis_of(await pressed(pilot, *["ctrl+right"] * 4)) == axis_of(last)
        assert axis_of(await pressed(pilot, "minus", "minus")) == axis_of(whole)
        assert "zoomed" not in await pressed(pilot, "plus", "0")
        assert "zoomed" not in await pressed(pilot, "plus", "escape")
        assert pilot.app.screen is screen, "the key back leads out of the part first"


async def test_the_y_axis_says_what_lies_outside_of_it(tmp_path: Path) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        assert "beyond" not in text_of(pilot.app)
        magnified = await pressed(pilot, "shift+up", "shift+up")
        assert "↑" in magnified
        assert "beyond, to" in magnified
        panel = screen.query_one("#loss", CurvePanel)
        scale = panel.y_scale()
        assert scale is not None
        await pressed(pilot, "ctrl+up")
        higher = panel.y_scale()
        assert higher is not None
        assert higher.low > scale.low
        await pressed(pilot, "ctrl+down")
        assert panel.y_scale() is not None
        await pressed(pilot, "shift+down", "shift+down")
        again = panel.y_scale()
        assert again is not None
        assert again.high - again.low > scale.high - scale.low
        await pressed(pilot, "0")
        assert "beyond" in await pressed(pilot, "k")
        assert "beyond" not in await pressed(pilot, "k")


async def test_the_arrows_put_the_cursor_at_an_event(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        screen = await open_run(pilot, record(tmp_path, "running"))
        assert "▾ learning rate" in await pressed(pilot, "up", "up", "up", "up"), (
            "the loss says where the cursor stands"
        )
        listed = await pressed(pilot, "escape", "6")
        assert "learning rate" in listed
        assert "▸" not in listed
        chosen = await pressed(pilot, "up", "up")
        assert "▸" in chosen
        assert screen.view.cursor is not None
        before = screen.view.cursor
        await pressed(pilot, "up")
        assert screen.view.cursor <= before
        assert "evaluations" in await pressed(pilot, "1"), "the curve that fills the screen has its figures under it"
        assert "events" in text_of(pilot.app)
        await pressed(pilot, "escape")
        assert screen.query_one(EventPanel).chosen is None


async def test_the_configuration_says_what_differs_and_scrolls(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        await open_run(pilot, record(tmp_path, "finished"))
        first = await pressed(pilot, "7")
        assert "changed from the task's defaults" in first
        assert "● " in first
        assert "lines 1–" in first
        assert "lines 2–" in await pressed(pilot, "down")
        assert "lines 1–" in await pressed(pilot, "up", "up")


async def test_a_click_pins_the_cursor_and_the_wheel_magnifies(tmp_path: Path) -> None:
    async with shown(size=HUGE) as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        for panel in ("#events", "#inside"):
            assert screen.query_one(panel).display, "a wide screen has a third column"
        await pilot.click("#loss", offset=(30, 8))
        await settled(pilot)
        pinned = screen.view.cursor
        assert pinned is not None
        await pilot.hover("#metric", offset=(50, 8))
        await settled(pilot)
        assert screen.view.cursor == pinned
        await pilot._post_mouse_events([MouseScrollUp], "#loss", offset=(30, 8), button=0)
        await settled(pilot)
        limits = screen.view.x_limits(screen.x_extent)
        assert limits is not None
        assert limits[0] < pinned < limits[1]
        await pilot._post_mouse_events([MouseScrollDown], "#loss", offset=(30, 8), button=0)
        await settled(pilot)
        assert screen.view.x_limits(screen.x_extent) is None
        await pilot._post_mouse_events([MouseScrollUp], "#loss", offset=(30, 8), button=0, shift=True)
        await settled(pilot)
        assert screen.view.y_window("loss") is not None


async def test_the_mouse_points_at_what_the_axis_says_where_that_does_not_begin_at_zero(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    kept = [record for record in read_records(run.events_path)[0] if getattr(record.data, "epoch", 0) <= 2]
    run.events_path.write_bytes(b"".join(map(encode, kept)))
    async with shown() as pilot:
        screen = await open_run(pilot, run.path)
        panel = screen.query_one("#metric", CurvePanel)
        assert panel.drawn_extent() == (1.0, 2.0), "a metric of two epochs is drawn from the first on"
        left, _ = panel._plot_area()
        await pilot.click("#metric", offset=(left + 1, 6))
        await settled(pilot)
        assert screen.view.cursor == pytest.approx(1.0, abs=0.05)
