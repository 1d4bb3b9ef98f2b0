"""The rows of the Sessions screen on the clipboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnlab.plots.run.figures import title_of
from rnnlab.runs.event_numbers import real
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, Value, text_cell
from rnnlab.text.table_lines import table_lines
from rnnlab.ui.described.copying import Copyable, written_tables
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun, ListedSession
from rnnlab.ui.sessions.run_cells import cell, doing, doing_together, seconds_of, summary_of
from rnnlab.ui.sessions.run_rows import Row

_COLUMNS = (
    Column("session", "session", left=True),
    Column("run", "run", left=True),
    Column("status", "status", left=True),
    Column("task", "task", left=True),
    Column("model", "model", left=True),
    Column("epochs", "epochs"),
    Column("figure", "figure", left=True),
    Column("best", "best", fields=("best", "std", "best_epoch")),
    Column("weights", "weights"),
    Column("time", "time", fields=("seconds",)),
    Column("started", "started", fields=("started",)),
)


def copyable_rows(rows: Sequence[Row], now: float) -> Copyable:
    """The rows that are listed, those of sessions left out, whose names stand beside their runs."""
    listed = [row for row in rows if not isinstance(row, ListedSession)]

    def table() -> Table:
        return runs_table(listed, now)

    return Copyable("runs", {"txt": lambda: to_text(table_lines(table(), MONO)), **written_tables(lambda: [table()])})


def runs_table(rows: Iterable[ListedRun | ListedRepeats], now: float) -> Table:
    """A row a run, or of runs that are alike but for their seed or fold their mean and standard deviation."""
    return Table("", _COLUMNS, tuple(_cells(row, now) for row in rows), named=2)


def _cells(row: ListedRun | ListedRepeats, now: float) -> tuple[Cell, ...]:
    session = row.session.name if isinstance(row, ListedRepeats) else row.run.session.name
    summary = summary_of(row)
    best = _best(row)
    values: dict[str, tuple[Value, ...]] = {
        "status": ((doing(row) if isinstance(row, ListedRun) else doing_together(row))[1],),
        "epochs": (summary.epoch if isinstance(row, ListedRun) else None,),
        "best": best,
        "weights": (summary.parameters or None,),
        "time": (seconds_of(row) or None,),
        "started": (summary.started or None,),
    }
    named = [text_cell(text) for text in (session, row.name)]
    figure = summary.selected
    title = Cell(plain(title_of(figure)), (figure,)) if best[0] is not None else Cell()
    shown = {
        column.key: Cell(plain(cell(row, column.key, now)[0]), values.get(column.key, ())) for column in _COLUMNS[2:]
    }
    return (*named, *(shown | {"figure": title}).values())


def _best(row: ListedRun | ListedRepeats) -> tuple[Value, Value, Value]:
    """The best figure, its standard deviation over repeats, and its epoch."""
    if isinstance(row, ListedRepeats):
        figure = next((run.selected for run in row.repeats.runs if run.metric), "")
        spread = row.repeats.of("validation").get(figure)
        return (
            (None, None, None)
            if spread is None
            else (real(spread.mean), None if spread.std is None else real(spread.std), None)
        )
    summary = row.summary
    if summary.selected not in summary.best:
        return None, None, None
    return real(summary.best[summary.selected]), None, summary.best_epoch
