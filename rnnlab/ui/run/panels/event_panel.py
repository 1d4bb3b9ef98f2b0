"""The list of a run's events: beside the curves where there is room, else alone."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlab.plots.run.course.event_list import event_lines
from rnnlab.text.lines import Lines
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel


class EventPanel(Panel):
    """Commands, diagnoses, the best epoch: the chosen one is where the cursor of the curves stands."""

    chosen: int | None = None

    def on_mount(self) -> None:
        self.entitle("events")
        self.subtitle(("↑↓", "cursor to an event"))

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The events, and how the run has ended."""
        state = follower.state
        return (
            len(state.applied_commands),
            len(state.diagnoses),
            state.best.step if state.best else None,
            state.status if state.ended else None,
        )

    def choose(self, chosen: int | None) -> None:
        """Mark an event, and show it."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.redraw()

    def draw(self, width: int, height: int) -> Lines:
        """The list."""
        if self.follower is None:
            return []
        state = self.follower.state
        return event_lines(state, width=width, height=height, palette=self.palette, chosen=self.chosen)
