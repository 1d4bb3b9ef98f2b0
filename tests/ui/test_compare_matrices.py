"""Two confusion matrices of the Compare screen: one cursor on all three, and the examples behind its cell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.ui.compare.matrices_panel import MatricesPanel
from rnnlab.ui.examples.example_list import ExampleList
from rnnlab.ui.examples.screen import ExamplesScreen
from tests.recorded import record
from tests.recorded_variants import variant
from tests.training.recorded_runs import recorded
from tests.ui.opened import said, settled, text_of, until
from tests.ui.test_compare_screen import SMALL, compared, record_groups

BOTH = re.compile(r"A (\d+) of (\d+).*B (\d+) of (\d+).* points")


@pytest.fixture(scope="module")
def sinusoids(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A net that was trained, its predictions kept, beside the same with another seed and with another size."""
    run = recorded(tmp_path_factory.mktemp("sinusoids"), task="sinusoids", train__epochs=1)
    variant(run.path, "041-lstm-8", {"train.seed": 1})
    variant(run.path, "042-lstm-9", {"model.hidden": 9})
    return run.session


def subtitle(panel: MatricesPanel) -> str:
    return str(panel.border_subtitle)


async def test_the_cursor_says_the_counts_of_both_and_the_difference_at_its_cell(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs(), SMALL) as (pilot, screen):
        await pilot.press("4")
        await settled(pilot)
        panel = screen.query_one(MatricesPanel)
        assert panel.pair is not None
        first, second, classes = panel.pair
        await pilot.press(*["up"] * len(classes), *["left"] * len(classes), "down", "down", "right")
        await settled(pilot)
        assert panel.cell == (2, 1)
        found = BOTH.search(subtitle(panel))
        assert found is not None
        assert [int(each) for each in found.groups()] == [
            first.counts[2][1],
            sum(first.counts[2]),
            second.counts[2][1],
            sum(second.counts[2]),
        ]
        assert f"{classes[2]} predicted {classes[1]}" in subtitle(panel)
        before = text_of(pilot.app)
        await pilot.press("m")
        await settled(pilot)
        assert panel.cell == (2, 1), "another of the three has the cursor on the same cell"
        assert text_of(pilot.app) != before


async def test_a_matrix_that_does_not_fit_scrolls_with_its_cursor(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs(), SMALL) as (pilot, screen):
        await pilot.press("4")
        await settled(pilot)
        panel = screen.query_one(MatricesPanel)
        assert panel.pair is not None
        for key, side in (("up", "rows 1–"), ("down", "–18 and"), ("left", "columns 1–"), ("right", "–18 of 18")):
            await pilot.press(*[key] * len(panel.pair[2]))
            await settled(pilot)
            assert side in text_of(pilot.app)


async def open_examples(pilot: Pilot[Any], *keys: str) -> ExamplesScreen:
    await pilot.press(*keys, "enter")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, ExamplesScreen)
    await until(lambda: not screen.reading)
    await settled(pilot)
    return screen


async def test_enter_lists_the_examples_of_the_matrix_with_the_cursor(sinusoids: Session) -> None:
    async with compared(sinusoids.runs()) as (pilot, compare):
        await pilot.press("4")
        await settled(pilot)
        panel = compare.query_one(MatricesPanel)
        assert panel.pair is not None
        first, second, classes = panel.pair
        at = max(range(len(classes)), key=lambda each: first.counts[each][each])
        home = [*["up"] * len(classes), *["left"] * len(classes), *["down", "right"] * at]
        for letter, named in (("A", first), ("B", second)):
            await pilot.press("m")
            await settled(pilot)
            assert f"examples of {letter}" in text_of(pilot.app)
            screen = await open_examples(pilot, *home)
            report = screen.query_one(ExampleList).report
            assert report is not None
            state, _ = read_state(screen.asked.run.events_path)
            assert state.final_confusion is not None
            assert len(report.worst) == state.final_confusion[at][at]
            summed = "sum of 2 runs" in named.name
            assert ("is the sum of 2 runs" in text_of(pilot.app)) is summed
            await pilot.press("escape")
            await settled(pilot)
            assert pilot.app.screen is compare
            assert panel.cell == (at, at)


async def test_a_click_puts_the_cursor_and_a_second_one_opens_the_cell(sinusoids: Session) -> None:
    async with compared(sinusoids.runs(), (220, 60)) as (pilot, compare):
        panel = compare.query_one(MatricesPanel)
        assert panel.display, "there is room for all four panels"
        assert panel.pair is not None
        lines = text_of(pilot.app).splitlines()
        y = next(y for y, line in enumerate(lines) if re.search(r"── (▸ )?A", line))
        first = lines[y + 2][panel.content_region.x :]
        x = panel.content_region.x + len(re.match(r"\S.*?(?= +\S+ )", first)[0]) + 1  # type: ignore[index]
        await pilot.click(offset=(x, y + 2))
        await settled(pilot)
        assert (panel.letter, panel.cell) == ("a", (0, 0))
        assert not isinstance(pilot.app.screen, ExamplesScreen)
        await pilot.click(offset=(x, y + 2))
        await settled(pilot)
        assert isinstance(pilot.app.screen, ExamplesScreen)


async def test_runs_without_predictions_say_why_there_are_no_examples(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs()) as (pilot, screen):
        await pilot.press("4", "m", "enter")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "No predictions are kept" in said(pilot.app)


async def test_the_footer_offers_panels_in_which_there_is_something_to_see(sessions: Path) -> None:
    forecast, finished = RunFolder(record(sessions, "forecast")), RunFolder(record(sessions, "finished"))
    async with compared([forecast], SMALL) as (pilot, _):
        foot = text_of(pilot.app).splitlines()[-1]
        assert "table" in foot
        assert "matrices" not in foot
    async with compared([finished], SMALL) as (pilot, _):
        assert "matrices" not in text_of(pilot.app).splitlines()[-1], "one run has nothing to be compared with"
    empty = RunFolder(Session(sessions / "empty").runs_path / "001-none")
    empty.path.mkdir(parents=True)
    async with compared([empty], SMALL) as (pilot, _):
        foot = text_of(pilot.app).splitlines()[-1]
        assert all(word not in foot for word in ("table", "matrices", "zoom", "figure", "log"))
    groups = Session(record_groups(sessions / "groups")).runs()
    async with compared(groups, SMALL) as (pilot, _):
        assert "matrices" in text_of(pilot.app).splitlines()[-1]
        await pilot.press("4")
        await settled(pilot)
        foot = text_of(pilot.app).splitlines()[-1]
        assert "read values" not in foot, "the curves are out of sight"
        assert "examples of" in foot


async def test_a_and_b_stay_the_groups_they_are_when_the_ranks_change(sessions: Path) -> None:
    session = record_groups(sessions)
    async with compared(Session(session).runs()) as (pilot, screen):
        await pilot.press("4", "b")
        await settled(pilot)
        chosen = [screen.shown_groups[at].name for at in screen.chosen or ()]
        source = next(path for path in (session / "runs").iterdir() if path.name.startswith("002"))
        best = variant(source, "090-lstm-512", {"model.hidden": (512,)}, figures={"accuracy": 0.99})
        screen.asked.append(RunFolder(best))
        screen.read()
        await until(lambda: screen.shown_groups[0].name == "hidden 512")
        assert [screen.shown_groups[at].name for at in screen.chosen or ()] == chosen
