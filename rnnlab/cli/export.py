"""`rnnlab export`: a run's figures and its net, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json
from rnnlab.errors import UsageError
from rnnlab.paths import user_path
from rnnlab.runs.demo import find_recorded
from rnnlab.text.numbers import bytes_text

_FORMATS = ("csv", "onnx", "torch", "tensorboard")
_TABLES = ("evaluations", "updates", "classes", "predictions")


@click.command("export")
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@click.option("--to", "wanted", type=click.Choice(_FORMATS), required=True, help="The format.")
@click.option("-o", "output", metavar="PATH", help="Where to: a folder; a file for onnx, and for csv with --table.")
@click.option(
    "--checkpoint",
    type=click.Choice(["best", "last"]),
    default="best",
    show_default=True,
    help="Which weights, for onnx and torch.",
)
@click.option("--table", type=click.Choice(_TABLES), help="This table alone, for csv.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON, alone.")
@cells_option
def command(
    run: str, wanted: str, output: str | None, checkpoint: str, table: str | None, force: bool, as_json: bool
) -> None:
    """Export RUN: its figures as CSV or for TensorBoard, its net as ONNX or as a Python file that needs PyTorch alone.

    RUN is a run's folder, SESSION/RUN, a number in the latest session, or latest. Without -o it is written here: to RUN-csv/,
    RUN.onnx, RUN-torch/ or RUN-tensorboard/.
    """
    if table and wanted != "csv":
        raise UsageError(f"--table chooses a table of --to csv; --to {wanted} has none")
    if checkpoint != "best" and wanted in ("csv", "tensorboard"):
        raise UsageError(f"--checkpoint chooses weights, and --to {wanted} has none; leave it out")
    folder = find_recorded(run)
    from rnnlab.export.export_run import Checkpoint, Format, exported, write_export

    single = wanted == "onnx" or bool(table)
    made = exported(folder, cast("Format", wanted), cast("Checkpoint", checkpoint), table or "")
    (first, *_) = made.files
    usual = f"{folder.name}-{first}" if table else first if single else f"{folder.name}-{wanted}"
    target = user_path(output) if output else Path(usual)
    if single and target.is_dir():
        target /= usual
    paths = write_export(target, made, single=single, replace=force)
    if as_json:
        document = {"run": str(folder.path), "format": wanted, "files": [str(path) for path in paths]}
        echo_json(document | ({"difference": made.difference} if wanted == "onnx" else {}))
        return
    for path, data in zip(paths, made.files.values(), strict=True):
        echo(f"{path}  {bytes_text(len(data))}")
    echo(*made.notes)
