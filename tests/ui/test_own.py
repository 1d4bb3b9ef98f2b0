"""One's own data in the app: choosing a file, seeing what is wrong with it, and training only on what can be trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from rnnlab.config.suggested import suited_text, with_suggested
from rnnlab.tasks.own.check import known_data
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.setup.about import About
from rnnlab.ui.setup.file_check import check_text
from rnnlab.ui.setup.file_list import FileList
from rnnlab.ui.setup.own_file import Checks, read_folder, split_path, started_anew
from rnnlab.ui.setup.pick_file import PickFileScreen
from rnnlab.ui.setup.screen import SetupScreen
from rnnlab.ui.setup.subprocess_query import QueryResult
from tests.tasks.namefiles import write_names
from tests.ui.opened import app_on, assert_harmless, said, settled, text_of, until

Compare = Callable[..., bool]
HOSTILE = "[@click=app.quit]x[/]\x1b]52;c;aGk=\x07"
PROBLEMS: dict[str, Any] = {
    "file": "/data/words.csv", "kind": "text", "rows": 60, "classes": {"a": 30, "b" + HOSTILE: 30},
    "lengths": {"min": 2, "max": 9, "mean": 5.1}, "facts": {"encoding": "latin-1", "delimiter": "comma", "header": True},
    "splits": {"train": 48, "validation": 6, "test": 6}, "trainable": True,
    "problems": [
        {"kind": "ragged", "where": "line 3", "message": "2 rows left out, the first at line 3: 1 fields where there are 2",
         "count": 2, "stops": False, "places": [{"where": "line 3", "message": "1 fields" + HOSTILE},
                                                {"where": "line 40", "message": "3 fields where there are 2"}]},
    ],
}  # fmt: skip
STOPPED = PROBLEMS | {
    "trainable": False,
    "problems": [
        *PROBLEMS["problems"],
        {
            "kind": "one class",
            "where": "",
            "message": "words.csv has one class only",
            "count": 1,
            "stops": True,
            "places": [],
        },
    ],
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in that holds a good file, a bad one, and what else people have."""
    folder = tmp_path / "mine"
    (folder / "recordings").mkdir(parents=True)
    (folder / ".hidden").write_text("")
    rows = "".join(f"word{'x' * (n % 4)}{n},{'ab'[n % 2]}\n" for n in range(60))
    (folder / "words.csv").write_text("text,label\n" + rows)
    (folder / "one.csv").write_text("text,label\n" + rows.replace(",b", ",a"))
    (folder / f"{HOSTILE.replace('/', '|')}.csv").write_text("")
    monkeypatch.chdir(folder)
    return folder


async def own(pilot: Pilot[Any]) -> SetupScreen:
    """Setup with the task chosen."""
    await pilot.pause()
    await pilot.press("end")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SetupScreen)
    assert screen.draft.card.name == "own"
    return screen


async def pick(pilot: Pilot[Any], typed: str = "") -> PickFileScreen:
    await pilot.press("ctrl+g")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, PickFileScreen)
    await until(lambda: bool(screen.query_one(FileList).entries))
    if typed:
        await pilot.press(*typed)
    await settled(pilot)
    return screen


async def checked(pilot: Pilot[Any], setup: SetupScreen) -> None:
    """Setup is shown again, and the file that it names has been checked."""
    await until(lambda: pilot.app.screen is setup)
    await settled(pilot)  # the path has arrived
    await until(lambda: not setup.file.checking)


def found(screen: PickFileScreen) -> str:
    return str(screen.query_one("#found", Static).visual)


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


