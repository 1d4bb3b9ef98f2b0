"""`rnnlab lr-range`: a run that tries ever larger learning rates, and the rate that its loss suggests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.settings import config_from_options, setting_options
from rnnlab.cli.train import start_runner, watch
from rnnlab.config import UsageError
from rnnlab.engines.startable import check_startable
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.lr_range import RangeTest
from rnnlab.runs.state import RunState
from rnnlab.tasks.with_data import with_its_data

PLOT_HEIGHT = 16


@click.command("lr-range")
@click.argument("task", shell_complete=completion.tasks)
@setting_options
@click.option(
    "--session",
    "session_name",
    metavar="NAME",
    help="The session to put the run in; default: today's.",
    shell_complete=completion.sessions,
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print rates, losses and the rate suggested as JSON, and nothing else, on stdout.",
)
@cells_option
def command(
    task: str,
    config_file: Path | None,
    assignments: tuple[str, ...],
    session_name: str | None,
    as_json: bool,
    **flags: Any,
) -> int:
    """Train TASK for one pass (100 to 400 updates) with a rate that grows from optim.lr_from to optim.lr_to, and suggest one.

    It is a run like any other, with optim.schedule=range: its curve is in its log. Its weights are not kept.
    """
    _refuse_schedule(flags.get("optim__schedule"), assignments)
    flags["optim__schedule"] = "range"
    config = with_its_data(config_from_options(task, config_file, assignments, flags))
    session = create_session(session_name, config.task.name)
    check_startable(session)
    run = session.create_run(config)
    start_runner(session)
    return watch(run, as_json, document=_document, draw=_draw)


def _refuse_schedule(flag: str | None, assignments: tuple[str, ...]) -> None:
    """Raises `UsageError` where another schedule is asked for, which would be without effect."""
    given = [flag] if flag is not None else []
    given += [
        text.partition("=")[2].strip() for text in assignments if text.partition("=")[0].strip() == "optim.schedule"
    ]
    if other := next((schedule for schedule in given if schedule != "range"), None):
        raise UsageError(f"lr-range sets optim.schedule to range itself; leave out {other}, or use rnnlab train")


def _document(run: RunFolder, state: RunState) -> dict[str, Any]:
    """The test as JSON."""
    rates, losses = state.curve("lr/tried").mean, state.curve("loss/tried").mean
    test = RangeTest()
    test.add(rates, losses)
    advice = test.advice()
    return {
        "run": str(run.path),
        "session": str(run.session.path),
        "status": state.status,
        "suggested": advice.suggested if advice else None,
        "steepest": advice.steepest if advice else None,
        "lowest": advice.lowest if advice else None,
        "words": test.text(),
        "rates": rates,
        "losses": losses,
    }


def _draw(state: RunState) -> None:
    # Not at the top: the plots are needed at the end alone.
    from rnnlab.cli.terminal import out, report_width, show
    from rnnlab.plots.run.figures import is_range_test, rates_plot
    from rnnlab.text.palette import terminal_palette

    if is_range_test(state):
        console = out()
        width = report_width(console)
        show(rates_plot(state, width=width, height=PLOT_HEIGHT, palette=terminal_palette()), console)
