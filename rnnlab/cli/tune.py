"""`rnnlab tune`: which batch size and how many threads train quickest on this machine, measured now."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json, redraw
from rnnlab.cli.settings import config_from_options, setting_options
from rnnlab.cli.table import aligned
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.plots.analysis import Points, scatter
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.text.lines import Lines
from rnnlab.text.numbers import count
from rnnlab.text.palette import Palette, terminal_palette

if TYPE_CHECKING:
    from rnnlab.config import RunConfig
    from rnnlab.training.tune_threads import Rate

PLOT_WIDTH, PLOT_ROWS = 72, 14
FACTORS = (0.25, 0.5, 1, 2, 4)
"""Batch sizes tried, as parts and multiples of the one that is set."""
NEAR = 0.9
"""A batch size within this share of the best rate is quick enough."""


@click.command("tune")
@click.argument("task", required=False, shell_complete=completion.tasks)
@setting_options
@click.option(
    "--seconds",
    type=click.FloatRange(0.2, 60),
    default=1.0,
    show_default=True,
    help="Seconds to measure each batch size and number of threads for.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
@cells_option
def command(
    task: str | None,
    config_file: Path | None,
    assignments: tuple[str, ...],
    seconds: float,
    as_json: bool,
    **flags: Any,
) -> None:
    """Measure how quickly TASK trains with a few batch sizes and numbers of threads, about a second each.

    The quickest number of threads is remembered for this machine and net; runs with runtime.threads = auto use it. A batch
    size is only recommended, as another one changes what is learned.
    """
    if task is None and config_file is None:
        raise click.UsageError("Say which TASK, for example: rnnlab tune surnames (`rnnlab data list` lists them)")
    config = config_from_options(task, config_file, assignments, flags)
    os.environ["OMP_NUM_THREADS"] = str(os.cpu_count() or 1)
    from rnnlab.config.net import describe_net
    from rnnlab.runs.thread_cache import measuring, remember
    from rnnlab.tasks.load import load
    from rnnlab.training.tune_threads import measure, quickest, thread_counts

    split = load(config)
    sizes = batch_sizes(config.train.batch_size, len(split.train))
    counts = thread_counts(config)
    rates: list[Rate] = []
    with measuring():
        for rate in measure(config, split, batch_sizes=sizes, threads=counts, seconds=seconds):
            rates.append(rate)
            if sys.stderr.isatty() and not as_json:
                redraw(sys.stderr, f"{len(rates)} of {len(sizes) * len(counts)} measured")
    if sys.stderr.isatty() and not as_json:
        redraw(sys.stderr)
    threads = {size: quickest([rate for rate in rates if rate.batch_size == size]) for size in sizes}
    if len(counts) > 1:
        for size in sizes:
            each = msgspec.structs.replace(config, train=msgspec.structs.replace(config.train, batch_size=size))
            remember(each, threads[size], {r.threads: r.examples_per_second for r in rates if r.batch_size == size})
    best = recommended(rates, threads)
    load_average = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    if as_json:
        echo_json(
            {
                "task": config.task.name,
                "model": describe_net(config.model),
                "batch_size": config.train.batch_size,
                "threads": threads[config.train.batch_size],
                "recommended_batch_size": best,
                "rates": rates,
                "load": load_average,
            }
        )
        return
    busy = f" · load {load_average:.1f}" if load_average is not None else ""
    echo(f"{split.card.title} · {describe_net(config.model)} · examples/s{busy}")
    echo(*rate_table(rates))
    if len(sizes) > 1:
        width = min(report_width(console := out()), PLOT_WIDTH)
        show([[], *rate_plot(rates, width, terminal_palette())], console)
    echo("", *advice(config, rates, threads, best))


def batch_sizes(size: int, rows: int) -> list[int]:
    """The sizes around the one that is set, of which more than one batch can be made; that one always."""
    tried = {int(size * factor) for factor in FACTORS}
    return sorted({size, *(each for each in tried if 1 <= each <= rows // 2)})


def recommended(rates: Sequence[Rate], threads: dict[int, int]) -> int:
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
    return aligned(rows, ())


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


def advice(config: RunConfig, rates: Sequence[Rate], threads: dict[int, int], best: int) -> list[str]:
    """What to do about it, in sentences."""
    size = config.train.batch_size
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
