"""A panel with one of a session's charts, the one before and the next a key away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import work
from textual.content import Content
from textual.geometry import clamp
from textual.message import Message

from rnnlab.errors import UsageError
from rnnlab.text.lines import Lines, sentence, to_text
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.ui.run.panels.panel import Drawn
from rnnlab.ui.session.charts import SessionChart


class ChartPanel(Drawn):
    """One of the charts; one that needs more lines than there are is scrolled."""

    @dataclass
    class Made(Message):
        """A chart was drawn in a thread, for a size."""

        key: tuple[object, ...]
        lines: Lines

    class Opened(Message):
        """The panel was clicked."""

    def on_click(self) -> None:
        self.post_message(self.Opened())

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.charts: Sequence[SessionChart] = ()
        self.at = 0
        self.empty = "Nothing to draw yet."
        self._made: dict[tuple[object, ...], Lines] = {}
        self._wanted: tuple[object, ...] = ()
        self._shown = 0
        """How often the charts were replaced: what is drawn in a thread of older ones is dropped."""
        self._scrolled = 0
        self._height = 0
        """Lines of what was drawn last."""

    @property
    def chart(self) -> SessionChart | None:
        """The chart that is shown."""
        return self.charts[self.at] if self.at < len(self.charts) else None

    def show(self, charts: Sequence[SessionChart]) -> None:
        """Other charts, as the runs have changed; the one that is shown stays where it is among them."""
        title = self.chart.title if self.chart is not None else ""
        self.charts = charts
        self.at = next(
            (at for at, each in enumerate(charts) if each.title == title), min(self.at, max(0, len(charts) - 1))
        )
        self._made.clear()
        self._shown += 1
        self._entitle()
        self.redraw()

    def plain_text(self) -> str:
        """What is shown, as plain text: of a long chart all of it."""
        chart, size = self.chart, self.content_size
        if chart is None or not size.area:
            return ""
        if chart.slow:
            return to_text(self.draw(size.width, size.height))
        return to_text(chart.draw(size.width, size.height, MONO))

    def go_to(self, title: str) -> None:
        """Show the chart with this title, where there is one."""
        self.turn(next((at for at, each in enumerate(self.charts) if each.title == title), self.at) - self.at)

    def turn(self, by: int) -> None:
        """Show another chart; behind the last one comes the first."""
        if self.charts:
            self.at = (self.at + by) % len(self.charts)
            self._scrolled = 0
            self._entitle()
            self.redraw()

    def scroll_lines(self, by: int) -> None:
        """Move within a chart that is longer than the panel."""
        self._scrolled = clamp(self._scrolled + by, 0, max(0, self._height - self.content_size.height))
        self._entitle()
        self.redraw()

    def _entitle(self) -> None:
        chart = self.chart
        if chart is None:
            self.border_title = self.border_subtitle = None
            return
        self.border_title = Content.assemble(
            plain(chart.title, 200), (f" · {self.at + 1} of {len(self.charts)}", "$text-muted")
        )
        named = f"rnnlab plot … {plain(chart.name, 80)}" if chart.name and chart.name != "leaderboard" else ""
        self.border_subtitle = Content.styled(named, "$text-muted") if named else None

    def draw(self, width: int, height: int) -> Lines:
        """The chart in the panel's size, or the part of it that is in sight."""
        chart, palette = self.chart, self.palette
        if chart is None:
            return sentence(self.empty, width, height, palette.style("muted"))
        key = (self._shown, self.at, chart.title, width, height, palette.name, palette.depth)
        lines = self._made.get(key)
        if lines is None and chart.slow:
            if self._wanted != key:
                self._wanted = key
                self._make(chart, key, width, height)
            return sentence("Drawing …", width, height, palette.style("muted"))
        if lines is None:
            lines = self._made[key] = chart.draw(width, height, palette)
        self._height = len(lines)
        self._scrolled = clamp(self._scrolled, 0, max(0, len(lines) - height))
        return lines[self._scrolled : self._scrolled + height]

    @work(thread=True, group="chart", exclusive=True, exit_on_error=False, description="draw a chart")
    def _make(self, chart: SessionChart, key: tuple[object, ...], width: int, height: int) -> None:
        """Logs of eight rows may be large: they are read in a thread."""
        # Described above: else the worker would write out all that it is given, which thousands of rows hang on.
        try:
            lines = chart.draw(width, height, self.palette)
        except (OSError, UsageError) as error:
            why = f"{error.filename} cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
            lines = sentence(why, width, height, self.palette.style("bad"))
        self.post_message(self.Made(key, lines))

    def on_chart_panel_made(self, event: ChartPanel.Made) -> None:
        event.stop()
        if event.key == self._wanted:
            self._made[event.key] = event.lines
            self._wanted = ()
            self.redraw()
