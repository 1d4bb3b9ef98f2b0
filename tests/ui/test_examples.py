"""The examples behind a cell of the confusion matrix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.ui.examples.example_list import ExampleList
from rnnlab.ui.examples.query import ExamplesAsked
from rnnlab.ui.examples.screen import ExamplesScreen
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from tests import recorded_errors
from tests.recorded import record
from tests.training.recorded_runs import recorded
from tests.ui.asked import open_examples
from tests.ui.opened import assert_harmless, open_run, said, settled, shown, text_of, until

Compare = Callable[..., bool]
WIDE, SMALL = (140, 45), (80, 24)


@pytest.fixture(scope="module")
def sinusoids(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("sinusoids"), task="sinusoids", train__epochs=1)


async def test_enter_on_a_cell_lists_those_very_rows_and_escape_leads_back_to_it(sinusoids: RunFolder) -> None:
    state, _ = read_state(sinusoids.events_path)
    assert state.final_confusion is not None
    counts = [row[at] for at, row in enumerate(state.final_confusion)]
    at = counts.index(max(counts))
    async with shown(size=SMALL) as pilot:
        panel = (await open_run(pilot, sinusoids.path)).query_one(ConfusionPanel)
        await pilot.press("3", *["up"] * 5, *["left"] * 5, *["down", "right"] * at, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, ExamplesScreen)
        await until(lambda: not screen.reading)
        await settled(pilot)
        report = screen.query_one(ExampleList).report
        assert report is not None
        assert len(report.worst) == report.asked == counts[at]
        assert {(row.target, row.prediction) for row in report.worst} == {(report.true, report.true)}
        assert "lowest probability first" in text_of(pilot.app)
        assert any("▁" in line or "█" in line for line in text_of(pilot.app).splitlines())
        await pilot.press("down", "s", "s")
        assert "by row" in str(screen.query_one(ExampleList).border_subtitle)
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen.query_one(ConfusionPanel) is panel
        assert panel.has_focus
        assert panel.view.cursor == (at, at)


async def test_the_mouse_opens_a_cell_with_its_second_click_and_what_is_read_can_be_given_up(
    sinusoids: RunFolder,
) -> None:
    async with shown(size=SMALL) as pilot:
        await open_run(pilot, sinusoids.path)
        await pilot.press("3")
        await settled(pilot)
        lines = text_of(pilot.app).splitlines()
        y = next(y for y, line in enumerate(lines) if "recall" in line) + 1
        x = lines[y - 1].split("recall")[0].rstrip()
        opened = []
        for _ in range(2):
            await pilot.click(offset=(len(x) - 1, y))
            await settled(pilot)
            opened.append(type(pilot.app.screen) is ExamplesScreen)
        await pilot.press("escape")
        await settled(pilot)
        opened.append(type(pilot.app.screen) is ExamplesScreen)
        assert opened == [False, True, False]
        assert said(pilot.app) == ""


async def test_numbers_are_listed_and_drawn_over_the_true_ones(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="binary", train__epochs=1)
    async with shown() as pilot:
        panel = (await open_run(pilot, run.path)).query_one(ConfusionPanel)
        await until(lambda: "test, best weights: " in text_of(pilot.app))
        assert "target   prediction" in text_of(pilot.app)
        assert "predicted = true" in text_of(pilot.app)
        await pilot.press("3", "m")
        await settled(pilot)
        assert "target   prediction" not in text_of(pilot.app)
        assert "R²" in text_of(pilot.app)
        await pilot.press("enter")
        screen = pilot.app.screen
        assert isinstance(screen, ExamplesScreen)
        await until(lambda: not screen.reading)
        await settled(pilot)
        assert "largest error first" in text_of(pilot.app)
        await pilot.press("escape", "m")
        assert panel.numbers.mode == "list"


async def test_where_each_step_has_a_class_wrong_steps_are_marked_and_positions_counted(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="copy", data__rows=200, data__steps=4, train__epochs=1)
    async with shown(size=SMALL) as pilot:
        panel = (await open_run(pilot, run.path)).query_one(ConfusionPanel)
        await pilot.press("3", *["m"] * 4)
        await settled(pilot)
        assert "wrong steps" in str(panel.border_title)
        assert "steps right" in text_of(pilot.app)
        assert "^" in text_of(pilot.app)
        await pilot.press("m")
        await until(lambda: "all positions" in text_of(pilot.app))
        await pilot.press("m")
        assert panel.view.mode == "rows"


async def test_a_run_without_predictions_says_so_and_what_to_do(tmp_path: Path) -> None:
    async with shown() as pilot:
        await open_run(pilot, record(tmp_path, "running"))
        await pilot.press("3", "enter")
        await settled(pilot)
        assert "they come with the test of the best weights at its end" in said(pilot.app)
        assert not isinstance(pilot.app.screen, ExamplesScreen)


async def test_a_problem_is_one_sentence_and_can_be_read_again(sinusoids: RunFolder, tmp_path: Path) -> None:
    asked = ExamplesAsked(RunFolder(tmp_path / "lab" / "runs" / "001-none"), "test")
    async with shown(size=SMALL) as pilot:
        await pilot.app.push_screen(screen := ExamplesScreen(asked))
        assert "Reading the predictions" in text_of(pilot.app)
        await until(lambda: not screen.reading)
        await settled(pilot)
        assert "001-none" in text_of(pilot.app)
        assert "Traceback" not in text_of(pilot.app)
        assert "r read again" in text_of(pilot.app)
        await pilot.press("enter", "s", "down")
        screen.asked = ExamplesAsked(sinusoids, "test")
        await pilot.press("r")
        await until(lambda: not screen.reading)
        await settled(pilot)
        assert "highest probability first" in text_of(pilot.app)


async def test_examples_are_sorted_scrolled_and_shown_in_full_and_their_text_is_text(tmp_path: Path) -> None:
    run = record(tmp_path, "finished")
    async with shown(size=SMALL) as pilot:
        screen = await open_examples(pilot, run, recorded_errors.names())
        examples = screen.query_one(ExampleList)
        await pilot.press("end")
        await settled(pilot)
        assert examples.at == 2
        assert "row 15445" in text_of(pilot.app)
        assert_harmless(pilot.app)
        await pilot.press("s")
        assert (examples.at, "lowest probability" in str(examples.border_subtitle)) == (0, True)
        await pilot.press("escape")
        await open_examples(pilot, run, recorded_errors.recordings())
        await pilot.press("pagedown")
        await settled(pilot)
        assert "The first 30 are listed." in " ".join(text_of(pilot.app).split())
        assert "–" in text_of(pilot.app)
        await pilot.click(ExampleList, offset=(4, 3))
        await settled(pilot)
        assert pilot.app.screen.query_one(ExampleList).at > 0


async def test_an_example_opens_in_the_playground(tmp_path: Path) -> None:
    async with shown() as pilot:
        screen = await open_examples(pilot, record(tmp_path, "finished"), recorded_errors.names())
        opened: list[object] = []
        pilot.app.open_playground = lambda run, example: opened.append((run.name, example))  # type: ignore[attr-defined]
        await pilot.press("down", "enter")
        assert opened == [(screen.asked.run.name, ("test", 15444))]
