"""The question before a command trains what a folder from elsewhere holds."""

from __future__ import annotations

import contextlib
import sys

import click

from rnnlab.cli.echo import echo
from rnnlab.config.net import describe_net
from rnnlab.engines.resume import allow, is_ours
from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.liveness import config_to_train, standing
from rnnlab.text.sanitise import plain

yes_option = click.option(
    "--yes", is_flag=True, help="Train it though it was queued elsewhere, by somebody else, or by an older rnnlab."
)


def ask_to_train(run: RunFolder, yes: bool) -> None:
    """Ask, once, whether a run that this person did not queue on this machine shall be trained; `yes`: they agreed already.

    Raises `UsageError` where there is no terminal to ask in, or its log cannot be read, `click.Abort` where the answer is no.
    """
    if problem := standing(run).problem:
        raise UsageError(problem)
    if is_ours(run):
        return
    if not yes:
        _ask(run)
    with contextlib.suppress(UsageError):  # in a folder that cannot be written it is asked again
        allow(run)


def _ask(run: RunFolder) -> None:
    config = config_to_train(run, standing(run).last)
    what = f"{describe_net(config.model)} on {config.task.name} for {config.train.epochs} epochs"
    if config.data.path:
        what += f", with the data in {config.data.path}"
    sentence = plain(
        f"{run.name} was not queued by you on this machine with the settings it has: it would train {what}"
    )
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{sentence}; if that is what you want, say so with --yes")
    echo(f"{sentence}.", err=True)
    if not click.confirm("Train it here?", default=False, err=True):
        raise click.Abort
