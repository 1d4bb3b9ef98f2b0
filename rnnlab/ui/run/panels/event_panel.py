"""The list of a run's events: beside the curves where there is room, else alone."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlab.plots.run.course.evaluations import evaluation_table, evaluations_as_table
from rnnlab.plots.run.course.event_list import event_lines, events_table, run_events
from rnnlab.text.lines import Lines
from rnnlab.text.sections import heading
from rnnlab.text.table import Table
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel

_BOTH = 18
"""Lines from which on both are shown."""
_FEWEST, _DETAIL = 8, 5
"""Lines of the list at least, and those for the full text of an event."""


class EventPanel(Panel):
    """Commands, diagnoses, the best epoch: the chosen one is where the cursor of the curves stands."""

    chosen: int | None = None

    def on_mount(self) -> None:
        self.entitle("events")
        self.subtitle(("↑↓", "cursor to an event"))

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The events, the evaluations, and how the run has ended."""
        state = follower.state
        evaluated = state.curves.get("loss/validation")
        return (
            None if evaluated is None or not len(evaluated) else evaluated.step[-1],
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

    def tables(self) -> list[Table]:
        """The events, and the evaluations."""
        tables = (events_table(self.follower.state), evaluations_as_table(self.follower.state)) if self.follower else ()
        return [table for table in tables if table.rows]

    def draw(self, width: int, height: int) -> Lines:
        """The list, and under it the evaluations where there is room for both."""
        if self.follower is None:
            return []
        state, palette = self.follower.state, self.palette
        events = run_events(state)
        listed = height
        if height >= _BOTH:
            listed = max(_FEWEST, min(len(events) + _DETAIL, height // 2))
        lines = event_lines(state, width=width, height=listed, palette=palette, chosen=self.chosen)
        if listed < height:
            at = None
            if self.chosen is not None and self.chosen < len(events):
                at = events[self.chosen].epoch
            room = height - listed - 1
            table = evaluation_table(state, width=width, height=room, palette=palette, at=at, figure=state.metric)
            lines += [heading("evaluations", width, palette), *table]
        return lines
