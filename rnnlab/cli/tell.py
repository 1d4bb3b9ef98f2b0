"""`rnnlab tell`: steer a run that trains, as the keys of its screen do."""

from __future__ import annotations

import time
from typing import get_args

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo
from rnnlab.config import FIELDS, UsageError
from rnnlab.engines.local import run_alive
from rnnlab.runs.commands import LIVE_SETTINGS, Command, Verb
from rnnlab.runs.events import CommandApplied
from rnnlab.runs.find import find_run
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import LAST_WORDS
from rnnlab.runs.log_reader import LogCursor

_PATIENCE = 30.0
"""Seconds to wait for the run's reply: an evaluation of many rows comes first."""

_NOT_TRAINING = "{} is not training, so no command would reach it"


@click.command("tell")
@click.argument("run", shell_complete=completion.runs)
@click.argument("what", type=click.Choice(get_args(Verb)))
@click.argument("assignment", required=False, metavar="[KEY=VALUE]", shell_complete=completion.live_settings)
def command(run: str, what: Verb, assignment: str | None) -> int:
    """Steer RUN while it trains: pause, resume, stop, evaluate, save, roll back to its best weights, or set KEY=VALUE.

    The settings are optim.lr, optim.clip_norm and model.dropout. Prints the outcome, and at which update it took effect. Exit
    code 1 where the run refused.
    """
    folder = find_run(run)
    key, value = _setting(what, assignment)
    if not run_alive(folder):
        raise UsageError(_NOT_TRAINING.format(folder.name))
    log = LogCursor(folder.events_path)
    last = None
    for record in log.stream():
        last = record.data
    if isinstance(last, LAST_WORDS):  # whoever wrote that is about to let go of the log
        raise UsageError(_NOT_TRAINING.format(folder.name))
    reply = _reply(folder, log, folder.send(what, key, value))
    if reply is None:
        echo(f"{what} is queued; the run has not replied yet", err=True)
        return 1
    if reply.error:
        echo(f"rnnlab: {reply.error}", err=True)
        return 1
    text = what if what != "set" else f"{key} = {FIELDS[key].text(reply.value)}"
    if what == "rollback":
        text += f" to the weights of epoch {reply.value:g}"
    echo(f"{text}, after update {reply.step:,} (epoch {reply.epoch})")
    return 0


def _setting(what: Verb, assignment: str | None) -> tuple[str, float | None]:
    """The key and the value of a `set`, checked."""
    if what != "set":
        if assignment is not None:
            raise UsageError(f"{what} takes nothing more, but {assignment!r} was given")
        return "", None
    key, equals, text = (assignment or "").partition("=")
    if not equals or key not in LIVE_SETTINGS:
        raise UsageError(f"set needs KEY=VALUE, and KEY must be one of {', '.join(LIVE_SETTINGS)}")
    return key, FIELDS[key].parse(text)


def _reply(run: RunFolder, log: LogCursor, sent: Command) -> CommandApplied | None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for record in log.read():
            if isinstance(record.data, CommandApplied) and record.data.command_id == sent.id:
                return record.data
            if isinstance(record.data, LAST_WORDS):
                raise UsageError(f"{run.name} has ended meanwhile")
        time.sleep(0.05)
    return None
