"""The views of a run: matrices, values under the cursor, zoomed panels, samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from rnnlab.runs.events import PredictionsSaved
from rnnlab.runs.log_reader import read_state
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.ui.matrix.kept_figure import KeptFigure
from rnnlab.ui.matrix.number_view import NumberView
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from rnnlab.ui.run.samples_screen import SamplesScreen
from tests.recorded import record
from tests.ui.opened import open_run, settled, shown, text_of, until

Compare = Callable[..., bool]

WIDE, SMALL = (140, 45), (80, 24)


async def test_matrices_are_browsed(tmp_path: Path) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        titles = []
        for key in ("f5", "comma", "comma", "full_stop", "full_stop"):
            await pilot.press(key)
            titles.append(str(screen.query_one(ConfusionPanel).border_title))
        assert ["test" in title for title in titles] == [True, False, False, False, True]
        assert "epoch 20" in titles[1]
        assert "epoch 19" in titles[2]


async def test_a_matrix_that_does_not_fit_scrolls_with_its_cursor(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        await open_run(pilot, record(tmp_path, "running"))
        await pilot.press("3", *["up"] * 17)
        await settled(pilot)
        assert "Vietnamese" not in text_of(pilot.app)
        await pilot.press(*["down"] * 17)
        await settled(pilot)
        assert "Vietnamese" in text_of(pilot.app)


async def test_the_cursor_says_its_cell_and_stays_on_its_classes_in_another_order(tmp_path: Path) -> None:
    async with shown() as pilot:
        panel = (await open_run(pilot, record(tmp_path, "finished"))).query_one(ConfusionPanel)
        await pilot.press("3", "3", *["left"] * 17, *["up"] * 17)
        assert "Arabic right" in str(panel.border_subtitle)
        await pilot.press("right")
        assert "11 Arabic predicted Chinese" in str(panel.border_subtitle)
        titles = []
        for _ in range(4):
            await pilot.press("o")
            titles.append(str(panel.border_title))
            assert "11 Arabic predicted Chinese" in str(panel.border_subtitle)
        words = ("most errors", "lowest recall", "side by side", "row %")
        assert [word in title for word, title in zip(words, titles, strict=True)] == [True] * 4


async def test_all_eighteen_columns_fit_half_of_a_wide_screen(tmp_path: Path) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        assert screen.query_one(ConfusionPanel).region.width == 70
        heads = next(line for line in text_of(pilot.app).splitlines() if "Ar Ch Cz Du" in line)
        assert "Sp Vi" in heads


async def test_the_mouse_puts_the_cursor_on_a_cell_and_on_an_epoch(tmp_path: Path) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        panel = screen.query_one(ConfusionPanel)
        await pilot.press("3")
        await settled(pilot)
        lines = text_of(pilot.app).splitlines()
        y = next(y for y, line in enumerate(lines) if "Dutch" in line)
        x = next(line for line in lines if "Arab Chin" in line).index("Chin") + 1
        await pilot.click(offset=(x, y))
        await settled(pilot)
        assert "Dutch predicted Chinese" in str(panel.border_subtitle)
        y = next(y for y, line in enumerate(lines) if "epoch 1 ━" in line)
        await pilot.click(offset=(lines[y].index("━"), y))
        await settled(pilot)
        assert "epoch 1 " in str(panel.border_title)
        await pilot.press("end")
        assert "test" in str(panel.border_title)
        await pilot.press("home")
        assert "epoch 1 " in str(panel.border_title)


async def test_two_clicks_fill_the_screen_with_the_matrix_but_on_a_cell_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        panel = screen.query_one(ConfusionPanel)
        zoomed = []
        await pilot.click(panel, offset=(20, 1), times=2)  # on the names of the columns
        await settled(pilot)
        zoomed.append(screen.zoomed)
        opened: list[bool] = []
        monkeypatch.setattr(panel, "action_examples", lambda: opened.append(True))
        await pilot.click(panel, offset=(20, 4), times=2)
        await settled(pilot)
        zoomed.append(screen.zoomed)
        assert (zoomed, opened) == ([3, 3], [True])


async def test_the_cursor_reads_values(tmp_path: Path) -> None:
    async with shown() as pilot:
        await open_run(pilot, record(tmp_path, "finished"))
        await pilot.press("x", "left")
        await settled(pilot)
        assert "step 4,520" in text_of(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert "step 4,520" not in text_of(pilot.app)


async def test_the_mouse_points_at_values_and_zooms(tmp_path: Path) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        await pilot.hover("#metric", offset=(40, 8))
        await settled(pilot)
        assert "epoch 1" in text_of(pilot.app)
        await pilot.click("#now", times=2)
        await settled(pilot)
        assert screen.zoomed == 4
        await pilot.press("escape", "escape")
        assert screen.zoomed == 0


async def test_every_panel_can_fill_the_screen(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        screen = await open_run(pilot, record(tmp_path, "running"))
        for _ in range(7):
            await pilot.press("tab")
            # A pilot may return before the panels are laid out.
            await until(lambda: [panel.region.width for panel in screen.query(".panel") if panel.display] == [80])
        await pilot.press("tab")
        assert screen.zoomed == 0


async def test_views_are_kept_apart_from_data(tmp_path: Path) -> None:
    async with shown() as pilot:
        await open_run(pilot, record(tmp_path, "running"))
        for keys, words in ((["l"], "log"), (["e", "e"], "raw"), (["x", "x"], "m:ss"), (["m", "m"], "counts")):
            await pilot.press(*keys)
            await settled(pilot)
            assert words in text_of(pilot.app)


async def test_samples_are_listed_in_full(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        await open_run(pilot, record(tmp_path, "running"))
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SamplesScreen)
        assert "(Portuguese)" in text_of(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, SamplesScreen)


def test_predicted_numbers_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    kept = KeptFigure("scatter")
    # As JSON has them: a number that is not finite is null.
    kept.rows = [{"row": 0, "true": 1.0, "predicted": None}, {"row": 1, "true": 2.0, "predicted": 2.5}]
    state = read_state(record(tmp_path, "regression") / "events.jsonl")[0]
    predictions = PredictionsSaved(path="predictions.safetensors", sha256="a", rows={"test": 2})
    state = msgspec.structs.replace(state, predictions=predictions)
    view = NumberView()
    view.mode = "scatter"
    text = to_text(view.draw(state, kept, [], 60, 20, MONO))
    assert "1 not finite" in text
    assert "MAE .500" in text
