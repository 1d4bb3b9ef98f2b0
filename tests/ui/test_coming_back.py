"""Coming back: to a field, which is selected whole; to a screen, as it was left; to the field one was in after a resize."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from rnnlab.config import RunConfig
from rnnlab.runs.folders import create_session
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.compare.screen import CompareScreen
from rnnlab.ui.data.screen import DataScreen
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.sessions.run_table import RunTable
from rnnlab.ui.sessions.screen import SessionsScreen
from rnnlab.ui.setup.cards.card_list import CardList
from rnnlab.ui.setup.form.form import Form
from rnnlab.ui.setup.screen import SetupScreen
from tests.recorded import record
from tests.ui.opened import app_on, open_run, said, settled, text_of, until

SMALL, WIDE = (80, 24), (140, 45)
SIZES = pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])


async def in_field(pilot: Pilot[Any], key: str) -> SetupScreen:
    """Setup, with the focus on the field."""
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SetupScreen)
    screen.jump(key)
    await settled(pilot)
    return screen


# A field.


@pytest.mark.parametrize(
    ("size", "keys"),
    [
        (SMALL, ["f1", "escape"]),
        (WIDE, ["ctrl+p", "escape"]),
        (SMALL, ["ctrl+e", "ctrl+n"]),
        (WIDE, ["ctrl+o", "ctrl+n"]),
        (WIDE, ["tab", "shift+tab"]),
    ],
    ids=str,
)
async def test_what_is_typed_on_return_replaces_what_was_typed_before(size: tuple[int, int], keys: list[str]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await in_field(pilot, "train.epochs")
        for typed in ("8", "16"):
            await pilot.press(*typed)
            assert setup.draft.text("train.epochs") == typed
            for key in keys:
                await pilot.press(key)
                await settled(pilot)
            assert app.screen is setup
            assert setup.query_one(Form).has_focus
        await pilot.press("ctrl+z")
        assert setup.draft.text("train.epochs") == "8", "each time is an undo step of its own"


async def test_after_training_what_is_typed_replaces(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        app.screen.draft.set("task.name", "binary")  # type: ignore[attr-defined]
        app.screen.redraw()  # type: ignore[attr-defined]
        setup = await in_field(pilot, "train.batch_size")
        setup.draft.set("train.epochs", "1")
        for typed in ("8", "16"):
            await pilot.press(*typed, "ctrl+r")
            await until(lambda: isinstance(app.screen, RunScreen))
            await until(lambda: "loss" in text_of(app))
            await pilot.press("escape")
            await until(lambda: app.screen is setup)
        runs = sorted(tmp_path.glob("sessions/*-binary/runs/*/run.toml"))
        assert [f"batch_size = {size}\n" in run.read_text() for run, size in zip(runs, (8, 16), strict=True)] == [
            True,
            True,
        ]


async def test_a_run_that_was_refused_ends_the_typing_too() -> None:
    app = RnnlabApp()
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        app.screen.draft.set("task.name", "names")  # type: ignore[attr-defined]
        app.screen.redraw()  # type: ignore[attr-defined]
        setup = await in_field(pilot, "train.epochs")
        await pilot.press("8", "ctrl+r")
        await until(lambda: "not here yet" in said(app))
        await pilot.press("1", "6")
        assert setup.draft.text("train.epochs") == "16"


async def test_a_question_and_a_filter_are_selected_whole_on_return(tmp_path: Path) -> None:
    app = app_on()
    async with app.run_test(size=SMALL) as pilot:
        setup = await in_field(pilot, "train.epochs")
        await pilot.press("ctrl+s")
        await until(lambda: bool(setup.query(Prompt)) and setup.query_one(Prompt).asking)
        await pilot.press("7", "ctrl+p")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("3")
        assert setup.query_one(Input).value == "3"
        await pilot.press("escape")
        run = await open_run(pilot, record(tmp_path, "running"))
        await pilot.press("r")
        await settled(pilot)
        await pilot.press("1", "ctrl+p")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("2")
        assert run.query_one(Input).value == "2"
        await pilot.press("escape", "ctrl+o")
        await until(lambda: isinstance(app.screen, SessionsScreen))
        sessions = app.screen
        await pilot.press("slash", *"gru", "ctrl+n")
        await until(lambda: app.screen is setup)
        await pilot.press("ctrl+o")
        await until(lambda: app.screen is sessions)
        await pilot.press("x")
        assert sessions.query_one("#filter", Input).value == "x"


async def test_escape_takes_back_what_was_typed_into_the_field() -> None:
    app = RnnlabApp()
    async with app.run_test(size=SMALL) as pilot:
        setup = await in_field(pilot, "train.epochs")
        await pilot.press("8", "down", "up", "1", "6", "escape")
        assert setup.draft.text("train.epochs") == "8"
        await pilot.press("9")
        assert setup.draft.text("train.epochs") == "9"


async def test_escape_takes_back_whatever_was_changed_in_a_field_before_it_leads_back() -> None:
    """In a path, a text, numbers, a choice and a switch."""
    app = RnnlabApp()
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("end")
        for key in ("data.path", "data.input_column", "model.hidden", "optim.lr", "train.epochs", "optim.name",
                    "optim.clip_norm", "model.bidirectional"):  # fmt: skip
            setup = await in_field(pilot, key)
            before = setup.draft.text(key)
            for keys in (["7"], ["plus"], ["plus", "plus", "8"], ["space"], ["backspace"]):
                await pilot.press(*keys)
                if setup.draft.text(key) != before:
                    await pilot.press("escape")
                    assert setup.draft.text(key) == before, (key, keys)
            assert not said(app)
        await pilot.press("escape")
        assert said(app)


async def test_a_file_is_known_again_while_its_path_is_typed_and_escape_takes_the_typing_back(
    short_folder: Path,
) -> None:
    """A check that ends meanwhile neither selects what is typed nor makes it what the field is given back."""
    file = short_folder / "words.csv"
    file.write_text("text,label\n" + "".join(f"word{n},{'ab'[n % 2]}\n" for n in range(60)))
    app = RnnlabApp()
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("end")
        setup = await in_field(pilot, "data.path")
        await pilot.press(*str(file)[:-1])
        await settled(pilot)
        await until(lambda: not setup.file.checking)
        await pilot.press(str(file)[-1])
        assert setup.draft.text("data.path") == str(file)
        await settled(pilot)
        await until(lambda: not setup.file.checking)
        await pilot.press("x")
        await settled(pilot)
        await until(lambda: not setup.file.checking)
        assert setup.draft.text("data.path") == f"{file}x"
        await pilot.press("escape")
        assert setup.draft.text("data.path") == "none"
        assert app.screen is setup


# The field after a resize.


@pytest.mark.parametrize(("size", "smaller"), [(SMALL, (80, 17)), (WIDE, (80, 24)), (WIDE, (60, 16))])
async def test_the_field_stays_in_sight_when_the_terminal_shrinks(
    size: tuple[int, int], smaller: tuple[int, int]
) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await in_field(pilot, "model.hidden")
        form = setup.query_one(Form)
        for _ in range(4):
            await pilot.press("down", "down", "down")
            await pilot.resize_terminal(*smaller)
            await settled(pilot)
            assert any(line.rfind("▸ ") > 25 for line in text_of(app).splitlines()[1:-6]), (form.key, text_of(app))
            await pilot.resize_terminal(*size)
            await settled(pilot)


# The data of a run, and the way back.


@SIZES
async def test_the_data_of_a_run_is_shown_and_escape_leads_back_to_the_run(
    size: tuple[int, int], tmp_path: Path
) -> None:
    settings = {
        "task.name": "digits",
        "data.classes": "1,7",
        "data.validation": 0.2,
        "model.hidden": (8,),
        "train.seed": 3,
    }
    run = create_session(task="digits", root=tmp_path / "elsewhere").create_run(RunConfig.from_settings(settings))
    app = app_on()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        setup: Any = app.screen
        assert setup.draft.card.name == "surnames"
        screen = await open_run(pilot, run.path)
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(app.screen, DataScreen))
        data: Any = app.screen
        await settled(pilot)
        assert data.named == "digits"
        assert data._of_task() == {"data.classes": "1,7", "data.validation": "0.2", "train.seed": "3"}
        assert "data.validation=0.2" in text_of(app)
        await until(lambda: not data.reading)  # else the first one gives that up
        await pilot.press("escape")
        await until(lambda: app.screen is screen)
        await pilot.press("ctrl+o")
        await until(lambda: isinstance(app.screen, SessionsScreen))
        await pilot.press("escape")
        await until(lambda: app.screen is screen)
        await pilot.press("escape")
        await settled(pilot)
        assert app.screen is setup
        await pilot.press("escape")
        await settled(pilot)
        assert "no screen to go back to" in said(app)


async def test_the_data_of_the_run_under_the_cursor_and_of_those_drawn_together(tmp_path: Path) -> None:
    session = create_session(task="digits")
    session.create_run(RunConfig.from_settings({"task.name": "digits", "data.classes": "1,7"}))
    app = app_on()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+o")
        await until(lambda: isinstance(app.screen, SessionsScreen) and app.screen.loaded)
        sessions: Any = app.screen
        await until(lambda: sessions.query_one(RunTable).row is not None)
        await settled(pilot)
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(app.screen, DataScreen))
        await settled(pilot)
        data: Any = app.screen
        assert (data.named, data._of_task()) == ("digits", {"data.classes": "1,7"})
        await pilot.press("ctrl+n")
        await until(lambda: isinstance(app.screen, SetupScreen))
        await app.push_screen(CompareScreen(session.runs()))
        data.visit("binary", {})
        await pilot.press("ctrl+e")
        await until(lambda: data.named == "digits")
        assert app.screen is data


async def test_a_run_whose_settings_cannot_be_read_says_so(tmp_path: Path) -> None:
    run = create_session(task="digits").create_run(RunConfig.from_settings({"task.name": "digits"}))
    app = app_on()
    async with app.run_test(size=WIDE) as pilot:
        screen = await open_run(pilot, run.path)
        run.config_path.write_text("[task")
        await pilot.press("ctrl+e")
        await until(lambda: "run.toml" in said(app))
        assert app.screen is screen


async def test_a_new_run_from_the_data_learns_from_the_data_that_was_shown() -> None:
    app = app_on()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        setup: Any = app.screen
        setup.draft.set("task.name", "digits")
        setup.draft.set("data.classes", "1,7")
        setup.draft.set("task.name", "binary")
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(app.screen, DataScreen))
        data: Any = app.screen
        data.query_one("#tasks", CardList).choose("digits")
        await until(lambda: data.named == "digits")
        assert data._of_task() == {}
        await pilot.press("n")
        await until(lambda: app.screen is setup)
        assert setup.draft.settings() == {"task.name": "digits"}
        await pilot.press("ctrl+z")
        assert setup.draft.text("data.classes") == "1,7", "which can be taken back"
