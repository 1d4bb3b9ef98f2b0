"""How quickly Setup's draft trains here with a few batch sizes and numbers of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.measure.measure_screen import MeasureScreen, Taken, measured_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnlab.text.lines import Lines
    from rnnlab.text.palette import Palette
    from rnnlab.text.table import Table


class _Rate(NamedTuple):
    batch_size: int
    threads: int
    examples_per_second: float


class TuneScreen(MeasureScreen):
    """`rnnlab tune` of the draft; the batch size that it recommends is taken for `train.batch_size`."""

    TITLE = "Speed by batch size and threads"
    HELP = (
        "Measures how many examples a second the net trains here, with a few batch sizes and numbers of threads, about a second "
        "each. The number of threads is remembered, and runtime.threads = auto uses it. A larger batch learns otherwise, as an "
        "epoch then has fewer updates: enter takes the batch size that is recommended, Y copies the figures, esc leaves it."
    )
    DOING = "measuring batch sizes and threads, about a second each"

    def command_of(self, draft: Draft) -> list[str]:
        return measured_arguments("tune", draft)

    def drawn(self, document: Mapping[str, Any], width: int, height: int, palette: Palette) -> Lines:
        from rich.segment import Segment

        from rnnlab.plots.speed import PLOT_ROWS, rate_plot, rate_table

        rates = [_Rate(**each) for each in document["rates"]]
        table: Lines = [[Segment(line)] for line in ["examples/s", *rate_table(rates)]]
        if len({rate.batch_size for rate in rates}) < 2 or height < len(table) + PLOT_ROWS:
            return table
        return [*table, [], *rate_plot(rates, min(width, 72), palette)]

    def table(self, document: Mapping[str, Any]) -> Table:
        from rnnlab.text.numbers import count
        from rnnlab.text.table import Cell, Column, Table, whole_cell

        columns = tuple(map(Column, _Rate._fields, ("batch size", "threads", "examples/s")))
        rates = [_Rate(**each) for each in document["rates"]]
        rows = ((*(whole_cell(number) for number in rate[:2]), Cell(count(rate[2]), (rate[2],))) for rate in rates)
        return Table("", columns, tuple(rows))

    def advice(self, document: Mapping[str, Any]) -> str:
        return " ".join(document.get("advice") or ())

    def suggested(self, document: Mapping[str, Any]) -> Taken | None:
        best = document.get("recommended_batch_size")
        return None if best in (None, document.get("batch_size")) else ("train.batch_size", str(best))
