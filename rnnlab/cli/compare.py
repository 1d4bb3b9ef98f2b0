"""`rnnlab compare`: the runs of a session in a table: what was set otherwise, what came of it; on the screen or to hand in."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json, line_width
from rnnlab.cli.recipe_lines import published_document, published_lines
from rnnlab.cli.sessions import read_runs
from rnnlab.cli.table_output import FORMATS, format_for, write_tables
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.config import FIELDS, ConfigError, UsageError
from rnnlab.config.objectives import SELECTIONS
from rnnlab.plots.comparison.columns import class_figures_in, named_rows, short_key
from rnnlab.plots.comparison.grid import offers_grid
from rnnlab.plots.comparison.over import chart_over, numeric_keys
from rnnlab.plots.comparison.overlay import overlay_plot
from rnnlab.plots.comparison.where import Where, narrowed, parse_where
from rnnlab.plots.drawing.chart import chart_lines
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.extra_tests import EXTRA_KINDS, rows_chart
from rnnlab.plots.run.figures import is_share, wants_log
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.confusion_figures import with_figures
from rnnlab.runs.find import find_session
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.state import RunState
from rnnlab.sweeps.results import Conclusions, Statistics
from rnnlab.text.palette import terminal_palette
from rnnlab.text.sections import paragraph
from rnnlab.text.table import Table
from rnnlab.text.table_lines import table_lines

PLOT_ROWS = 18


@click.command("compare")
@click.argument("session", default="latest", shell_complete=completion.sessions_or_latest)
@click.option(
    "--by",
    default="",
    metavar="KEY[,KEY]",
    help="One row for each value of a setting, or pair of values of two: the best configuration of each.",
    shell_complete=completion.setting_keys,
)
@click.option(
    "--grid", is_flag=True, help="Two settings as a table: one down, the other across, the figure in its cells."
)
@click.option(
    "--where",
    default="",
    metavar="TERMS",
    help="Only rows that meet all of these: settings, figures and texts, such as 'hidden=256 acc>.8 status~done'.",
)
@click.option("--against", default="", metavar="RUN", help="A run: how far the others are from its row.")
@click.option(
    "--columns",
    default="",
    metavar="NAMES",
    help="Further columns, with commas between them, such as test.loss,best_epoch,optim.lr; -NAME leaves one out.",
    shell_complete=completion.setting_keys,
)
@click.option(
    "--show",
    "shown",
    default="",
    metavar="FIGURES",
    help=f"Figures to show beside the metric, with commas between them: {', '.join(SELECTIONS[1:])}.",
)
@click.option(
    "--to", "target", type=click.Choice(list(FORMATS)), help="Write Markdown, CSV or LaTeX (booktabs) instead."
)
@click.option("-o", "file", metavar="FILE", help="Write to a file; its ending says the format: .md, .csv, .tex.")
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
    "--statistics",
    type=click.Choice(get_args(Statistics)),
    default="auto",
    help="Intervals, differences and conclusions on a part of the data. auto: on validation, where there are several seeds; "
    "on test, where the best of a search were confirmed.",
)
def command(session: str, target: str | None, file: str | None, **given: Any) -> None:
    """The runs of SESSION (a name, a folder, or `latest`) in a table.

    A column for each setting in which they differ. Runs that differ in their seed or fold only are one row: mean ± standard
    deviation (of a sample, n - 1) over those that were completed. ★ marks the best on the validation part, which is the part to
    choose by: by the first figure of --show, where all runs have it, else by the one that chose their best epochs; of equal
    figures the lower loss decides. A run that diverged is never the best. Runs that were evaluated on other data (another task,
    split, or other files) have a table and a ★ of their own.

    --columns knows figures of a part of the data (training.loss, validation.accuracy, test.macro_f1), parameters, seconds,
    examples_per_second, best_epoch, seeds, and every setting by its key; of further tests (other lengths, first steps alone)
    extra.rmse for all, or "200 steps.rmse" for one. --by says of how many configurations each row is the
    best. --grid takes the two settings of --by, or the two in which the runs differ; --columns then names the one figure to show.

    --where takes terms parted by blanks: a column, one of = != < <= > >= ~ (holds the text), and a value or several parted by |;
    or a text alone. A figure without a part is that of the validation part (test.acc>.8 names another), of repeats the mean; a
    name may be cut short where one column begins so. What is left is compared as if there were no other runs.

    Intervals are of 95 %: of the mean over seeds on this split, and of differences to the best row, or to that of --against. The
    sentences below say what follows, and what the figures are about.

    Below the table of a recipe's session stand the figures that were published.

    --plot also draws the validation figure over the setting in which the runs differ, where that is one and a number. --over
    names others: points with their standard deviation over a number, boxes over anything else, a heat map over two.
    """
    asked = Asked(**given)
    target = format_for(target, file)
    _refuse_combinations(asked, target)
    figures, over, by = _figures(asked.shown), _keys("--over", asked.over), _keys("--by", asked.by)
    found = find_session(session)
    wanted = (*figures, *class_figures_in(asked.columns))
    comparisons, note = _comparisons(found, asked.where, wanted, figures)
    # NumPy, which errors of usage need not wait for
    from rnnlab.sweeps.conclude.statistics_for import statistics_for
    from rnnlab.sweeps.conclude.tables import Shown, tables_of

    named = _run_called(found, asked.against, comparisons) if asked.against else ""
    conclusions = statistics_for(comparisons, found, asked.statistics, named)
    if asked.as_json:
        document = {"session": str(found.path), "tasks": comparisons, "conclusions": conclusions}
        document |= {"where": note} if note else {}
        echo_json(document | published_document(found))
        return
    _check_differing("--over", over, comparisons)
    _check_differing("--by", by, comparisons)
    shown = Shown(figures=figures, columns=asked.columns, by=by, grid=asked.grid, against=(named,) * len(comparisons))
    tables = tables_of(comparisons, conclusions, shown) if comparisons else []
    tables = [replace(table, notes=(*table.notes, f"where {note}")) for table in tables] if note else tables
    if not tables and target is not None:
        raise UsageError(f"{found.name} holds no run that can be read yet, so there is no table to write")
    if target is not None:
        write_tables(tables, target, file)
        return
    if not tables:
        echo(f"{found.name} holds no run that can be read yet")
    _print(found, session, asked, tables, comparisons, conclusions)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options as they were given."""

    by: str
    grid: bool
    where: str
    against: str
    columns: str
    shown: str
    as_json: bool
    plotted: bool
    over: str
    statistics: Statistics


