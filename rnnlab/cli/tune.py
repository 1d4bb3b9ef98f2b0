"""`rnnlab tune`: which batch size and how many threads train quickest on this machine, measured now."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json, redraw
from rnnlab.cli.settings import config_from_options, setting_options
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.plots.speed import advice, rate_plot, rate_table, recommended
from rnnlab.text.palette import terminal_palette

if TYPE_CHECKING:
    from rnnlab.training.tune_threads import Rate

PLOT_WIDTH = 72
FACTORS = (0.25, 0.5, 1, 2, 4)
"""Batch sizes tried, as parts and multiples of the one that is set."""


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
    sentences = advice(config.train.batch_size, rates, threads, best)
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
                "advice": sentences,
                "load": load_average,
            }
        )
        return
    busy = f" · load {load_average:.1f}" if load_average is not None else ""
    echo(f"{split.card.title} · {describe_net(config.model)} · examples/s{busy}", *rate_table(rates))
    if len(sizes) > 1:
        show([[], *rate_plot(rates, min(report_width(out()), PLOT_WIDTH), terminal_palette())], out())
    echo("", *sentences)


def batch_sizes(size: int, rows: int) -> list[int]:
    """The sizes around the one that is set, of which more than one batch can be made; that one always."""
    tried = {int(size * factor) for factor in FACTORS}
    return sorted({size, *(each for each in tried if 1 <= each <= rows // 2)})
