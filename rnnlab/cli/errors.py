"""`rnnlab errors`: what the best weights of a run predict wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.config.setting import Field, Setting
from rnnlab.engines.resume import is_ours
from rnnlab.errors import UsageError
from rnnlab.plots.predictions.example_csv import examples_csv
from rnnlab.runs.demo import find_recorded
from rnnlab.runs.event_numbers import number
from rnnlab.text.palette import terminal_palette

if TYPE_CHECKING:
    from rnnlab.runs.error_report import ErrorReport

_WORST = Field("--worst", "int", 20, Setting("Rows to show, the worst first.", ge=0, le=1_000_000))
_FOREIGN = (
    "the inputs are not shown, as the run was not queued by you on this machine, so the data it names are not loaded; "
    "--yes loads them"
)


@click.command("errors")
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@click.option(
    "--split",
    "subset",
    type=click.Choice(["validation", "test"]),
    help="The part to show; without it test, or validation where the run was not tested.",
)
@click.option("--true", "true", default="", metavar="CLASS", help="Only errors on rows, or steps, of this class.")
@click.option(
    "--predicted",
    default="",
    metavar="CLASS",
    help="Only errors where this class was predicted; the class of --true lists its right rows.",
)
@click.option("--worst", metavar="INT", default=str(_WORST.default), show_default=True, help=_WORST.setting.help)
@click.option("--csv", "as_csv", is_flag=True, help="Print the worst rows as CSV, alone.")
@click.option("--json", "as_json", is_flag=True, help="Print all as JSON, alone.")
@click.option(
    "--yes", is_flag=True, help="Load the data of a run that was queued elsewhere or by somebody else, for its inputs."
)
def command(
    run: str,
    subset: Literal["validation", "test"] | None,
    true: str,
    predicted: str,
    worst: str,
    as_csv: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """Errors of the best weights of RUN: counts, confusions, calibration, and the worst rows with their inputs.

    RUN is a run's folder, SESSION/RUN, a number in the latest session, or latest. The worst rows are those predicted wrong with
    the highest probability; of numbers those with the largest absolute error; where each step has a class those with the fewest
    right steps. The row is its index in the task's data set, the same in all runs on equal data. The expected calibration error
    is over ten bins.
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json are two ways to print the same; leave one of them out")
    shown = int(_WORST.parse(worst))
    folder = find_recorded(run)
    from rnnlab.predictions.errors import error_report, kept_subset

    report = error_report(
        folder,
        kept_subset(folder, subset),
        true=true,
        predicted=predicted,
        worst=shown,
        not_loaded="" if yes or is_ours(folder) else _FOREIGN,
    )
    if as_json:
        echo_json({"path": str(folder.path)} | _as_json(report))
    elif as_csv:
        for note in report.notes:
            echo(f"⚠ {note}", err=True)
        echo(*examples_csv(report).splitlines())
    else:
        from rnnlab.plots.run.errors import errors_lines

        console = out()
        show(errors_lines(report, report_width(console), terminal_palette()), console)


def _as_json(report: ErrorReport) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(report)
    document["score"] = number(report.score)
    for row in document["worst"]:
        row["score"] = number(row["score"])
    return document