def _comparisons(
    session: Session, where: str, wanted: Sequence[str], figures: Sequence[str]
) -> tuple[list[Comparison], str]:
    """The session's runs compared, those alone that meet `where`; and which those are. Raises `UsageError`."""
    runs = [with_figures(run, wanted) for run in read_runs(session)]
    comparisons = compare(runs, is_share, *figures[:1])
    terms = parse_where(where, comparisons) if where.strip() and comparisons else Where()
    if not terms.terms:
        return comparisons, ""
    kept, note = narrowed(runs, comparisons, terms)
    if not kept:
        raise UsageError(f"no row of {session.name} meets --where {where!r} ({note})")
    return compare(kept, is_share, *figures[:1]), note


def _print(
    found: Session,
    session: str,
    asked: Asked,
    tables: Sequence[Table],
    comparisons: Sequence[Comparison],
    conclusions: Sequence[Conclusions | None],
) -> None:
    """Print the tables, what follows from them, and what was asked to be drawn."""
    over, by = _keys("--over", asked.over), _keys("--by", asked.by)
    console, palette = out(), terminal_palette()
    for index, (comparison, table) in enumerate(zip(comparisons, tables, strict=True)):
        show([*[[]] * (index > 0), *table_lines(table, palette, line_width())], console)
        if not by and not asked.grid:
            _show_concluded(session, comparison, conclusions[index])
        if asked.plotted:
            _show_plots(found, comparison)
        if over or asked.plotted:
            _show_over(comparison, over)
    if not by and not asked.grid and (published := published_lines(found, palette, line_width())):
        show(published, console)


