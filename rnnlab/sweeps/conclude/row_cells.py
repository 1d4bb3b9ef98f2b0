"""Statistics of a comparison as cells: what stands in the columns beside its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnnlab.plots.run.figure_table import short_title
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.folders import Session
from rnnlab.sweeps.conclude.conclusions import is_confirmed
from rnnlab.sweeps.conclude.run_scores import conclusions_of
from rnnlab.sweeps.conclude.sentences import interval_text, signed
from rnnlab.sweeps.results import Conclusions, RowConclusion, Statistics
from rnnlab.text.table import Cell


@dataclass(frozen=True)
class RowCells:
    """What a statistical comparison says of a row."""

    verdict: Cell
    difference: Cell
    interval: Cell


def statistics_for(
    comparisons: Sequence[Comparison], session: Session, wanted: Statistics, against: str = ""
) -> list[Conclusions | None]:
    """The conclusions of each comparison; `against` is the name of a run of the reference row."""
    found: list[Conclusions | None] = []
    for comparison in comparisons:
        repeated = any(row.counted > 1 for row in comparison.rows)
        if wanted == "off" or (wanted == "auto" and not repeated):
            found.append(None)
            continue
        reference = next((at for at, row in enumerate(comparison.rows) if against in row.runs), None)
        tested = wanted == "test" or (wanted == "auto" and is_confirmed(comparison))
        found.append(conclusions_of(comparison, session, "test" if tested else "validation", reference))
    return found


def row_cells(conclusions: Conclusions) -> Mapping[int, RowCells]:
    """The cells by the index of the row: verdict, difference to the reference, interval of the mean over seeds."""
    return {index: _cells(row, conclusions.figure) for index, row in enumerate(conclusions.rows)}


def _cells(row: RowConclusion, figure: str) -> RowCells:
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
