"""`rnnlab compare`: the runs of a session in a table: what was set otherwise, and what came of it."""

from __future__ import annotations

from typing import Any

import click

from rnnlab.cli import completion
from rnnlab.cli.comparison_table import comparison_table
from rnnlab.cli.echo import echo, echo_json, line_width
from rnnlab.cli.sessions import read_runs
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.config import FIELDS, ConfigError, UsageError
from rnnlab.config.selection import SELECTIONS
from rnnlab.plots.run.figures import is_share, wants_log
from rnnlab.plots.run.over import chart_over, numeric_keys
from rnnlab.plots.run.overlay import STYLES, overlay_plot
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.confusion_figures import with_figures
from rnnlab.runs.find import find_session
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.text.palette import terminal_palette

PLOT_ROWS = 18


@click.command("compare")
@click.argument("session", default="latest", shell_complete=completion.sessions_or_latest)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, alone.")
@click.option("--plot", "plotted", is_flag=True, help="Draw up to eight runs of a table on the same axes, too.")
@click.option(
    "--over",
    default="",
    metavar="KEY[,KEY]",
    help="A setting in which the runs differ, or two: draw the validation figure over them.",
    shell_complete=completion.setting_keys,
)
@click.option(
    "--show",
    "shown",
    default="",
    metavar="FIGURES",
    help=f"Figures to show beside the metric, with commas between them: {', '.join(SELECTIONS[1:])}.",
)
def command(session: str, as_json: bool, plotted: bool, over: str, shown: str) -> None:
    """The runs of SESSION (a name, a folder, or `latest`) in a table.

    A column for each setting in which they differ. Runs that differ in their seed or fold only are one row: mean ± standard
    deviation (of a sample, n - 1) over those that were completed. ★ marks the best on the validation part, which is the part to
    choose by: by the first figure of --show, where all runs have it, else by the one that chose their best epochs; of equal
    figures the lower loss decides. A run that diverged is never the best. Runs that were evaluated on other data (another task,
    split, or other files) have a table and a ★ of their own.

    --plot also draws the validation figure over the setting in which the runs differ, where that is one and a number. --over
    names others: points with their standard deviation over a number, boxes over anything else, a heat map over two.
    """
    figures, keys = _figures(shown), _keys(over)
    if as_json and keys:
        raise UsageError("--json prints figures alone, so --over has no effect with it; leave one of them out")
    found = find_session(session)
    comparisons = compare([with_figures(run, figures) for run in read_runs(found)], is_share, *figures[:1])
    if as_json:
        echo_json({"session": str(found.path), "tasks": comparisons})
        return
    if keys and not any(set(keys) <= set(comparison.differing) for comparison in comparisons):
        differing = ", ".join(dict.fromkeys(key for comparison in comparisons for key in comparison.differing))
        raise ConfigError(
            "--over", over, f"settings in which the runs of one table differ: {differing or 'there are none'}"
        )
    if not comparisons:
        echo(f"{found.name} holds no run that can be read yet")
    for index, comparison in enumerate(comparisons):
        table = comparison_table(comparison, figures, line_width())
        echo(*[""] * (index > 0), *table, width=line_width())
        if plotted:
            _show_plots(found, comparison)
        if keys or plotted:
            _show_over(comparison, keys)


def _figures(text: str) -> tuple[str, ...]:
    """The figures that are to be shown. Raises `ConfigError`."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not set(names) <= set(SELECTIONS):
        raise ConfigError("--show", text, f"one or more of {', '.join(SELECTIONS)}, with commas between them")
    return names


def _keys(text: str) -> tuple[str, ...]:
    """The settings to draw over. Raises `ConfigError`."""
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if len(set(keys)) != len(keys) or len(keys) > 2 or not set(keys) <= set(FIELDS):
        raise ConfigError("--over", text, "one setting or two, such as optim.lr or optim.lr,model.hidden")
    return keys


def _show_over(comparison: Comparison, keys: tuple[str, ...]) -> None:
    """The figure ranked by over the settings, where the table's rows differ in them; without any, over the one number."""
    if not keys:
        keys = tuple(numeric_keys(comparison)) if len(comparison.differing) == 1 else ()
    if not keys or not set(keys) <= set(comparison.differing):
        return
    console = out()
    size: dict[str, Any] = {"width": report_width(console), "height": PLOT_ROWS, "palette": terminal_palette()}
    show([[], *chart_over(comparison, keys, **size)], console)


def _show_plots(session: Session, comparison: Comparison) -> None:
    """The loss of the table's runs on the same axes, then their metric."""
    names = [name for row in comparison.rows for name in row.runs][: len(STYLES)]
    runs = [(name, read_state(RunFolder(session.runs_path / name).events_path)[0]) for name in names]
    console, palette = out(), terminal_palette()
    for figure in ("loss", comparison.metric):
        log_y = figure == "loss" and any(wants_log(state) for _, state in runs)
        width = report_width(console)
        show([[], *overlay_plot(runs, figure, width=width, height=PLOT_ROWS, palette=palette, log_y=log_y)], console)
