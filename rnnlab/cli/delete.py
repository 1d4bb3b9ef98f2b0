"""`rnnlab delete`: sessions and runs to the trash, and back."""

from __future__ import annotations

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo
from rnnlab.cli.manage import label_of, run_or_session
from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.trash import PATIENCE, check_idle, discard_run, discard_session, last_discarded, new_batch, restore


@click.command("delete")
@click.argument("targets", nargs=-1, metavar="[SESSION|RUN]...", shell_complete=completion.runs_or_sessions)
@click.option("--undo", is_flag=True, help="Bring back what was deleted last, here or in the app.")
def command(targets: tuple[str, ...], undo: bool) -> None:
    """Move sessions and runs to the folder .trash beside the sessions; --undo brings the last ones back.

    What is being trained is not deleted. To have their disk space, delete that folder by hand.
    """
    if undo == bool(targets):
        raise UsageError("say which sessions or runs to delete, or --undo to bring the last ones back")
    if undo:
        _undo()
        return
    found = {str(each.path.absolute()): each for each in map(run_or_session, targets)}
    for each in found.values():  # all or none
        check_idle(each, "delete it" if isinstance(each, RunFolder) else "delete the session", PATIENCE)
    batch = new_batch()
    noted = True
    # Runs first: those of a session that goes, too, would be gone.
    for each in sorted(found.values(), key=lambda each: not isinstance(each, RunFolder)):
        label = label_of(each)
        gone = discard_run(each, batch) if isinstance(each, RunFolder) else discard_session(each, batch)
        noted &= gone.noted
        remedy = "" if gone.noted else "; where it was could not be noted: to have it back, move it by hand"
        echo(f"{label} is in {gone.now}{remedy}")
    if noted and last_discarded():  # what lay outside of the folder of sessions has a trash of its own
        echo(f"rnnlab delete --undo brings {'it' if len(found) == 1 else 'them'} back")


def _undo() -> None:
    gone = last_discarded()
    if not gone:
        raise UsageError("there is nothing in the trash that says where it was; move it back by hand")
    for each in reversed(gone):  # sessions before the runs that were in them
        restore(each)
        echo(f"restored {each.was}")