def _refuse_combinations(asked: Asked, target: str | None) -> None:
    """Raises `UsageError` where one option has no effect beside another."""
    given = {
        "--by": asked.by,
        "--grid": asked.grid,
        "--against": asked.against,
        "--columns": asked.columns,
        "--over": asked.over,
        "--plot": asked.plotted,
        "--to": target,
    }
    if asked.as_json and (without := [name for name in given if given[name] and name != "--plot"]):
        verb = "have" if len(without) > 1 else "has"
        raise UsageError(
            f"--json prints figures alone, so {' and '.join(without)} {verb} no effect with it; leave one of them out"
        )
    if target and (drawn := [name for name in ("--plot", "--over") if given[name]]):
        raise UsageError(
            f"{' and '.join(drawn)} draws in a terminal, and --to {target} writes a table; leave one of them out"
        )


def _run_called(session: Session, text: str, comparisons: Sequence[Comparison]) -> str:
    """The name of the session's run that `text` names by its name, number or path. Raises `UsageError`."""
    rows = {name: row for comparison in comparisons for row in comparison.rows for name in row.runs}
    wanted = Path(text).name
    number = re.compile(rf"0*{re.escape(wanted.lstrip('0') or '0')}-.*")
    matches = [name for name in rows if name == wanted] or [name for name in rows if number.fullmatch(name)]
    if len(matches) > 1:
        raise UsageError(
            f"--against {text!r} names {len(matches)} runs ({', '.join(matches[:5])}); give the whole name"
        )
    if not matches:
        raise UsageError(f"--against {text!r} is no run of a row of {session.name}; rnnlab compare lists them")
    if not rows[matches[0]].validation and not rows[matches[0]].test:
        raise UsageError(f"--against {text!r} has no figures of its end yet; choose a run that was completed")
    return matches[0]


def _figures(text: str) -> tuple[str, ...]:
    """The figures that are to be shown. Raises `ConfigError`."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not set(names) <= set(SELECTIONS):
        raise ConfigError("--show", text, f"one or more of {', '.join(SELECTIONS)}, with commas between them")
    return names


def _keys(option: str, text: str) -> tuple[str, ...]:
    """The settings that the option names. Raises `ConfigError`."""
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if len(set(keys)) != len(keys) or len(keys) > 2 or not set(keys) <= set(FIELDS):
        raise ConfigError(option, text, "one setting or two, such as optim.lr or optim.lr,model.hidden")
    return keys


def _check_differing(option: str, keys: tuple[str, ...], comparisons: Sequence[Comparison]) -> None:
    """Raises `ConfigError` where the runs of no table differ in the settings."""
    if keys and not any(set(keys) <= set(comparison.differing) for comparison in comparisons):
        differing = ", ".join(dict.fromkeys(key for comparison in comparisons for key in comparison.differing))
        text = ",".join(keys)
        raise ConfigError(
            option, text, f"settings in which the runs of one table differ: {differing or 'there are none'}"
        )


def _show_concluded(session: str, comparison: Comparison, concluded: Conclusions | None) -> None:
    """That two settings may be shown as a grid, where that is so, and what follows from the table."""
    if (pair := offers_grid(comparison)) is not None:
        across = " × ".join(map(short_key, pair))
        echo(f"{across} as a table: rnnlab compare {shlex.quote(session)} --grid", width=line_width())
    if concluded is not None:
        console = out()
        style, width = terminal_palette().style("text"), report_width(console)
        show([[], *(line for each in concluded.sentences for line in paragraph(each, width, style))], console)


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
    """The loss of the table's runs on the same axes, their metric, and that over length and first steps, where tested so."""

    @cache
    def state_of(name: str) -> RunState:
        return read_state(RunFolder(session.runs_path / name).events_path)[0]

    names = [name for row in comparison.rows for name in row.runs][: len(STYLES)]
    runs = [(name, state_of(name)) for name in names]
    console, palette = out(), terminal_palette()
    for figure in ("loss", comparison.metric):
        log_y = figure == "loss" and any(wants_log(state) for _, state in runs)
        width = report_width(console)
        show([[], *overlay_plot(runs, figure, width=width, height=PLOT_ROWS, palette=palette, log_y=log_y)], console)
    tested = named_rows(comparison, [row for row in comparison.rows if row.extra][: len(STYLES)])
    rows = [(name, row, state_of(row.runs[0])) for name, row in tested.items()]
    for kind in EXTRA_KINDS:
        if (chart := rows_chart(rows, kind)) is not None:
            lines = chart_lines(chart, width=report_width(console), height=PLOT_ROWS, palette=palette)
            show([[], *lines], console)
