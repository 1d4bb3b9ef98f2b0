"""What a screen shows, saved to a file: the name is asked for, and another process draws it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from rnnlab.runs.folders import RunFolder
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.run.figure_file import figure_of_runs
from tests.recorded import Kind, record
from tests.ui.opened import open_run, open_session, open_sessions, said, settled, shown, text_of, until
from tests.ui.test_compare_screen import record_groups

SMALL = (80, 24)


@pytest.fixture
def here(sessions: Path) -> Path:
    """The folder that the app is started in."""
    return Path.cwd()


async def asked(pilot: Pilot[Any], *keys: str) -> Input:
    """The field for the file's name, after those keys and `f`."""
    await pilot.press(*keys, "f")
    await settled(pilot)
    prompt = pilot.app.screen.query_one(Prompt)
    assert prompt.topic == "figure"
    return prompt.query_one(Input)


async def saved(pilot: Pilot[Any], name: str, keys: Sequence[str] = ()) -> None:
    """The figure, saved under the name; None is what the app proposes."""
    field = await asked(pilot, *keys)
    field.value = name or field.value
    file = field.value
    await pilot.press("enter")
    await until(lambda: file in said(pilot.app).replace("\n", ""))
    assert "written to" in said(pilot.app)


@pytest.mark.parametrize(
    ("kind", "keys", "name", "holds"),
    [
        ("finished", (), "002-lstm-128-loss.svg", "loss"),
        ("finished", ("2", "2"), "002-lstm-128-metric.svg", "accuracy"),
        ("finished", ("3",), "002-lstm-128-confusion.svg", "Vietnamese"),
        ("finished", ("3", "m", "m", "m"), "002-lstm-128-classes.svg", "precision"),
        ("finished", ("3", "m", "o"), "002-lstm-128-confusion-columns.svg", "most errors first"),
        ("forecast", ("3", "3"), "010-gru-64-forecast.svg", "rolling"),
    ],
)
async def test_the_panel_with_the_focus_is_saved_under_a_name_that_says_what_it_is(
    sessions: Path, here: Path, kind: Kind, keys: tuple[str, ...], name: str, holds: str
) -> None:
    async with shown(SMALL) as pilot:
        await open_run(pilot, record(sessions, kind))
        await saved(pilot, "", keys)
        assert str(here / name) in said(pilot.app)
        root = ElementTree.fromstring((here / name).read_text("utf-8"))
        assert any(holds in "".join(each.itertext()) for each in root.iter())


async def test_the_ending_of_the_name_decides_what_is_written(sessions: Path, here: Path) -> None:
    async with shown(SMALL) as pilot:
        await open_run(pilot, record(sessions, "finished"))
        await saved(pilot, "curve.csv")
    rows = list(csv.DictReader(io.StringIO((here / "curve.csv").read_text("utf-8"))))
    assert float(rows[-1]["epoch"]) == 20
    assert rows[-1]["validation"]


async def test_a_zoomed_plot_is_saved_as_it_is_seen_and_says_so(sessions: Path, here: Path) -> None:
    async with shown() as pilot:
        screen = await open_run(pilot, record(sessions, "finished"))
        await saved(pilot, "part.csv", ("plus", "plus", "shift+up"))
        limits = screen.view.x_limits(screen.x_extent)
        await saved(pilot, "part.txt")
    assert limits is not None
    epochs = [float(row["epoch"]) for row in csv.DictReader(io.StringIO((here / "part.csv").read_text("utf-8")))]
    assert limits[0] <= epochs[0] < limits[0] + 1
    assert epochs[-1] == limits[1] == 20
    title = (here / "part.txt").read_text("utf-8").splitlines()[0]
    assert "zoomed: epoch 15 to 20, y axis from" in title


async def test_compared_groups_are_saved_with_their_mean_and_band(sessions: Path, here: Path) -> None:
    session = record_groups(sessions)
    async with shown() as pilot:
        await open_session(pilot, session)
        await pilot.press("v")
        await settled(pilot)
        screen: Any = pilot.app.screen
        await until(lambda: screen.loaded)
        await settled(pilot)
        await saved(pilot, "groups.csv", ("x",))
        await saved(pilot, "matrices.md", ("4",))
    head = next(csv.reader([(here / "groups.csv").read_text("utf-8").splitlines()[0]]))
    assert head[:2] == ["step", "hidden_256,_mean_of_2"]
    assert "hidden_64,_mean_of_2" in head
    assert "sum of 2 runs" in (here / "matrices.md").read_text("utf-8")


async def test_an_earlier_matrix_is_saved_as_it_was_in_its_epoch(sessions: Path, here: Path) -> None:
    async with shown() as pilot:
        run = record(sessions, "finished")
        await open_run(pilot, run)
        await saved(pilot, "matrix.md", ("3", "3", "comma", "comma"))
    assert "validation · epoch 19" in (here / "matrix.md").read_text("utf-8")


async def test_what_cannot_be_written_is_said_before_anything_is_started(sessions: Path, here: Path) -> None:
    (here / "mine.csv").write_text("1,2\n", encoding="utf-8")
    async with shown(SMALL) as pilot:
        await open_run(pilot, record(sessions, "finished"))
        field = await asked(pilot)
        for name, problem in {
            "picture.jpg": "end the name in .svg",
            "picture": "end the name in .svg",
            "nowhere/a.svg": "no such folder",
            "mine.csv": "there already",
        }.items():
            field.value = name
            await pilot.press("enter")
            await settled(pilot)
            assert problem in text_of(pilot.app), name
        await pilot.press("escape")
        await settled(pilot)
        assert not pilot.app.screen.query_one(Prompt).asking
    assert (here / "mine.csv").read_text("utf-8") == "1,2\n"


async def test_a_name_that_is_taken_is_not_proposed(sessions: Path, here: Path) -> None:
    (here / "002-lstm-128-loss.svg").write_text("mine", encoding="utf-8")
    async with shown(SMALL) as pilot:
        await open_run(pilot, record(sessions, "finished"))
        assert (await asked(pilot)).value == "002-lstm-128-loss-2.svg"


async def test_runs_on_the_same_axes_are_saved_together(sessions: Path, here: Path) -> None:
    record(sessions, "finished")
    record(sessions, "diverged")
    async with shown() as pilot:
        await open_sessions(pilot)
        await pilot.press("home", "v")
        await settled(pilot)
        await saved(pilot, "both.svg")
    text = (here / "both.svg").read_text("utf-8")
    assert "002-lstm-128" in text
    assert "004-lstm-128" in text


def test_no_run_of_many_is_left_out_before_the_figure_counts_them(sessions: Path) -> None:
    run = RunFolder(record(sessions, "finished"))
    assert figure_of_runs([run] * 10, "loss").count("--with") == 9


async def test_a_session_is_saved_from_its_row(sessions: Path, here: Path) -> None:
    record(sessions, "finished")
    record(sessions, "diverged")
    async with shown() as pilot:
        await open_sessions(pilot)
        await saved(pilot, "session.csv", ("home",))
    assert "002-lstm-128" in (here / "session.csv").read_text("utf-8").splitlines()[0]
