"""The charts of a session over the whole screen: leaderboard, boxes, heat map, mean curves, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from rnnlab.plots.comparison.where import Where
from rnnlab.plots.figure_formats import Format
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.described.copying import Copyable, ask_and_copy, written_tables
from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.run.figure_file import ask_for_file, write_figure
from rnnlab.ui.session.chart_panel import ChartPanel
from rnnlab.ui.session.charts import charts_of, leaderboards
from rnnlab.ui.session.conclusions import Found
from rnnlab.ui.session.contents import Contents


class ChartsScreen(FittedScreen[None]):
    """One chart at a time, of the rows that the session's table shows."""

    CSS_PATH = "../styles/session.tcss"
    TITLE = "Charts"
    HELP = (
        "Charts of the rows that the table shows: its leaderboard with intervals and what follows from it; the validation figure "
        "over each setting that differs (points over a number, with the standard deviation over seeds; boxes over anything else) "
        "and over two as a heat map and as a table; loss and metric of the first eight rows, of repeats the mean in a band of ± "
        "one standard deviation. ←→ shows another chart, ↑↓ moves in a long one, f saves it to a file: .svg or .png for a "
        "picture, .csv for its numbers, .txt or .md for text; i puts it into sentences, Y copies it as text, CSV, Markdown or "
        "SVG."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,tab,p", "turn(1)", "next chart", key_display="←→"),
        Binding("left,shift+tab", "turn(-1)", "chart before", show=False),
        Binding("down,j", "scroll(1)", "down", key_display="↑↓"),
        Binding("up,k", "scroll(-1)", "up", show=False),
        Binding("pagedown", "scroll(20)", "page down", show=False),
        Binding("pageup", "scroll(-20)", "page up", show=False),
        Binding("f", "figure", "figure to a file"),
        Binding("i", "describe", "the chart in sentences", show=False),
        Binding("Y", "copy", "copy the chart as text, CSV, SVG", key_display="Y", show=False),
        Binding("escape", "back", "back"),
    ]

    def __init__(self, contents: Contents, found: Found, where: Where, title: str = "") -> None:
        super().__init__()
        self._contents = contents
        self._found = found
        self._where = where
        self._first = title
        """The title of the chart that is shown first; empty: the leaderboard."""
        self._what = ""

    def compose(self) -> ComposeResult:
        yield TitleBar("sessions")
        yield ChartPanel()
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        where = f" · {self._where.text}" if self._where.terms else ""
        self.query_one(TitleBar).about = f"{plain(self._contents.info.name, 60)}{plain(where, 100)}"
        panel = self.panel
        if self._where.terms:
            panel.empty = "No row meets the filter."
        panel.show(charts_of(self._contents, self._found, self._where))
        panel.go_to(self._first)

    def take(self, contents: Contents, found: Found) -> None:
        """The session as it is now, and what was concluded."""
        self._contents, self._found = contents, found
        if self.is_mounted:
            self.panel.show(charts_of(contents, found, self._where))

    @property
    def panel(self) -> ChartPanel:
        """The chart."""
        return self.query_one(ChartPanel)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A chart that no command draws by itself is not saved."""
        if action == "figure":
            chart = self.panel.chart if self.is_mounted else None
            return chart is not None and bool(chart.name) and not self._where.terms and chart.name != "leaderboard"
        return True

    def action_turn(self, by: int) -> None:
        self.panel.turn(by)
        self.refresh_bindings()

    def action_scroll(self, by: int) -> None:
        self.panel.scroll_lines(by)

    def action_figure(self) -> None:
        """Ask for a file to which the chart is drawn."""
        chart = self.panel.chart
        if chart is not None:
            self._what = chart.name
            ask_for_file(self.query_one(Prompt), self._contents.session.name, chart.name)

    def action_copy(self) -> None:
        """The chart as it is shown, to the clipboard; its numbers and its picture too."""
        chart = self.panel.chart
        if chart is None:
            return
        made: dict[Format, Callable[[], str]] = {"txt": self.panel.plain_text}
        if chart.name == "leaderboard":
            made |= written_tables(lambda: leaderboards(self._contents, self._found, self._where))
        drawn = (str(self._contents.session.path), chart.name) if self.check_action("figure", ()) else ()
        ask_and_copy(self.app, Copyable(chart.title, made, drawn))

    @work(group="describe", exclusive=True, exit_on_error=False)
    async def action_describe(self) -> None:
        """The chart in sentences."""
        chart = self.panel.chart
        if chart is None or not self.check_action("figure", ()):
            self.notify("This one says itself what it shows, or is of filtered rows alone.", markup=False)
            return
        from rnnlab.ui.queries.subprocess_query import run_query

        result = await run_query("plot", str(self._contents.session.path), chart.name, "--json")
        document = result.document if isinstance(result.document, dict) else {}
        text = str(document.get("description") or result.problem or "There is nothing to describe yet.")
        self.app.push_screen(TextScreen(chart.title, Content(plain(text, 4000))))

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        self._write(event.text)

    @work(group="figure", exit_on_error=False)
    async def _write(self, file: str) -> None:
        text, severity = await write_figure((str(self._contents.session.path), self._what), file)
        self.notify(plain(text), severity=severity, markup=False, timeout=6)

    def action_back(self) -> None:
        self.dismiss()
