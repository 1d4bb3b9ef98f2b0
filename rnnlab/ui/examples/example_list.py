"""List of examples: a line each, a cursor on one of them, of which only those in sight are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from rnnlab.plots.predictions.examples import ExampleTable
from rnnlab.runs.error_report import ErrorReport
from rnnlab.text.lines import Line, Lines, fit, sentence
from rnnlab.ui.common.palette import palette_of


class ExampleList(Widget, can_focus=True):
    """The examples of a report, or a sentence where there is none yet."""

    ALLOW_SELECT = False

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another example."""

        at: int

    class Opened(Message):
        """The example under the cursor was clicked again."""

    def __init__(self) -> None:
        super().__init__()
        self.report: ErrorReport | None = None
        self.text = ""
        """What stands here while there is no example."""
        self.at = 0
        self._first = 0
        self._table: tuple[int, ExampleTable] | None = None

    def show(self, report: ErrorReport, at: int = 0) -> None:
        """List the examples of the report, with the cursor on the one at this index."""
        self.report, self._table = report, None
        self.move_to(at)

    def say(self, text: str) -> None:
        """Show a sentence in place of examples."""
        self.text, self.report, self._table = text, None, None
        self.refresh()

    @property
    def _count(self) -> int:
        return len(self.report.worst) if self.report is not None else 0

    @property
    def page(self) -> int:
        """Examples in sight."""
        return max(1, self.content_size.height - 2)

    def move_to(self, at: int) -> None:
        """Put the cursor on the example at this index, or on the nearest there is."""
        self.at = min(max(0, at), max(0, self._count - 1))
        self._bring_into_sight()
        self.refresh()
        if self._count:
            self.post_message(self.CursorMoved(self.at))

    def _bring_into_sight(self) -> None:
        last = max(0, self._count - self.page)
        self._first = min(last, max(self.at - self.page + 1, min(self._first, self.at)))

    def on_resize(self) -> None:
        self._bring_into_sight()
        self.refresh()  # it may have been painted in this size before, from another row on

    def notify_style_update(self) -> None:
        """Draw again in the new colours."""
        self._table = None
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        at = self._first + offset.y - 1 if offset is not None else -1
        if offset is None or not 0 < offset.y <= self.page or not 0 <= at < self._count:
            return
        event.stop()
        if at == self.at and self.has_focus and event.chain != 1:
            self.post_message(self.Opened())
        else:
            self.move_to(at)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move_to(self.at + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move_to(self.at - 3)

    def render_line(self, y: int) -> Strip:
        size, paper = self.content_size, self.rich_style
        line = self._line(y, size.width - 2, size.height)
        segments = [Segment(text, paper + style if style else paper) for text, style, _ in [Segment(" "), *line]]
        return Strip(segments).adjust_cell_length(size.width, paper)

    def _line(self, y: int, width: int, height: int) -> Line:
        palette = palette_of(self.app)
        if self.report is None or not self._count:
            lines: Lines = sentence(self.text, max(1, width), height, palette.style("muted"))
            return lines[y] if y < len(lines) else []
        if self._table is None or self._table[0] != width:
            self._table = width, ExampleTable(self.report, width, palette)
        table = self._table[1]
        at = self._first + y - 1
        if y == 0:
            return table.head()
        if y == height - 1 and self._count > self.page:
            text = f"{self._first + 1:,}–{min(self._count, self._first + self.page):,} of {self._count:,}"
            return [Segment(fit(text, width), palette.style("muted", italic=True))]
        return table.line(at, cursor=at == self.at) if at < self._count else []
