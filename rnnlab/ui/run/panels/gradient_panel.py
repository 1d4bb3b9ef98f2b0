"""Inside the net: its gradient over the steps back in time, its layers and gates. It is only shown zoomed."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlab.plots.run.gradients import inside
from rnnlab.text.lines import Lines
from rnnlab.ui.described.figures import Described, of_gradients
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel


class GradientPanel(Panel):
    """The last inspection of the net, and the gradient by step over the epochs."""

    def on_mount(self) -> None:
        self.entitle("inside the net")

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The last inspection, and whether the run has ended."""
        inspected = follower.state.inspected
        return (
            None if inspected is None else inspected.step,
            follower.state.ended,
            sum(kept.seen for kept in follower.state.flows.values()),
        )

    def advance(self, follower: RunFollower) -> None:
        """Title the panel after the epoch of the last inspection, and draw it where there is a newer one."""
        inspected = follower.state.inspected
        self.entitle("inside the net", *([] if inspected is None else [f"epoch {inspected.epoch}"]))
        super().advance(follower)

    def sentences(self) -> Described:
        """How much of the gradient reaches the first step."""
        return super().sentences() if self.follower is None else of_gradients(self.follower.state)

    def draw(self, width: int, height: int) -> Lines:
        """The table of layers and the gradient by step and epoch."""
        if self.follower is None:
            return []
        return inside(self.follower.state, width=width, height=height, palette=self.palette)
