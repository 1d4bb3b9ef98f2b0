"""Curves of which a part of the axes may be drawn: the mouse points at values, a click pins the cursor, the wheel magnifies."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from rnnlab.plots.drawing.axes import Scale
from rnnlab.plots.drawing.chart import Chart, x_ends_of_chart, y_scale_of_chart
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.view import Extent, View

_NOTCH = 1.25
"""By how much a turn of the wheel magnifies."""


class ZoomablePanel(Panel):
    """A chart of one figure, `kind`, as its `view` has it."""

    class CursorPlaced(Message):
        """The mouse points at `x` of the x axis; None: at none. `pinned`: it was clicked, and the cursor stays there."""

        def __init__(self, x: float | None, pinned: bool = False) -> None:
            super().__init__()
            self.x = x
            self.pinned = pinned

        def can_replace(self, message: Message) -> bool:
            """Whether the message is of the same kind: only the newest counts."""
            return isinstance(message, ZoomablePanel.CursorPlaced) and not self.pinned

    @dataclass
    class Scrolled(Message):
        """The wheel was turned over `x` of the x axis of a panel: `factor` times as much of it, or of the y axis, is drawn."""

        panel: ZoomablePanel
        x: float
        factor: float
        vertical: bool

    def __init__(self, number: int, kind: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self.kind = kind
        self.view = View()

    @property
    def whole_axes(self) -> bool:
        """Whether there is no chart, or one that is always drawn whole."""
        return False

    def drawn_extent(self) -> Extent:
        """The ends of the x axis that is drawn; None before there is a point, and where it is always drawn whole."""
        return None if self.whole_axes else x_ends_of_chart(self.chart())

    def chart(self) -> Chart:
        """The chart in the part of the axes that is seen."""
        raise NotImplementedError

    def y_scale(self) -> Scale | None:
        """The y axis that is drawn; None before there is anything to draw, and where it is always drawn whole."""
        return None if self.whole_axes else y_scale_of_chart(self.chart())

    def _x_at(self, event: events.MouseEvent) -> float | None:
        """The place on the x axis under the mouse; None where it is beside the curves."""
        limits = self.drawn_extent()
        left, rows = self._plot_area()
        width = self.content_size.width - left
        offset = event.get_content_offset(self)
        if limits is None or width < 2 or offset is None or offset.x < left or offset.y >= rows:
            return None
        share = min(1.0, max(0.0, (offset.x - left + 0.5) / width))
        return limits[0] + share * (limits[1] - limits[0])

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if (x := self._x_at(event)) is not None:
            self.post_message(self.CursorPlaced(x))

    def on_click(self, event: events.Click) -> None:
        if event.chain == 1 and (x := self._x_at(event)) is not None:
            self.post_message(self.CursorPlaced(x, pinned=True))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(event, 1 / _NOTCH)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(event, _NOTCH)

    def _scroll(self, event: events.MouseEvent, factor: float) -> None:
        if (x := self._x_at(event)) is not None:
            event.stop()
            self.post_message(self.Scrolled(self, x, factor, event.shift or event.ctrl))

    def on_leave(self, event: events.Leave) -> None:
        if event.node is self:
            self.post_message(self.CursorPlaced(None))

    def _plot_area(self) -> tuple[int, int]:
        """The column where the curves begin, and the row under their x axis, read off what is drawn."""
        for row, strip in enumerate(self._strips or []):
            at = strip.text.find("└")
            if at >= 0:
                return at + 1, row + 2
        return 0, self.content_size.height
