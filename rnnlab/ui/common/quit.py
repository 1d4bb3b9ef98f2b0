"""Leaving while runs train: they may go on without the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual import events
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from rnnlab.runs.folders import RunFolder
from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

Leaving = Literal["leave", "stop"]

CHOICES: tuple[tuple[Leaving | None, str, str, str], ...] = (
    ("leave", "l", "Leave running", "training continues in the background, to be watched later"),
    ("stop", "s", "Stop and quit", "training ends after the present update; the best weights stay"),
    (None, "esc", "Cancel", "back to the app"),
)
NAMED = 4
"""Runs listed by name."""


class LeaveChoice(Widget, can_focus=True):
    """One of the choices: taken by its key, a click, or enter."""

    ALLOW_SELECT = False
    BINDINGS = [Binding("enter,space", "choose", "Choose", show=False)]
    DEFAULT_CSS = """
    LeaveChoice { height: 2; padding: 0 1; }
    LeaveChoice:focus { background: $block-cursor-background; color: $block-cursor-foreground; }
    LeaveChoice:hover { background: $boost; }
    """

    def __init__(self, leaving: Leaving | None, key: str, title: str, description: str) -> None:
        super().__init__()
        self.leaving = leaving
        self._key, self._title, self._description = key, title, description

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render(self) -> Content:
        mark = "▸" if self.has_focus else " "
        return Content.assemble(
            mark,
            (f"{self._key:>4}", "bold $accent"),
            "  ",
            (self._title, "bold"),
            "\n",
            (f"       {self._description}", "$text-muted"),
        )

    def action_choose(self) -> None:
        assert isinstance(self.screen, LeaveScreen)
        self.screen.choose(self.leaving)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_choose()


class LeaveScreen(ModalScreen[Leaving | None]):
    """Asks what becomes of the runs underway; None is to stay."""

    TITLE = "Runs are training"
    HELP = "Runs train in processes of their own: they continue when the app is closed, unless you stop them."
    BINDINGS = [
        Binding("l", "choose('leave')", "Leave running"),
        Binding("s", "choose('stop')", "Stop and quit"),
        Binding("escape", "choose('')", "Cancel"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    LeaveScreen #leave { width: 74; max-width: 96%; height: auto; max-height: 100%; background: $surface; }
    LeaveScreen #runs { height: auto; padding: 0 1 1 1; }
    """

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        super().__init__()
        self._runs = list(runs)

    def compose(self) -> ComposeResult:
        with Vertical(id="leave", classes="box") as box:
            count = len(self._runs)
            box.border_title = "A run is training" if count == 1 else f"{count} runs are training"
            names = [f"{run.session.name}/{run.name}" for run in self._runs[:NAMED]]
            more = [f"and {count - NAMED} more"] if count > NAMED else []
            yield Static(Content("\n".join(plain(name) for name in names + more)), id="runs")
            for leaving, key, title, description in CHOICES:
                yield LeaveChoice(leaving, key, title, description)

    def choose(self, leaving: Leaving | None) -> None:
        """Close the screen with this choice; None: stay."""
        self.dismiss(leaving)

    def action_choose(self, leaving: str) -> None:
        self.choose("leave" if leaving == "leave" else "stop" if leaving == "stop" else None)
