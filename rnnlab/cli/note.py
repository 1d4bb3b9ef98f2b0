"""`rnnlab note`: a person's notes on a session or a run."""

from __future__ import annotations

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo
from rnnlab.cli.manage import label_of, run_or_session
from rnnlab.runs.notes import notes_of, write_notes


@click.command("note")
@click.argument("target", metavar="SESSION|RUN", shell_complete=completion.runs_or_sessions)
@click.argument("words", metavar="[TEXT]", nargs=-1)
@click.option("--append", is_flag=True, help="Add TEXT as a line to what is there.")
def command(target: str, words: tuple[str, ...], append: bool) -> None:
    """Write TEXT as the notes of a session or a run; without TEXT, print them. An empty TEXT, '', clears them.

    The app shows them under the row, and e edits them there; a report has them too.
    """
    found = run_or_session(target)
    held = notes_of(found)
    if not words:
        echo(*(held.text.splitlines() or [f"{label_of(found)} has no notes"]))
        return
    text = " ".join(words)
    if append and held.text:
        text = f"{held.text.rstrip()}\n{text}"
    write_notes(found, held._replace(text=text))
    echo(f"notes {'saved' if text else 'cleared'}: {label_of(found)}")
