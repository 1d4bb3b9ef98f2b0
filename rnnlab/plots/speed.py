"""What was measured of how quickly batch sizes and numbers of threads train: table, plot, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, Protocol

from rnnlab.plots.analysis import Points, scatter
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.text.lines import Lines
from rnnlab.text.numbers import count
from rnnlab.text.palette import Palette

PLOT_ROWS = 14
NEAR = 0.9
"""A batch size within this share of the best rate is quick enough."""


class Rate(Protocol):
    """Examples a second of a batch size with a number of threads."""

    @property
    def batch_size(self) -> int: ...

    @property
    def threads(self) -> int: ...

    @property
    def examples_per_second(self) -> float: ...


def recommended(rates: Sequence[Rate], threads: Mapping[int, int]) -> int:
    """The smallest batch size that is nearly as quick as the quickest."""
    at = {rate.batch_size: rate.examples_per_second for rate in rates if rate.threads == threads[rate.batch_size]}
    return min(size for size, rate in at.items() if rate >= NEAR * max(at.values()))


def rate_table(rates: Sequence[Rate]) -> list[str]:
    """A line a batch size, a column a number of threads."""
    counts = sorted({rate.threads for rate in rates})
    rows = [["batch", *(f"{number} thread{'s' if number > 1 else ''}" for number in counts)]]
    for size in sorted({rate.batch_size for rate in rates}):
        by_threads = {rate.threads: rate.examples_per_second for rate in rates if rate.batch_size == size}
        rows.append([str(size), *(count(by_threads[number]) for number in counts)])
    return _aligned(rows)


def rate_plot(rates: Sequence[Rate], width: int, palette: Palette) -> Lines:
    """Examples a second over the batch size, a marker for each number of threads."""
    series = [
        Points(
            [float(rate.batch_size) for rate in rates if rate.threads == threads],
            [rate.examples_per_second for rate in rates if rate.threads == threads],
            _threads(threads),
            role=role,
            marker=marker,
        )
        for threads, (role, marker) in zip(sorted({rate.threads for rate in rates}), cycle(STYLES), strict=False)
    ]
    size: dict[str, Any] = {"width": width, "height": PLOT_ROWS, "palette": palette}
    return scatter(series, title="examples/s", x_name="batch size", log_x=True, **size)


def advice(size: int, rates: Sequence[Rate], threads: Mapping[int, int], best: int) -> list[str]:
    """What to do about it, in sentences; `size` is the batch size that is set, `threads` the best number of each."""
    at = {(rate.batch_size, rate.threads): rate.examples_per_second for rate in rates}
    chosen = threads[size]
    others = [number for batch, number in at if batch == size and number != chosen]
    lines = []
    if others:
        other = max(others, key=lambda number: at[size, number])
        lines.append(
            f"At batch {size} train with {_threads(chosen)}: {count(at[size, chosen])} examples/s against "
            f"{count(at[size, other])} with {other}. That is remembered; --threads auto uses it."
        )
        if chosen == 1:
            lines.append("One thread leaves the other cores to other runs: --seeds trains one a core.")
    gain = at[best, threads[best]] / at[size, chosen]
    if best == size or gain < 1 / NEAR:
        lines.append(f"Batch {size} is about as quick as any that was tried.")
    else:
        lines.append(
            f"Batch {best} trains {gain:.1f} times the examples a second (--batch {best}). It learns otherwise, as an epoch "
            f"then has {'fewer' if best > size else 'more'} updates; the learning rate may have to change with it."
        )
    return lines


def _threads(number: int) -> str:
    return "one thread" if number == 1 else f"{number} threads"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The cells in columns, right-justified."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
