"""The recipes in the app: what each is, and starting one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from rnnlab.recipes.catalog import all_recipes, recipe_called
from rnnlab.runs.folders import Session
from rnnlab.runs.summary import summarise
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.sessions.screen import SessionsScreen
from rnnlab.ui.setup.recipes_screen import RecipesScreen, described
from rnnlab.ui.setup.screen import SetupScreen
from tests.ui.opened import said, settled, text_of, until

NAMES = [recipe.name for recipe in all_recipes()]


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_list_says_what_the_one_under_the_cursor_is(size: tuple[int, int]) -> None:
    app = RnnlabApp()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("f10", *["down"] * NAMES.index("overfit-duel"))
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, RecipesScreen)
        assert screen.chosen.name == "overfit-duel"
        assert "Overfitting: an Elman net" in text_of(app)
        await until(lambda: "10 runs, about" in text_of(app))  # of both its sweeps, in quick form
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, SetupScreen)


async def test_the_palette_leads_there_and_nothing_is_opened_twice() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f10", "f10")
        await settled(pilot)
        assert [isinstance(screen, RecipesScreen) for screen in app.screen_stack] == [False, True]


async def test_data_that_are_not_here_are_named_and_nothing_is_queued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RNNLAB_DATA", raising=False)
    app = RnnlabApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f10", *["down"] * NAMES.index("gestures-gru"), "enter")
        await settled(pilot)
        assert "rnnlab data fetch gestures" in said(app)
        assert not list(tmp_path.glob("sessions/*"))


async def test_enter_starts_the_quick_form_and_its_sessions_are_shown(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f10", *["down"] * NAMES.index("overfit-duel"), "enter")
        await until(lambda: isinstance(app.screen, SessionsScreen))
        await until(lambda: "2 runs are queued in" in said(app))
    recipe = recipe_called("overfit-duel")
    for part in recipe.parts:
        session = Session(tmp_path / "sessions" / recipe.session_name(part, quick=True))
        assert len(session.runs()) == {"duel": 8, "ours": 2}[part.name]
        await until(partial(have_ended, session))


def have_ended(session: Session) -> bool:
    return all(summarise(run).status in ("completed", "diverged") for run in session.runs())


def test_the_description_fits_its_width() -> None:
    for recipe in all_recipes():
        lines = described(recipe, None, 48).split("\n")
        assert not [str(line) for line in lines if line.cell_length > 48]
