"""Panels and tables on the clipboard, in a format that a second key chooses."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnlab.runs.folders import Session
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.described.copying import CopyScreen
from rnnlab.ui.examples.screen import ExamplesScreen
from tests import recorded_errors
from tests.recorded import record
from tests.recorded_steps import named, window
from tests.ui.asked import RecordedPlayground, RecordedWindow, open_examples, open_recorded_playground
from tests.ui.clipboard import copied, rows_of
from tests.ui.opened import open_run, open_session, said, settled, shown, text_of, until
from tests.ui.test_compare_screen import compared, record_groups

SMALL = (80, 24)


async def test_a_plot_is_copied_as_its_numbers_its_picture_and_its_description(sessions: Path) -> None:
    async with shown(SMALL) as pilot:
        await open_run(pilot, record(sessions, "finished"))
        await pilot.press("Y")
        await settled(pilot)
        assert "c CSV" in text_of(pilot.app)
        await pilot.press("escape")
        rows = rows_of(await copied(pilot, "Y", "c"))
        assert float(rows[-1]["epoch"]) == 20
        assert "as CSV" in said(pilot.app)
        root = ElementTree.fromstring(await copied(pilot, "Y", "s"))
        assert root.tag.endswith("svg")
        assert "Validation loss fell from" in await copied(pilot, "Y", "m")
        assert "Vietnamese" in await copied(pilot, "3", "Y", "c")


async def test_events_settings_and_figures_are_tables_and_escape_copies_nothing(sessions: Path) -> None:
    async with shown(SMALL) as pilot:
        await open_run(pilot, record(sessions, "finished"))
        assert "learning rate" in await copied(pilot, "6", "Y", "Y")
        rows = rows_of(await copied(pilot, "Y", "c"))
        assert any("learning rate" in row["event"] for row in rows if row["table"] == "events")
        evaluations = [row for row in rows if row["table"] == "evaluations"]
        assert float(evaluations[-1]["epoch"]) == 20
        assert float(evaluations[-1]["validation.loss"]) > 0
        await pilot.press("6")
        settings = {row["setting"]: row for row in rows_of(await copied(pilot, "7", "Y", "c"))}
        assert settings["task.name"]["value"] == "names"
        assert settings["model.hidden"]["default"]
        await pilot.press("7")
        figures = {row["figure"]: row for row in rows_of(await copied(pilot, "4", "Y", "c"))}
        assert 0 < float(figures["accuracy"]["validation"]) < 1
        assert "| accuracy |" in await copied(pilot, "Y", "m")
        await pilot.press("4")
        pilot.app.copy_to_clipboard("mine")
        await pilot.press("1", "Y", "escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, CopyScreen)
        assert pilot.app.clipboard == "mine"


async def test_the_figure_that_cannot_be_drawn_says_why(sessions: Path) -> None:
    async with shown(SMALL) as pilot:
        await open_run(pilot, record(sessions, "loading"))
        await pilot.press("Y", "c")
        await until(lambda: bool(said(pilot.app)))
        assert "nothing to draw" in said(pilot.app)


async def test_compared_runs_are_copied_as_they_are_seen(sessions: Path) -> None:
    async with compared(Session(record_groups(sessions)).runs(), SMALL) as (pilot, _):
        assert "hidden_64,_mean_of_2" in rows_of(await copied(pilot, "Y", "c"))[0]
        rows = rows_of(await copied(pilot, "3", "Y", "c"))
        assert [row["model.hidden"] for row in rows] == ["256", "128", "64"]
        await pilot.press("Y")
        await settled(pilot)
        assert "s SVG" not in text_of(pilot.app), "a table has no picture"
        await pilot.press("s")
        assert "| " in await copied(pilot, "m")


async def test_the_table_of_a_session_is_copied_as_rows_of_numbers(sessions: Path) -> None:
    session = record_groups(sessions)
    async with shown() as pilot:
        await open_session(pilot, session)
        rows = rows_of(await copied(pilot, "Y", "c"))
        assert [round(float(row["validation.accuracy"]), 2) for row in rows] == [0.87, 0.83, 0.73]
        assert await copied(pilot, "Y", "m") != await copied(pilot, "Y", "t")
        await pilot.press("p", "right")
        await settled(pilot)
        assert len(rows_of(await copied(pilot, "Y", "c"))) > 1


async def test_examples_are_copied_in_the_order_of_the_list(sessions: Path) -> None:
    run = record(sessions, "finished")
    async with shown() as pilot:
        screen = await open_examples(pilot, run, recorded_errors.names())
        assert isinstance(screen, ExamplesScreen)
        first = rows_of(await copied(pilot, "Y", "c"))
        assert await copied(pilot, "Y", "t")
        turned = rows_of(await copied(pilot, "s", "Y", "c"))
        assert (await copied(pilot, "Y", "m")).count("\n| ") == len(first) + 1
        assert [row["row"] for row in turned] == [row["row"] for row in first][::-1]
        assert len(first) > 1


async def test_what_the_playground_shows_is_copied_as_numbers_and_as_a_picture(sessions: Path) -> None:
    async with shown() as pilot:
        screen = await open_recorded_playground(pilot, record(sessions, "finished"), RecordedPlayground)
        screen.query_one("#outputs").focus()
        await settled(pilot)
        rows = rows_of(await copied(pilot, "Y", "c"))
        steps = named()
        assert "".join(row["read"] for row in rows) == "".join(steps.labels)
        assert float(rows[-1][f"p {steps.classes[0].name}"]) == pytest.approx(
            steps.classes[0].probabilities[-1], rel=1e-4
        )
        assert ElementTree.fromstring(await copied(pilot, "Y", "s")).tag.endswith("svg")
        await pilot.press("i")
        await until(lambda: isinstance(pilot.app.screen, TextScreen))
        assert steps.classes[0].name in text_of(pilot.app)
        await pilot.press("escape")
        screen.query_one("#strips").focus()
        await settled(pilot)
        cells = rows_of(await copied(pilot, "Y", "c"))
        strip = steps.strips[0]
        assert float(cells[0]["cell 1"]) == pytest.approx(strip.row(1)[0], rel=1e-4)
        assert plain(strip.title) in await copied(pilot, "Y", "m")
        await pilot.press("tab", "Y")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, CopyScreen), "a Y that is typed"


async def test_the_channels_of_a_window_are_copied_in_their_units(sessions: Path) -> None:
    async with shown() as pilot:
        screen = await open_recorded_playground(pilot, record(sessions, "finished"), RecordedWindow)
        screen.query_one("#input").focus()
        await settled(pilot)
        rows = rows_of(await copied(pilot, "Y", "c"))
        values = window().values[0]
        assert [float(list(row.values())[2]) for row in rows] == pytest.approx(list(values), rel=1e-4)
