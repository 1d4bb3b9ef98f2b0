"""Choosing a file in the app: typed, completed, walked to; what is found in it is seen beside the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.setup.file.file_list import FileList
from rnnlab.ui.setup.file.own_file import Checks, read_folder, split_path, started_anew
from rnnlab.ui.setup.file.pick_file import PickFileScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.ui.opened import app_on, assert_harmless, said, settled, text_of, until
from tests.ui.own_files import PROBLEMS, STOPPED, answers, own, pick

Compare = Callable[..., bool]


def found(screen: PickFileScreen) -> str:
    return str(screen.query_one("#found", Static).visual)


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
        setup.file.checks._known.update(answers(files, PROBLEMS | {"problems": problems}))
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
    monkeypatch.setattr("rnnlab.ui.setup.file.own_file.MOST_ENTRIES", 20)
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
        setup.file.checks._known.update(answers(files, STOPPED))
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


@pytest.mark.parametrize("size", [(80, 24)], ids=["small"])
@pytest.mark.parametrize("stopped", [False, True], ids=["warned", "stopped"])
def test_picking_looks(snap_compare: Compare, files: Path, size: tuple[int, int], stopped: bool) -> None:
    checks = Checks()
    checks._known.update(answers(files, STOPPED if stopped else PROBLEMS))

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


@pytest.mark.parametrize("how", ["typed", "pasted"])
@pytest.mark.parametrize("first", ["", "one.csv"])
async def test_an_absolute_path_begins_anew_and_enter_takes_what_it_names(
    files: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch, how: str, first: str
) -> None:
    """Enter comes before the folder of the path has been read."""
    (short_folder / "deep.csv").write_text("text,label\na,b\n")
    monkeypatch.setenv("HOME", str(short_folder))
    app = RnnlabApp()
    async with app.run_test() as pilot:
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
