"""Inside the net: how far back its gradient reaches, its layers and gates. It has no place beside the others: it is zoomed."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlab.plots.run.gradients import inside
from rnnlab.text.lines import Lines
from rnnlab.ui.run.follow import RunFollower
from rnnlab.ui.run.panel import Panel


class InsidePanel(Panel):
    """The last look into the net, and the gradient's reach over the epochs."""

    def on_mount(self) -> None:
        self.entitle("inside the net")

    def depends_on(self, follower: RunFollower) -> Hashable:
        look = follower.state.inspected
        return (None if look is None else look.step, follower.state.ended, len(follower.state.flows))

    def advance(self, follower: RunFollower) -> None:
        look = follower.state.inspected
        self.entitle("inside the net", *([] if look is None else [f"epoch {look.epoch}"]))
        super().advance(follower)

    def draw(self, width: int, height: int) -> Lines:
        if self.follower is None:
            return []
        return inside(self.follower.state, width=width, height=height, palette=self.palette)
