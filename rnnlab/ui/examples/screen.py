"""The Examples screen: the rows behind a cell of the confusion matrix, one of them in full, and the way to the Playground."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from rnnlab.errors import UsageError
from rnnlab.plots.figure_formats import Format
from rnnlab.plots.predictions.example_csv import examples_csv, examples_table
from rnnlab.plots.predictions.examples import ExampleTable, example_lines
from rnnlab.plots.run.errors import counts_text
from rnnlab.runs.error_report import ErrorReport
from rnnlab.text.lines import to_text
from rnnlab.text.numbers import duration
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.data.view import DataView
from rnnlab.ui.described.copying import Copyable, ask_and_copy, written_tables
from rnnlab.ui.examples.example_list import ExampleList
from rnnlab.ui.examples.query import ExamplesAsked, Sorting, read_examples, sorted_report
from rnnlab.ui.opening import opening
from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.queries.subprocess_query import Query, run_query

_TICK = 0.25
_COPIED = 160
"""Columns of a list in the clipboard."""
_LOADABLE = "--yes loads them"
"""In the note of a report whose inputs are left out as the run is from elsewhere."""


class ExamplesScreen(FittedScreen[None]):
    """The examples asked for, read by a process of its own; where they are being read, or cannot be, a sentence says so."""

    CSS_PATH = "../styles/examples.tcss"
    TITLE = "Examples"
    HELP = (
        "The rows of one subset that the best weights of the run predicted so, as rnnlab errors lists them: of classes with "
        "the probability of the prediction, of numbers with their absolute error, of classes at each step with the share "
        "of right steps. Below is the example under the cursor in full. Predictions are kept of the best weights alone, "
        "so their number may differ from that in the matrix of another epoch. Nothing is trained or changed here. Y "
        "copies the list as text, CSV or Markdown."
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "play", "playground"),
        Binding("s", "sort", "sort"),
        Binding("y", "load", "load the inputs"),
        Binding("r", "again", "read again"),
        Binding("Y", "copy", "copy the list as text, CSV, Markdown", key_display="Y", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown,space", "page(1)", "page down", show=False),
        Binding("home", "move(-1000000)", "first", show=False),
        Binding("end", "move(1000000)", "last", show=False),
        Binding("escape", "back", "back"),
    ]

    def __init__(self, asked: ExamplesAsked, about: str = "", *, query: Query = run_query) -> None:
        super().__init__()
        self.asked = asked
        self._about = about
        """What is to be known beside: that the matrix is of another epoch."""
        self._query = query
        self._foreign = False
        self._began: float | None = None
        """When the reading began; None: nothing is being read."""
        self._report: ErrorReport | None = None
        self._sorting: Sorting = "worst"
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        run = self.asked.run
        yield TitleBar("examples", f"{plain(run.session.name, 60)}/{plain(run.name, 60)}")
        yield Static(id="counts")
        with Container(id="examples"):
            yield ExampleList()
            yield DataView(id="example")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ExampleList).focus()
        self._timer = self.set_interval(_TICK, self._tick, pause=True)
        self._read()

    @property
    def reading(self) -> bool:
        """Whether the process is at work."""
        return self._began is not None

    def _read(self) -> None:
        self._began = time.monotonic()
        self._report = None
        self._entitle()
        self._tick()
        if self._timer is not None:
            self._timer.resume()
        self.run_worker(self._ask(), name="read examples", exclusive=True)
        self.refresh_bindings()

    async def _ask(self) -> None:
        problem = ""
        try:
            self._report = await read_examples(self.asked, self._query, foreign=self._foreign)
        except UsageError as error:
            problem = str(error)
        self._began = None
        if self._timer is not None:
            self._timer.pause()
        if self._report is not None and self._report.worst:
            self._show(0)
        else:
            self.query_one(ExampleList).say(problem or self._none_text())
        self._entitle()
        self.refresh_bindings()

    def _none_text(self) -> str:
        """What is said where there is no such row."""
        asked = self.asked
        what = f"of {asked.true} " if asked.true else ""
        how = f"as {asked.predicted} " if asked.predicted else ""
        return f"No row {what}in {asked.subset} was predicted {how}by the best weights. esc leads back to the matrix."

    def _tick(self) -> None:
        if self._began is not None:
            seconds = time.monotonic() - self._began
            waited = f" {duration(seconds)}" if seconds >= 1 else ""
            self.query_one(ExampleList).say(f"Reading the predictions and their inputs …{waited}  esc leads back.")

    def _show(self, at: int) -> None:
        assert self._report is not None
        self.query_one(ExampleList).show(sorted_report(self._report, self._sorting), at)

    def _entitle(self) -> None:
        report = self._report
        examples = self.query_one(ExampleList)
        examples.border_title = Content(plain(self._list_title(), 200))
        text = self._about
        if report is not None:
            examples.border_subtitle = Content(self._sorting_text(report))
            first = counts_text(report) + (
                f" The first {len(report.worst):,} are listed." * (report.asked > len(report.worst))
            )
            text = "  ".join(filter(None, (first, *(f"⚠ {note}" for note in self._notes(report)), self._about)))
        self.query_one("#counts", Static).update(Content(plain(text)))

    def _list_title(self) -> str:
        asked = self.asked
        names = [f"true {asked.true}"] * bool(asked.true) + [f"predicted {asked.predicted}"] * bool(asked.predicted)
        return " · ".join([asked.subset, *names, "best weights"])

    def _notes(self, report: ErrorReport) -> list[str]:
        return [note.replace(_LOADABLE, "y loads them") for note in report.notes]

    def _sorting_text(self, report: ErrorReport) -> str:
        if self._sorting == "row":
            return "by row"
        worst = self._sorting == "worst"
        if report.problem == "classification":
            return "lowest probability first" if worst == report.right else "highest probability first"
        if report.problem == "per-step classification":
            return "fewest right steps first" if worst else "most right steps first"
        return "largest error first" if worst else "smallest error first"

    def on_example_list_cursor_moved(self, event: ExampleList.CursorMoved) -> None:
        event.stop()
        report = self.query_one(ExampleList).report
        if report is not None and event.at < len(report.worst):
            row = report.worst[event.at]
            self.query_one(DataView).show(lambda width, palette: example_lines(report, row, width, palette), top=True)

    def on_example_list_opened(self, event: ExampleList.Opened) -> None:
        event.stop()
        self.action_play()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is about examples is for where there are some."""
        if action in ("play", "sort", "move", "page", "copy"):
            return self._report is not None and bool(self._report.worst)
        if action == "load":
            return self._report is not None and any(_LOADABLE in note for note in self._report.notes)
        return not self.reading and self._report is None if action == "again" else True

    def action_move(self, by: int) -> None:
        examples = self.query_one(ExampleList)
        examples.move_to(examples.at + by)

    def action_page(self, by: int) -> None:
        examples = self.query_one(ExampleList)
        examples.move_to(examples.at + by * examples.page)

    def action_sort(self) -> None:
        """Another order, with the cursor on the same example."""
        examples = self.query_one(ExampleList)
        if self._report is None or examples.report is None:
            return
        row = examples.report.worst[examples.at]
        orders: list[Sorting] = ["worst", "best", "row"]
        self._sorting = orders[(orders.index(self._sorting) + 1) % len(orders)]
        self._show(sorted_report(self._report, self._sorting).worst.index(row))
        self._entitle()

    def action_copy(self) -> None:
        """The list in its order, to the clipboard."""
        report = self.query_one(ExampleList).report
        if report is None:
            return
        title = f"{self.asked.run.name}: {self._list_title()}"
        table = ExampleTable(report, _COPIED, MONO)
        text = "\n".join(line.rstrip() for line in to_text(table.lines()).splitlines())
        made: dict[Format, Callable[[], str]] = {
            "txt": lambda: text,
            **written_tables(lambda: [examples_table(report)]),
        }
        # The columns of `rnnlab errors --to csv`.
        ask_and_copy(self.app, Copyable(title, made | {"csv": lambda: examples_csv(report)}))

    def action_load(self) -> None:
        """Load the data of a run from elsewhere, which it alone names."""
        self._foreign = True
        self._read()

    def action_again(self) -> None:
        self._read()

    def action_play(self) -> None:
        """Open the example in the Playground."""
        report = self.query_one(ExampleList).report
        if report is None or not report.worst:
            return
        row = report.worst[self.query_one(ExampleList).at].row
        opening(self.app).open_playground(self.asked.run, (self.asked.subset, row))

    def action_back(self) -> None:
        """Back to where the list was opened; what is being read is given up."""
        self.app.pop_screen()
