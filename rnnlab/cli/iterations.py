"""A run's evaluations as a log of iterations: a row each, with a sequence, the net's guess and whether it is right."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlab.plots.run.figures import format_of
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Evaluated, Record, RunResumed, RunStarted
from rnnlab.runs.history import course
from rnnlab.text.numbers import duration, percent
from rnnlab.text.table import Cell, Column, Table, whole_cell

_COLUMNS = (
    Column("iteration", "iteration"),
    Column("share", "%"),
    Column("seconds", "elapsed"),
    Column("loss", "loss"),
    Column("input", "input / guess", left=True, fields=("input", "prediction")),
    Column("correct", "", left=True, fields=("correct", "target")),
)


def iteration_table(records: Iterable[Record]) -> Table:
    """The log of iterations: update, share of all, time, training loss since the row before, one of the sequences evaluated.

    The sequences are validation ones, at each row another of those that the log holds.
    """
    rows: list[tuple[Cell, ...]] = []
    losses: dict[int, float] = {}
    total = 0
    for record in course(records):
        event = record.data
        if isinstance(event, RunStarted | RunResumed):
            total = event.steps_total
        elif not isinstance(event, Evaluated) or event.final or event.extra_test:
            continue
        elif event.split == "train":
            losses[event.step] = real(event.loss)
        elif event.split == "validation" and event.step:
            rows.append(_row(event, total, losses.get(event.step), len(rows)))
    notes = ("loss: mean over the training sequences since the row before",) if rows else ("no evaluation yet",)
    return Table("log of iterations", _COLUMNS, tuple(rows), notes, named=0)


def _row(event: Evaluated, total: int, loss: float | None, index: int) -> tuple[Cell, ...]:
    share = event.step / total if total else None
    input_ = right = Cell()
    if event.samples:
        sample = event.samples[index % len(event.samples)]
        input_ = Cell(f"{sample.input} / {sample.prediction}", (sample.input, sample.prediction))
        mark = "✓" if sample.correct else f"✗ ({sample.target})"
        right = Cell(mark, (int(sample.correct), sample.target))
    return (
        whole_cell(event.step),
        Cell("" if share is None else percent(share), (share,)),
        Cell(duration(event.seconds), (event.seconds,)),
        Cell("" if loss is None else format_of("loss")(loss), (loss,)),
        input_,
        right,
    )
