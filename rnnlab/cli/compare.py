"""`rnnlab compare`: the runs of a session in a table: what was set otherwise, and what came of it."""

from __future__ import annotations

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json, line_width
from rnnlab.cli.sessions import read_runs
from rnnlab.cli.table import aligned
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.config import FIELDS
from rnnlab.plots.figure_table import short_title
from rnnlab.plots.figures import LEAKING, is_share, wants_log
from rnnlab.plots.numbers import count, duration
from rnnlab.plots.overlay import LOOKS, overlay_plot
from rnnlab.plots.palette import terminal_palette
from rnnlab.plots.spread import spread_words
from rnnlab.runs.comparison import EACH, Compared, Comparison, compare
from rnnlab.runs.folders import RunFolder, Session, find_session
from rnnlab.runs.log import read_state

_SAID = ("model.name", "model.hidden", "model.layers", "model.bidirectional")
"""What the column `model` says already."""
PLOT_ROWS = 18


@click.command("compare")
@click.argument("session", default="latest", shell_complete=completion.sessions_or_latest)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, alone.")
@click.option("--plot", "plotted", is_flag=True, help="Draw up to eight runs of a task on the same axes, too.")
def command(session: str, as_json: bool, plotted: bool) -> None:
    """The runs of SESSION (a name, a folder, or `latest`) in a table.

    A column for each setting in which they differ. Runs that differ in their seed only are one row: mean ± standard deviation
    (of a sample, n - 1) over those that got to their end. ★ marks the best of a task on the validation part, which is the
    part to choose by.
    """
    found = find_session(session)
    told = compare(read_runs(found), is_share)
    if as_json:
        echo_json({"session": str(found.path), "tasks": told})
        return
    if not told:
        echo(f"{found.name} holds no run that can be read yet")
    for place, comparison in enumerate(told):
        echo(*[""] * (place > 0), *comparison_table(comparison), width=line_width())
        if plotted:
            _show_plots(found, comparison)


def _show_plots(session: Session, told: Comparison) -> None:
    """The loss of the task's runs on the same axes, then their metric."""
    names = [name for row in told.rows for name in row.runs][: len(LOOKS)]
    runs = [(name, read_state(RunFolder(session.runs_path / name).events_path)[0]) for name in names]
    console, palette = out(), terminal_palette()
    for figure in ("loss", told.metric):
        log_y = figure == "loss" and any(wants_log(state) for _, state in runs)
        width = report_width(console)
        show([[], *overlay_plot(runs, figure, width=width, height=PLOT_ROWS, palette=palette, log_y=log_y)], console)


def comparison_table(told: Comparison) -> list[str]:
    """The task, a line a row below the names of the columns, and what the marks mean."""
    keys = [key for key in told.differing if key not in _SAID]
    texts = ["", "run", "model", *map(_short, keys), "status"]
    rows = [[*texts, *(f"{part} {short_title(told.metric)}" for part in ("validation", "test")), "weights", "time"]]
    for row in told.rows:
        rows.append(
            [
                "★" if row.best else "",
                _name(row),
                row.model,
                *(_setting(key, row.settings[key]) for key in keys),
                row.status,
                _figure(row, "validation"),
                _figure(row, "test"),
                count(row.parameters) if row.parameters else "",
                duration(row.seconds) if row.seconds else "",
            ]
        )
    notes = ["★ best on the validation part"]
    if any(len(row.runs) > 1 for row in told.rows):
        notes.append("× n: mean ± std over n seeds (of a sample, n - 1)")
    if "data.seed" in told.differing:
        notes.append("rows of other splits were tested on other rows")
    if any(row.leaks for row in told.rows):
        notes.append(f"{LEAKING}: its figures are not to be trusted")
    return [told.task, *aligned(rows, range(len(texts))), "; ".join(notes)]


def _name(row: Compared) -> str:
    return row.runs[0] + (f" × {len(row.runs)}" if len(row.runs) > 1 else "")


def _short(key: str) -> str:
    """A key's last word, where no other key ends with it."""
    if key == "data.seed":
        return "split seed"
    name = FIELDS[key].name
    return name if sum(field.name == name for field in FIELDS.values()) == 1 else key


def _setting(key: str, value: object) -> str:
    return EACH if value == EACH else FIELDS[key].text(value)


def _figure(row: Compared, part: str) -> str:
    told = (row.validation if part == "validation" else row.test).get(row.metric)
    if told is None:
        return ""
    return ("⚠ " if row.leaks else "") + spread_words(told, row.metric)
