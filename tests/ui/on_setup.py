"""Setup in the app, for tests: its screen, what the app has told the person, and the way to a task or a field."""

from __future__ import annotations

from textual.pilot import Pilot

from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.setup.cards.card_list import CardList
from rnnlab.ui.setup.form.form import Form
from rnnlab.ui.setup.screen import SetupScreen


def setup_of(app: RnnlabApp) -> SetupScreen:
    assert isinstance(app.screen, SetupScreen)
    return app.screen


def notices(app: RnnlabApp) -> list[str]:
    return [notice.message for notice in app._notifications]


async def choose(pilot: Pilot[None], task: str) -> None:
    """The task, by the keys that lead to it."""
    tasks = pilot.app.screen.query_one("#tasks", CardList)
    tasks.focus()
    names = [card.name for card in tasks.cards]
    await pilot.press("home", *["down"] * names.index(task))
    await pilot.pause()


async def go(pilot: Pilot[None], key: str) -> Form:
    """To the field."""
    await pilot.pause()
    screen = setup_of(pilot.app)  # type: ignore[arg-type]
    screen.jump(key)
    await pilot.pause()
    return screen.query_one(Form)


async def unfold(pilot: Pilot[None]) -> Form:
    """The form with all its sections unfolded."""
    form = await go(pilot, "model.hidden")
    await pilot.press("asterisk")
    await pilot.pause()
    return form
