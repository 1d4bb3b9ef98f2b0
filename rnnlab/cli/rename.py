"""`rnnlab rename`: another name for a session or a run."""

from __future__ import annotations

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo
from rnnlab.cli.manage import label_of, run_or_session
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.rename import rename_run, rename_session


@click.command("rename")
@click.argument("target", metavar="SESSION|RUN", shell_complete=completion.runs_or_sessions)
@click.argument("name", metavar="NEW")
def command(target: str, name: str) -> None:
    """Call a session or a run NEW. A run keeps its number: 003-lstm-128 becomes 003-NEW.

    What is being trained is not renamed.
    """
    found = run_or_session(target)
    before = label_of(found)
    renamed = rename_run(found, name) if isinstance(found, RunFolder) else rename_session(found, name)
    echo(f"{before} is now {label_of(renamed)}")
