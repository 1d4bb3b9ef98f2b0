"""One's own data in the app, for tests: a folder of files, the reports of their checks, and the way to the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from rnnlab.ui.queries.subprocess_query import QueryResult
from rnnlab.ui.setup.file.file_list import FileList
from rnnlab.ui.setup.file.own_file import _check_key
from rnnlab.ui.setup.file.pick_file import PickFileScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.ui.opened import settled, until

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


def write_files(folder: Path) -> None:
    """Fill a folder to work in: a good file, a bad one, and what else people have."""
    (folder / "recordings").mkdir(parents=True)
    (folder / ".hidden").write_text("")
    rows = "".join(f"word{'x' * (n % 4)}{n},{'ab'[n % 2]}\n" for n in range(60))
    (folder / "words.csv").write_text("text,label\n" + rows)
    (folder / "one.csv").write_text("text,label\n" + rows.replace(",b", ",a"))
    (folder / f"{HOSTILE.replace('/', '|')}.csv").write_text("")


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


def answers(folder: Path, document: dict[str, Any]) -> dict[Any, QueryResult]:
    """Reports of the check of every file in the folder, as if each had been checked."""
    paths = [str(path) for path in (folder, *folder.iterdir())]
    return {_check_key(path, {}): QueryResult(0, document) for path in paths}
