"""Tour of five steps over the real screens: it points at what is there, and ends with a run trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.css.query import NoMatches
from textual.widget import Widget

from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.setup.screen import SetupScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.screen import Screen

POINTED = "-pointed"
"""Class of the widget that the present step is about, drawn by `styles/app.tcss`."""
_ASKED = 0.5
"""Seconds between two looks at whether the run has ended."""


@dataclass(frozen=True)
class Step:
    """What a step points at, and says; `next` is what enter does there."""

    target: str
    title: str
    text: str
    next: str = "next"
    focus: str = ""
    """What gets the focus; empty: the target."""


STEPS = (
    Step("#tasks", "Task", "What is to be learned. ↑↓ choose another; those marked “no data” are fetched first."),
    Step("#models", "Architecture", "The net that learns it. ↑↓ choose another; i tells what it is, with its equations."),
    Step(
        "#settings", "Settings",
        "Each has a default that suits the task. ↑↓ and typing change one, ^z takes it back; Net shows what it costs.",
        focus="#form",
    ),
    Step("CommandBar", "Train", "The line above is this run as a command. It can be trained now.", "train"),
    Step("#loss", "The run", "It trains by itself, also when you leave. 1 and 2: its curves; 3: what it confuses; 4: its state."),
)  # fmt: skip
TRAIN = 3
"""The step whose enter trains; the one after it is on the run's own screen."""
ENDED = "It has ended: that was the tour. g trains it on, esc goes back, f3 lists all runs, ^p finds any command, ? the keys."


class TourCard(Widget):
    """The present step, above the key bar."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TourCard { height: auto; padding: 0 1; background: $panel; border-left: thick $warning; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._content = Content("")

    def say(self, number: int, title: str, text: str, keys: str) -> None:
        """Show this step."""
        self._content = Content.assemble(
            (f"Tour {number}/{len(STEPS)} ", "bold $warning"), (title, "bold"), f"  {text}  ", (keys, "bold $accent")
        )
        self.refresh(layout=True)

    def render(self) -> Content:
        return self._content


class Tour:
    """Where a person is in the tour. Enter goes on and escape ends it, on the screen with its card; then `ended` is called."""

    def __init__(self, app: App[Any], ended: Callable[[], None]) -> None:
        self._app = app
        self._ended = ended
        self._at = -1
        self._card: TourCard | None = None
        self._run_ended = False

    def is_on(self, screen: Screen[Any]) -> bool:
        """Whether the present step is on this screen, so that its keys are the tour's."""
        return self._card is not None and self._card.is_attached and self._card.screen is screen

    async def begin(self) -> None:
        """The first step, on the screen of a new run."""
        screen = self._app.screen
        assert isinstance(screen, SetupScreen)
        await self._go(0, screen)

    async def next(self) -> None:
        """The next step; from the last one, and where the run has been trained, the end."""
        screen = self._app.screen
        if self._at == TRAIN and isinstance(screen, SetupScreen):
            screen.action_train()  # what it opens is the next step; where it cannot, it says why
        elif self._at < TRAIN:
            await self._go(self._at + 1, screen)
        else:
            await self.end()

    async def run_opened(self, screen: RunScreen) -> None:
        """The last step, on the screen of the run that was started from any of those before."""
        if 0 <= self._at <= TRAIN:
            await self._leave()
            await self._go(len(STEPS) - 1, screen)
            if self._card is not None:
                self._card.set_interval(_ASKED, self._look_at_run)

    async def end(self) -> None:
        """Nothing is pointed at any more."""
        await self._leave()
        self._at = -1
        self._ended()

    async def _go(self, at: int, screen: Screen[Any]) -> None:
        step = STEPS[at]
        for each in screen.query(f".{POINTED}"):
            each.remove_class(POINTED)
        try:
            target = screen.query_one(step.target)
            bar = screen.query_one(KeyBar)
        except NoMatches:
            await self.end()
            return
        self._at = at
        if self._card is None or not self._card.is_attached:
            self._card = TourCard()
            await screen.mount(self._card, before=bar)
        target.add_class(POINTED)
        screen.query_one(step.focus or step.target).focus()
        self._card.say(at + 1, step.title, step.text, f"enter {step.next} · esc ends" if at <= TRAIN else "")

    async def _leave(self) -> None:
        if self._card is not None and self._card.is_attached:
            for each in self._card.screen.query(f".{POINTED}"):
                each.remove_class(POINTED)
            await self._card.remove()
        self._card = None

    def _look_at_run(self) -> None:
        """Say that the run has ended, once it has."""
        if self._card is None or self._run_ended or not isinstance(screen := self._card.screen, RunScreen):
            return
        if screen.follower.state.ended:
            self._run_ended = True
            self._card.say(len(STEPS), "Trained", ENDED, "enter closes this")
