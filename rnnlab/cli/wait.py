"""`rnnlab wait`: return when a session's runs have ended."""

from __future__ import annotations

import shlex
import time

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json
from rnnlab.engines.local import runner_alive
from rnnlab.errors import UsageError
from rnnlab.runs.find import find_session
from rnnlab.runs.state import ENDED
from rnnlab.runs.summaries import Summaries
from rnnlab.sweeps.processes.controller import controller_alive

_EVERY = 0.5
"""Seconds between two polls."""
_NOBODY = 10.0
"""Seconds without anybody who carries the session out, after which nothing is waited for any more."""


@click.command("wait")
@click.argument("session", default="latest", metavar="[SESSION]", shell_complete=completion.sessions_or_latest)
@click.option(
    "--timeout", type=click.FloatRange(0), metavar="SECONDS", help="Return after so many seconds at the latest."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print how many runs ended how as JSON, and nothing else, on stdout."
)
def command(session: str, timeout: float | None, as_json: bool) -> int:
    """Wait until all runs of SESSION (a name, a folder, or `latest`) have ended, and its sweep has nothing left to decide.

    Exit code 0 where none failed, 1 where runs failed, diverged or cannot be read, or where time is up.
    """
    found = find_session(session)
    summaries = Summaries(found)
    began = nobody = time.monotonic()
    while True:
        runs = summaries.read()
        decides = controller_alive(found)
        left = [run for run in runs if not run.problem and run.status not in ENDED]
        if not left and not decides:
            break
        now = time.monotonic()
        if runner_alive(found) or decides or any(run.status == "training" for run in left):
            nobody = now
        if now - nobody > _NOBODY:
            raise UsageError(
                f"{len(left)} runs of {found.name} wait, and nobody carries them out; start them with: "
                f"rnnlab sweep {shlex.quote(found.name)}, or rnnlab resume RUN"
            )
        if timeout is not None and now - began > timeout:
            break
        time.sleep(_EVERY)
    counts: dict[str, int] = {}
    for run in runs:
        status = "unreadable" if run.problem else run.status or "unreadable"
        counts[status] = counts.get(status, 0) + 1
    if as_json:
        echo_json({"session": str(found.path), "runs": counts})
    else:
        echo(", ".join(f"{number} {status}" for status, number in counts.items()) or f"{found.name} holds no run")
    return 1 if left or any(status in counts for status in ("failed", "diverged", "unreadable")) else 0
