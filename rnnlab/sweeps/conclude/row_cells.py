"""Statistics of a comparison as cells: what stands in the columns beside its table. Without NumPy, for the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rnnlab.plots.run.figure_table import short_title
from rnnlab.sweeps.conclude.number_texts import interval_text, signed
from rnnlab.sweeps.results import Conclusions, RowConclusion
from rnnlab.text.table import Cell


@dataclass(frozen=True)
class RowCells:
    """What a statistical comparison says of a row."""

    verdict: Cell
    difference: Cell
    interval: Cell


def row_cells(conclusions: Conclusions) -> Mapping[int, RowCells]:
    """The cells by the index of the row: verdict, difference to the reference, interval of the mean over seeds."""
    return {index: cells_of(row, conclusions.figure) for index, row in enumerate(conclusions.rows)}


def cells_of(row: RowConclusion, figure: str) -> RowCells:
    """The cells of one row."""
    difference, interval = row.difference, row.seeds_interval
    verdict = row.verdict if row.verdict != "not compared" else ""
    moved = "" if difference is None else signed(difference.value, figure)
    low = high = None
    if difference is not None and difference.interval is not None:
        low, high = difference.interval.low, difference.interval.high
        moved += f" ({signed(low, figure)} to {signed(high, figure)})"
    found = (None, None) if difference is None else (difference.p, difference.adjusted_p)
    return RowCells(
        Cell(verdict, (verdict,)),
        Cell(moved, (None if difference is None else difference.value, low, high, *found)),
        Cell("", (None, None))
        if interval is None
        else Cell(interval_text(interval, figure), (interval.low, interval.high)),
    )


def statistics_note(conclusions: Conclusions) -> str:
    """What the three columns are of, for whoever reads the table alone."""
    figure = f"{conclusions.part} {short_title(conclusions.figure)}"
    many = f", verdicts by p-values corrected for {conclusions.comparisons} comparisons (Holm)"
    return f"difference to the reference and interval of the mean: {figure}, at 95 %{many if conclusions.comparisons > 1 else ''}"
