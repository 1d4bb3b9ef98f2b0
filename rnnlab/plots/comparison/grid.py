"""A figure over two settings as a table: one setting down, the other across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlab.plots.comparison.columns import (
    figure_key,
    figure_text,
    setting_text,
    setting_value,
    short_key,
    spread_values,
)
from rnnlab.plots.comparison.over import number_of
from rnnlab.plots.comparison.table import data_text, heading_of, uncounted_note
from rnnlab.plots.run.figures import title_of
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.grouping import best_by
from rnnlab.text.table import Cell, Column, Table

MOST_ACROSS = 12
MOST_PAIRS = 0.8
"""Values of the setting across in a table that is offered, as more are hard to read; and the share of its cells not empty."""


def grid_table(comparison: Comparison, keys: tuple[str, str], part: str = "validation", figure: str = "") -> Table:
    """`figure` of a part of the data (the one that the rows are ranked by) for each pair of values of two settings.

    The first setting is down, the second across. A cell holds the best configuration of its pair on the validation part; one
    that did not get to its end is left out.
    """
    down, across = keys
    figure = figure or comparison.ranked_by
    grouped, tried = best_by(comparison, (down, across))
    counted = [row for row in grouped.rows if tried.counts[row.runs]]
    found = {(comparison.setting(row, down), comparison.setting(row, across)): row for row in counted}
    # Values of rows without a result, too: a hole in the table says that they were tried.
    rows = [comparison.setting(row, down) for row in comparison.rows]
    columns = [comparison.setting(row, across) for row in comparison.rows]
    values_down, values_across = ordered(rows), ordered(columns)
    cells = []
    for value in values_down:
        line = [Cell(setting_text(down, value), (setting_value(down, value),))]
        for other in values_across:
            row = found.get((value, other))
            held = row.part(part).get(figure) if row is not None else None
            text = figure_text(row, held, figure) if row is not None else ""
            line.append(Cell(("★ " if row is not None and row.best else "") + (text or "–"), spread_values(held)))
        cells.append(tuple(line))
    best = [comparison.setting(row, down) for row in grouped.rows if row.best]
    several = max(tried.counts.values(), default=0) > 1
    notes = ["★ best on the validation part"] if best else []
    notes += ["mean ± std over seeds (of a sample, n - 1)"] if any(len(row.runs) > 1 for row in counted) else []
    if several:
        notes.append(f"a cell is the best on validation of up to {max(tried.counts.values())} configurations")
    notes += uncounted_note(tried)
    return Table(
        f"{heading_of(comparison)} · {part} {title_of(figure)}, {short_key(down)} ↓ × {short_key(across)} →",
        (
            Column(down, f"{short_key(down)} ↓ {short_key(across)} →", left=True),
            *(_column(across, value) for value in values_across),
        ),
        tuple(cells),
        tuple(notes),
        best=frozenset(values_down.index(value) for value in best),
        facts=(("task", comparison.task), ("data", data_text(comparison)), ("figure", figure_key(part, figure))),
    )


def _column(key: str, value: Any) -> Column:
    name = f"{key}={setting_text(key, value)}"
    return Column(name, setting_text(key, value), fields=(name, f"{name}_std", f"{name}_n"))


def ordered(values: Sequence[Any]) -> list[Any]:
    """The values, each once: numbers by size, before what is none."""

    def order(value: Any) -> tuple[bool, float, str]:
        number = number_of(value)
        return number is None, number or 0.0, str(value)

    return sorted(dict.fromkeys(values), key=order)


def offers_grid(comparison: Comparison) -> tuple[str, str] | None:
    """The two settings that such a table would show well: all that differ, several values of each, most pairs with a result."""
    if len(comparison.differing) != 2 or "train.test" in comparison.differing:
        return None  # whether runs are tested is no setting of theirs that one compares
    down, across = comparison.differing
    pairs = {
        (comparison.setting(row, down), comparison.setting(row, across)) for row in comparison.rows if row.eligible
    }
    high, wide = (len({pair[at] for pair in pairs}) for at in (0, 1))
    if min(high, wide) < 2 or min(high, wide) > MOST_ACROSS or len(pairs) < MOST_PAIRS * high * wide:
        return None
    return two_settings(comparison)


def two_settings(comparison: Comparison) -> tuple[str, str] | None:
    """The settings in which the rows differ, where they are two: the one with more values down."""
    if len(comparison.differing) != 2:
        return None
    counts = {key: len({comparison.setting(row, key) for row in comparison.rows}) for key in comparison.differing}
    down, across = sorted(comparison.differing, key=lambda key: -counts[key])
    return down, across