async def test_folders_are_walked_with_keys_and_mouse(files: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await own(pilot)
        screen = await pick(pilot)
        names = [entry.name for entry in screen.query_one(FileList).entries]
        assert names[:3] == ["..", ".", "recordings"]
        assert ".hidden" not in names
        await pilot.press("enter")
        await until(lambda: screen.query_one(Input).value == f"{files}/recordings/")
        await until(lambda: len(screen.query_one(FileList).entries) == 2)
        await pilot.press("up", "up", "enter")
        await until(lambda: screen.query_one(Input).value == f"{files}/")
        await until(lambda: len(screen.query_one(FileList).entries) == len(names))
        row = names.index("words.csv")
        for _ in range(2):
            await pilot.click("#files", offset=(4, row + 1))
            await settled(pilot)
        assert isinstance(app.screen, SetupScreen)
        assert app.screen.draft.text("data.path") == f"{files}/words.csv"


async def test_the_cursor_stays_in_sight_when_the_list_grows_again_and_the_check_can_be_read_to_its_end(
    files: Path,
) -> None:
    for place in range(40):
        (files / f"a{place:02}.csv").write_text("")
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        setup = await own(pilot)
        places = [{"where": f"line {n}", "message": "1 field"} for n in range(6)]
        problems = [PROBLEMS["problems"][0] | {"kind": f"{kind}", "places": places} for kind in range(3)]
        setup.file.checks._known.update(_answers(files, PROBLEMS | {"problems": problems}))
        screen = await pick(pilot, "words.csv")
        assert "latin-1" not in text_of(app)
        for _ in range(4):
            await pilot.press("shift+down")
            await settled(pilot)
        assert "latin-1" in text_of(app)
        screen.query_one(Input).value = f"{files}/"
        await settled(pilot)
        assert screen.query_one(FileList).entry.name == "words.csv"  # type: ignore[union-attr]
        assert "words.csv" in text_of(app)


async def test_a_folder_is_taken_as_a_whole_and_a_choice_given_up(files: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        setup = await own(pilot)
        await pick(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert setup.draft.text("data.path") == "none"
        await pick(pilot, "rec")
        await pilot.press("tab")
        screen: Any = app.screen
        await until(lambda: len(screen.query_one(FileList).entries) == 2)
        await pilot.press("enter")
        await settled(pilot)
        assert setup.draft.text("data.path") == f"{files}/recordings"


async def test_a_folder_that_cannot_be_read_and_a_path_of_no_kind_are_said(files: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await own(pilot)
        screen = await pick(pilot)
        screen.query_one(Input).value = "/no/such/place/"
        await until(lambda: "cannot be read" in text_of(app))
        await pilot.press("enter")
        await until(lambda: "/no/such/place/ does not exist" in said(app))
        screen.query_one(Input).value = f"{files}/zzz"
        await until(lambda: "nothing here begins so" in text_of(app))
        await pilot.press("enter")
        await until(lambda: f"{files}/zzz does not exist" in said(app))
        assert app.screen is screen
        assert app.screen_stack[0].draft.text("data.path") == "none"  # type: ignore[attr-defined]


async def test_of_a_folder_too_large_to_list_every_file_is_found_by_typing(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnlab.ui.setup.own_file.MOST_ENTRIES", 20)
    for place in range(60):
        (files / f"row{place:02}.csv").write_text("x")
    folder = read_folder(str(files))
    assert [entry.name for entry in folder.entries][:2] == ["recordings", ".hidden"]
    assert [entry.name for entry in folder.entries][5:8] == ["row01.csv", "row02.csv", "row03.csv"]
    assert folder.more == 45
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await own(pilot)
        screen = await pick(pilot)
        names = screen.query_one(FileList)
        assert "+45 more" in text_of(app)
        for typed, expected in (("row5", 10), ("row57", 1), ("row5", 10), ("w", 1)):
            screen.query_one(Input).value = f"{files}/{typed}"
            await until(lambda expected=expected: len(names.entries) == expected)  # type: ignore[misc]
        assert [entry.name for entry in names.entries] == ["words.csv"]
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, SetupScreen))
        assert app.screen.draft.text("data.path") == f"{files}/words.csv"  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(140, 45), (80, 24)], ids=["wide", "small"])
async def test_names_and_findings_are_text(files: Path, size: tuple[int, int]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await own(pilot)
        setup.file.checks._known.update(_answers(files, STOPPED))
        screen = await pick(pilot)
        for _ in range(5):
            assert_harmless(app)
            await pilot.press("down")
            await settled(pilot)
        assert "[@click=app.quit]x[|]" in text_of(app)
        assert "one class only" in found(screen)
        await pilot.press("enter")
        await settled(pilot)
        assert_harmless(app)
        assert app.is_running


def _answers(folder: Path, document: dict[str, Any]) -> dict[Any, QueryResult]:
    from rnnlab.ui.setup.own_file import _check_key

    paths = [str(path) for path in (folder, *folder.iterdir())]
    return {_check_key(path, {}): QueryResult(0, document) for path in paths}


@pytest.mark.parametrize("size", [(80, 24)], ids=["small"])
@pytest.mark.parametrize("stopped", [False, True], ids=["warned", "stopped"])
def test_picking_looks(snap_compare: Compare, files: Path, size: tuple[int, int], stopped: bool) -> None:
    checks = Checks()
    checks._known.update(_answers(files, STOPPED if stopped else PROBLEMS))

    async def before(pilot: Pilot[Any]) -> None:
        # A path that is the same everywhere.
        screen = PickFileScreen("./", {}, checks)
        checks._known.update({(f"./{path.name}", *key[1:]): answer for path in files.iterdir()
                              for key, answer in list(checks._known.items()) if key[0] == str(path)})  # fmt: skip
        await pilot.app.push_screen(screen)
        await until(lambda: bool(screen.query_one(FileList).entries))
        await pilot.press("end", "down", "down", "down")
        await settled(pilot)

    assert snap_compare(app_on(), terminal_size=size, run_before=before)


def test_a_typed_path_is_a_folder_and_the_beginning_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    assert split_path("/data/wo") == ("/data", "wo")
    assert split_path("/wo") == ("/", "wo")
    assert split_path("wo") == ("", "wo")
    assert split_path("~/data/wo") == ("/home/anna/data", "wo")
    assert split_path("~") == ("/home/anna", "")
    assert "cannot be read" in read_folder("\x00").problem


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


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["small", "wide"])
async def test_what_is_typed_after_a_file_was_chosen_does_not_replace_it(files: Path, size: tuple[int, int]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
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


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["small", "wide"])
@pytest.mark.parametrize("how", ["typed", "pasted"])
@pytest.mark.parametrize("first", ["", "one.csv"])
async def test_an_absolute_path_begins_anew_and_enter_takes_what_it_names(
    files: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], how: str, first: str
) -> None:
    """Enter comes before the folder of the path has been read."""
    (short_folder / "deep.csv").write_text("text,label\na,b\n")
    monkeypatch.setenv("HOME", str(short_folder))
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        setup = await own(pilot)
        for path in (f"{short_folder}/deep.csv", "~/deep.csv"):
            screen = await pick(pilot, first)
            if how == "typed":
                await pilot.press(*path)
            else:
                screen.query_one(Input).post_message(events.Paste(path))
                await until(lambda screen=screen, path=path: screen.query_one(Input).value == path)  # type: ignore[misc]
            assert screen.query_one(Input).value == path
            await pilot.press("enter")
            await until(lambda: app.screen is setup)
            assert setup.draft.text("data.path") == f"{short_folder}/deep.csv"
            setup.draft.reset("data.path")


def test_what_begins_a_path_anew() -> None:
    assert started_anew("/a/b//") == "/"
    assert started_anew("/a/b//c/d") == "/c/d"
    assert started_anew("/a/b/~") == "~"
    for path in ("/a/~b", "/a/b~", "~/a", "a/b", "/", ""):
        assert started_anew(path) == path


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["small", "wide"])
async def test_what_was_worked_out_for_the_file_is_what_the_command_line_says(
    files: Path, size: tuple[int, int]
) -> None:
    file = files / "words.csv"
    known = known_data({"task.name": "own", "data.path": str(file)})
    assert known is not None
    said_there = suited_text(known, {}, with_suggested({"task.name": "own", "data.path": str(file)}, known))
    assert said_there
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
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
