"""`rnnlab tag`: tags of a session or a run."""

from __future__ import annotations

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo
from rnnlab.cli.manage import label_of, run_or_session
from rnnlab.runs.notes import changed_tags, notes_of, tags_text, write_notes


@click.command("tag", context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="SESSION|RUN", shell_complete=completion.runs_or_sessions)
@click.argument(
    "changes", metavar="[+TAG|-TAG]...", nargs=-1, type=click.UNPROCESSED, shell_complete=completion.held_tags
)
def command(target: str, changes: tuple[str, ...]) -> None:
    """Add a tag with +TAG (or TAG) and take one away with -TAG; without any, print the tags.

    Lists show them behind a #, and the app's filter finds them.
    """
    found = run_or_session(target)
    held = notes_of(found)
    if changes:
        held = held._replace(tags=changed_tags(held.tags, changes))
        write_notes(found, held)
    echo(f"{label_of(found)}: {tags_text(held.tags) or 'no tags'}")
