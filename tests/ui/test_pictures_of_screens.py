"""Pictures of every screen in two sizes, in dark, light and NO_COLOR, each compared with one that a person has looked at."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.screen import Screen
from textual.widgets import Input, TextArea

import rnnlab.ui
from rnnlab.recipes.catalog import all_recipes
from rnnlab.sweeps.cost import dry_run
from rnnlab.ui.queries import subprocess_query
from rnnlab.ui.setup import recipes_screen
from rnnlab.ui.setup.measure import measure_screen
from tests.ui.opened import app_on, settled
from tests.ui.scenes import SCENES, measured, write_recorded

SIZES = {"140x45": (140, 45), "80x24": (80, 24)}
_SWEEP = {
    "configurations": 15, "runs": 15, "seconds": 63.4, "bytes": 18_800_000,
    "invalid": [
        f"model.hidden = 32,64, model.layers = 3, optim.lr = {lr}: model.layers = 3 is not allowed; it must be 2, "
        "the number of sizes in model.hidden"
        for lr in ("0.001", "0.01", "0.1")
    ],
}  # fmt: skip
answered: dict[tuple[str, ...], subprocess_query.QueryResult] = {}
"""What the command line has answered, by its arguments: a process each is most of the time of these tests."""
OF_SCREEN = {
    "SetupScreen": "setup", "SearchScreen": "search", "TextScreen": "about", "PresetsScreen": "presets",
    "RecipesScreen": "recipes", "RangeScreen": "range-test", "TuneScreen": "tuning", "DoctorScreen": "doctor",
    "LeaveScreen": "leaving", "PickFileScreen": "file-check", "QuestionScreen": "file-question", "DataScreen": "data",
    "RunScreen": "run", "SamplesScreen": "samples", "SessionsScreen": "sessions", "SessionScreen": "session",
    "ColumnsScreen": "columns", "ChartsScreen": "charts", "NotesScreen": "notes", "CompareScreen": "compare",
    "ExamplesScreen": "examples", "CopyScreen": "copying", "PlaygroundScreen": "playground",
}  # fmt: skip
"""A scene of each screen."""
OTHERWISE = {"TooSmallScreen"}
"""Shown in one size only, which is the point of it: see `test_a_small_terminal_looks`."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    write_recorded(folder := tmp_path_factory.mktemp("recorded"))
    return folder


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a sweep, a recipe or a measurement takes here is given, and the folders have short names."""
    monkeypatch.chdir(recorded)
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.setattr(TextArea, "cursor_blink", False)
    monkeypatch.setenv("RNNLAB_SESSIONS", "sessions")
    monkeypatch.setenv("RNNLAB_DATA", "data")

    async def query(*words: str, on_progress: object = None) -> subprocess_query.QueryResult:
        if words[0] in ("tune", "lr-range"):
            return subprocess_query.QueryResult(0, measured(words[0]))
        if words[0] == "sweep":
            return subprocess_query.QueryResult(0, _SWEEP)
        if words not in answered:
            answered[words] = await really(*words)
        return answered[words]

    async def sizes(*words: str, on_progress: object = None) -> subprocess_query.QueryResult:
        form = {"runs": 12, "seconds": 200.0}
        names = [recipe.name for recipe in all_recipes()]
        parts = [{"quick": form, "full": {"runs": 60, "seconds": 9000.0}}]
        return subprocess_query.QueryResult(0, [{"name": name, "parts": parts} for name in names])

    really = subprocess_query.run_query
    monkeypatch.setattr(subprocess_query, "run_query", query)
    monkeypatch.setattr(measure_screen, "run_query", query)
    monkeypatch.setattr(recipes_screen, "run_query", sizes)
    monkeypatch.setattr(dry_run, "cores", lambda: 2)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("colours", ["colour", "no-colour"])
async def test_screen(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch, name: str, colours: str) -> None:
    """One app for both sizes and themes: what a resized terminal and a changed theme show is looked at too."""
    if colours == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    themes = {"dark": "rnnlab-dark", "light": "rnnlab-light"} if colours == "colour" else {"no-colour": "rnnlab-dark"}
    pictures: dict[str, str] = {}
    async with app_on().run_test(size=SIZES["140x45"]) as pilot:
        await pilot.pause()
        await SCENES[name](pilot)
        for size, (width, height) in SIZES.items():
            await pilot.resize_terminal(width, height)
            for theme, its_name in themes.items():
                pilot.app.theme = its_name
                await settled(pilot)
                pictures[f"{size}-{theme}"] = pilot.app.export_screenshot()
        names = {each.__name__ for each in type(pilot.app.screen).__mro__}
        assert names & {screen for screen, its in OF_SCREEN.items() if its == name} or name not in OF_SCREEN.values()
    svg = snapshot.use_extension(SVGImageExtension)
    different = [at for at, picture in pictures.items() if not svg(name=at) == picture]  # noqa: SIM201
    assert not different, f"{name} looks otherwise at {', '.join(different)}: see the pictures after --snapshot-update"


def screens() -> Iterator[type[Screen[Any]]]:
    """The screens of the app; not what they have in common."""
    for module in pkgutil.walk_packages(rnnlab.ui.__path__, "rnnlab.ui."):
        for each in vars(import_module(module.name)).values():
            here = isinstance(each, type) and issubclass(each, Screen) and each.__module__ == module.name
            if here and not any(other.__module__.startswith("rnnlab.") for other in each.__subclasses__()):
                yield each


def test_no_screen_is_left_out() -> None:
    assert {each.__name__ for each in screens()} == {*OF_SCREEN, *OTHERWISE}
    assert set(OF_SCREEN.values()) <= set(SCENES)
