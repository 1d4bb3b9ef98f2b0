"""Tables of a comparison with its statistics: what `rnnlab compare` prints and a report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.against import against_run
from rnnlab.plots.comparison.columns import Chosen, choose, figure_key, figure_of
from rnnlab.plots.comparison.grid import grid_table, two_settings
from rnnlab.plots.comparison.table import comparison_table
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.grouping import best_by
from rnnlab.sweeps.conclude.row_cells import row_cells, statistics_note
from rnnlab.sweeps.results import Conclusions
from rnnlab.text.table import Table


@dataclass(frozen=True)
class Shown:
    """What a table is to show, as the options of `rnnlab compare` name it.

    `figures` stand beside the metric; `columns` are further ones, as `choose` takes them; `by` are settings of which each row is
    the best configuration; `grid`: two settings, one down, one across; `against` names, for each comparison, the run that its
    rows are compared with, empty where there is none.
    """

    figures: tuple[str, ...] = ()
    columns: str = ""
    by: tuple[str, ...] = ()
    grid: bool = False
    against: tuple[str, ...] = ()


def tables_of(
    comparisons: Sequence[Comparison], conclusions: Sequence[Conclusions | None], shown: Shown
) -> list[Table]:
    """A table for each comparison, with what is concluded from it. Raises `UsageError`."""
    chosen = choose(shown.columns, comparisons)
    if shown.grid:
        if any(shown.against):
            raise UsageError("--grid has a figure in each cell and no room for --against; leave one of them out")
        return _grids(comparisons, chosen, shown.by, shown.figures)
    tables = []
    references = shown.against or ("",) * len(comparisons)
    for comparison, concluded, reference in zip(comparisons, conclusions, references, strict=True):
        against = against_run(comparison, reference) if reference else None
        if shown.by:
            grouped, tried = best_by(comparison, shown.by)
            table = comparison_table(grouped, shown.figures, chosen=chosen, tried=tried, against=against)
        else:
            cells, note, columns = None, "", chosen
            if concluded is not None:
                cells, note = row_cells(concluded), statistics_note(concluded)
                # The difference stands among the statistics, with its interval.
                twice = f"{figure_key(concluded.part, concluded.figure)}_difference"
                columns = replace(chosen, without=(*chosen.without, twice))
            table = comparison_table(
                comparison, shown.figures, chosen=columns, against=against, statistics=cells, statistics_note=note
            )
        tables.append(table)
    return tables


def _grids(
    comparisons: Sequence[Comparison], chosen: Chosen, by: tuple[str, ...], figures: tuple[str, ...]
) -> list[Table]:
    """A table of two settings for each comparison; where those are not named, the usual one of data that differ otherwise."""
    named = [found for key in chosen.added if (found := figure_of(key)) is not None]
    if len(named) != len(chosen.added) or len(named) > 1 or chosen.without:
        raise UsageError("--grid shows one figure: give --columns one such as test.accuracy, or none")
    if by and len(by) != 2:
        raise UsageError(f"--grid needs two settings, and --by names {len(by)}: say --by optim.lr,model.hidden")
    pairs = [(by[0], by[1]) if by else two_settings(comparison) for comparison in comparisons]
    if not any(pairs):
        differing = ", ".join(dict.fromkeys(key for comparison in comparisons for key in comparison.differing))
        raise UsageError(
            f"--grid needs two settings: name them with --by; those in which the runs differ are {differing or 'none'}"
        )
    part, figure = named[0] if named else ("validation", "")
    return [
        grid_table(comparison, pair, part, figure) if pair is not None else comparison_table(comparison, figures)
        for comparison, pair in zip(comparisons, pairs, strict=True)
    ]
