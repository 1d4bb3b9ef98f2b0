"""One's own data in the app: seeing what is wrong with a file, and training only on what can be trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from rnnlab.config.suggested import suited_text, with_suggested
from rnnlab.tasks.own.check import known_data
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.queries.subprocess_query import QueryResult
from rnnlab.ui.setup.cards.about import About
from rnnlab.ui.setup.draft.data_of import file_of
from rnnlab.ui.setup.file.file_check import check_text
from rnnlab.ui.setup.file.file_list import FileList
from rnnlab.ui.setup.file.question import QuestionScreen
from rnnlab.ui.setup.form.form import Form
from tests.tasks.namefiles import write_names
from tests.ui.opened import assert_harmless, said, settled, text_of, until
from tests.ui.own_files import PROBLEMS, checked, own, pick


async def test_a_file_is_typed_completed_checked_and_trained_on(files: Path, tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        setup = await own(pilot)
        assert "counted once your file has been checked" in text_of(app)
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert "no file is named yet" in said(app)
        screen = await pick(pilot, "wo")
        assert [entry.name for entry in screen.query_one(FileList).entries] == ["words.csv"]
        await pilot.press("tab")
        assert screen.query_one(Input).value == f"{files}/words.csv"
        await until(lambda: "it can be trained on" in text_of(app))
        await pilot.press("enter")
        await until(lambda: app.screen is setup)
        await settled(pilot)
        assert setup.draft.text("data.path") == f"{files}/words.csv"
        await until(lambda: "parameters" in text_of(app))
        assert setup.draft.card.problem == "classification"
        assert "rows: 60" in text_of(app)
        assert "window" not in text_of(app)
        setup.draft.set("train.epochs", "1")
        await pilot.press("ctrl+r")
        await until(lambda: app.screen is not setup)
        # Not before the screen is whole: an app that ends meanwhile has nothing to show it in.
        await until(lambda: "loss" in text_of(app))
        (run,) = (tmp_path / "sessions").glob("*-own/runs/001-*")
        assert f'path = "{files}/words.csv"' in (run / "run.toml").read_text()


async def test_what_cannot_be_trained_on_is_refused_with_the_reason(files: Path, tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        setup = await own(pilot)
        setup.draft.set("data.path", str(files / "one.csv"))
        await pilot.press("ctrl+r")
        await until(lambda: "one class" in said(app))
        await settled(pilot)
        assert app.screen is setup
        assert not (tmp_path / "sessions").exists()
        await pilot.press("i")
        await settled(pilot)
        assert_harmless(app)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_file_stays_with_ones_own_data(files: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    """Another task has its own folder, trains, and one's own data has the file again."""
    write_names(tmp_path / "data")
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await own(pilot)
        await pick(pilot, "wo")
        await pilot.press("enter")
        await checked(pilot, setup)
        setup.query_one("#tasks").focus()
        await pilot.press("home", "down")
        await settled(pilot)
        assert setup.draft.card.name == "names"
        assert setup.draft.text("data.path") == "none"
        assert "words.csv" not in text_of(app)
        assert "no data" not in next(line for line in text_of(app).splitlines() if "Names → language" in line)
        assert "$ rnnlab train names " in text_of(app)
        setup.draft.set("train.epochs", "1")
        await pilot.press("ctrl+r")
        await until(lambda: app.screen is not setup)
        assert "not here yet" not in said(app)
        (run,) = (tmp_path / "sessions").glob("*-names/runs/001-*")
        assert "words.csv" not in (run / "run.toml").read_text()
        await until(lambda: "loss" in text_of(app))
        await pilot.press("escape")
        await until(lambda: app.screen is setup)
        await pilot.press("end")
        await settled(pilot)
        assert setup.draft.text("data.path") == f"{files}/words.csv"


async def test_what_is_typed_after_a_file_was_chosen_does_not_replace_it(files: Path) -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await own(pilot)
        await pick(pilot, "wo")
        await pilot.press("enter")
        await checked(pilot, setup)
        path = setup.draft.text("data.path")
        for key in ("i", "x"):
            await pilot.press(key)
            assert setup.draft.text("data.path") == f"{path}{key}"
            await checked(pilot, setup)
            await pilot.press("escape")
            assert setup.draft.text("data.path") == path
            assert app.screen is setup
        assert "f9 reads on" in text_of(app)
        await pilot.press("f9")
        await settled(pilot)
        assert isinstance(app.screen, TextScreen)


