"""`rnnlab pack`: a session as one file."""

from __future__ import annotations

from pathlib import Path

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json
from rnnlab.paths import user_path
from rnnlab.runs.find import find_session
from rnnlab.text.numbers import bytes_text


@click.command("pack")
@click.argument("session", metavar="SESSION", shell_complete=completion.sessions_or_latest)
@click.option("-o", "output", metavar="FILE.zip", help="Where to; without it SESSION.zip here.")
@click.option("--no-weights", is_flag=True, help="Leave out weights and the states to resume from.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was packed as JSON, alone.")
def command(session: str, output: str | None, no_weights: bool, force: bool, as_json: bool) -> None:
    """Pack SESSION into one zip file, for a teacher or another machine; `rnnlab unpack` takes it.

    The same session gives the same bytes. A session with a run that trains is not packed. Without weights, runs still replay
    and compare, but do not predict. The data are not packed.
    """
    found = find_session(session)
    from rnnlab.packing.pack import pack_session

    target = user_path(output) if output else Path(f"{found.name}.zip")
    packed = pack_session(found, target, weights=not no_weights, replace=force)
    if as_json:
        echo_json(packed, default=str)
        return
    runs = f"{packed.runs} run{'' if packed.runs == 1 else 's'}"
    echo(f"{packed.path}  {bytes_text(packed.packed)}: {runs}, {packed.files} files of {bytes_text(packed.unpacked)}")
    if packed.left_out:
        more = len(packed.left_out) - 10
        names = ", ".join(packed.left_out[:10]) + (f" and {more} more" if more > 0 else "")
        echo(f"left out, as no file of a session: {names}", err=True)