async def test_a_file_that_was_checked_can_be_given_up(files: Path) -> None:
    """By the key for the default, by undoing, by escape."""
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await own(pilot)
        await pick(pilot, "wo")
        await pilot.press("enter")
        await checked(pilot, setup)
        assert setup.draft.card.outputs == 2
        for key in ("ctrl+d", "ctrl+l"):
            await pilot.press(key)
            await settled(pilot)
            assert setup.draft.text("data.path") == "none"
            assert "counted once your file has been checked" in text_of(app)
            await pilot.press("ctrl+z")
            await settled(pilot)
            assert setup.draft.text("data.path") == f"{files}/words.csv"


async def test_what_was_worked_out_for_the_file_is_what_the_command_line_says(files: Path) -> None:
    file = files / "words.csv"
    known = known_data({"task.name": "own", "data.path": str(file)})
    assert known is not None
    said_there = suited_text(known, {}, with_suggested({"task.name": "own", "data.path": str(file)}, known))
    assert said_there
    app = RnnlabApp()
    async with app.run_test() as pilot:
        setup = await own(pilot)
        await pick(pilot, "wo")
        await pilot.press("enter")
        await checked(pilot, setup)
        assert said_there in setup.query_one(About).text.plain
        setup.draft.set("train.epochs", "7")
        assert "train.epochs" not in setup.draft.suited_text()
        setup.draft.reset("data.path")
        assert not setup.draft.suited_text()


def test_the_shapes_of_arrays_are_written_as_shapes() -> None:
    facts = {"arrays": {"X_train": [60, 20, 2], "y_train": [60]}}
    assert "arrays: X_train 60 × 20 × 2; y_train 60" in check_text(QueryResult(0, PROBLEMS | {"facts": facts})).plain


def ambiguous(folder: Path) -> Path:
    """A series whose dates may be read in two ways, which are as even."""
    path = folder / "ambiguous.csv"
    rows = "".join(f"{n % 12 + 1:02d}/{n * 5 % 12 + 1:02d}/2021,{n * n % 17}\n" for n in range(12))
    path.write_text(f"date,load\n{rows}")
    return path


@pytest.mark.parametrize(
    ("size", "keys", "order"),
    [((80, 24), ("2",), "month-first"), ((140, 45), ("down", "up", "enter"), "day-first")],
    ids=["small", "wide"],
)
async def test_a_question_about_the_file_is_answered_by_picking_a_reading(
    files: Path, size: tuple[int, int], keys: tuple[str, ...], order: str
) -> None:
    path = ambiguous(files)
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await own(pilot)
        setup.draft.set("data.window", "2")
        await pick(pilot, path.name)
        await pilot.press("enter")
        await checked(pilot, setup)
        await pilot.press("ctrl+x")
        await until(lambda: isinstance(app.screen, QuestionScreen))
        await settled(pilot)
        shown = text_of(app)
        assert "data.date_order=day-first" in shown
        assert "data.date_order=month-first" in shown
        assert_harmless(app)
        await pilot.press(*keys)
        await checked(pilot, setup)
        assert setup.draft.text("data.date_order") == order
        assert setup.query_one(Form).key == "data.date_order"
        known = setup.file.checks.known(*file_of(setup.draft))
        assert known is not None
        assert known.document["kind"] == "series"


async def test_train_asks_first_where_the_file_may_be_read_in_several_ways(files: Path, tmp_path: Path) -> None:
    path = ambiguous(files)
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        setup = await own(pilot)
        await pick(pilot, path.name)
        await pilot.press("enter")
        await checked(pilot, setup)
        await pilot.press("ctrl+r")
        await until(lambda: isinstance(app.screen, QuestionScreen))
        await pilot.press("escape")
        await until(lambda: app.screen is setup)
        assert setup.draft.text("data.date_order") == "auto"
        assert not (tmp_path / "sessions").exists()


async def test_setup_says_kind_columns_and_what_is_left_out(files: Path) -> None:
    rows = "".join(f"{n},2020-01-{n % 28 + 1:02d},{n * n % 17}\n" for n in range(28))
    (files / "days.csv").write_text(f",date,load\n{rows}")
    app = RnnlabApp()
    async with app.run_test(size=(140, 60)) as pilot:
        setup = await own(pilot)
        await pick(pilot, "days")
        await pilot.press("enter")
        await checked(pilot, setup)
        shown = str(setup.choices.description()[1])
        assert "kind: a series to forecast" in shown
        assert "columns: date: date (year-month-day); forecast: load" in shown
        assert "left out: column 1 (counts the rows)" in shown
