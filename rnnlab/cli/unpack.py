"""`rnnlab unpack`: a session out of a file."""

from __future__ import annotations

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json
from rnnlab.paths import user_path


@click.command("unpack")
@click.argument("file", metavar="FILE.zip", shell_complete=completion.files)
@click.option("--name", metavar="NAME", help="The session's name here; without it, the one it was packed with.")
@click.option("--json", "as_json", is_flag=True, help="Print what was unpacked as JSON, alone.")
def command(file: str, name: str | None, as_json: bool) -> None:
    """Unpack a session that `rnnlab pack` wrote, and say what of it is damaged and which of its data are not here.

    No session that is here is replaced, nothing is written outside of the session, and nothing in it is run. What was still
    to be trained is trained here only when a person says so: rnnlab resume.
    """
    from rnnlab.packing.condition import WITHOUT_DATA
    from rnnlab.packing.unpack import unpack_session

    unpacked = unpack_session(user_path(file), name)
    session, condition = unpacked.session, unpacked.condition
    if as_json:
        document = {"session": str(session.path), "runs": len(session.runs()), "files": unpacked.files}
        echo_json(document | {"damage": condition.damage, "missing": condition.missing})
        return
    runs = len(session.runs())
    echo(f"{session.path}: {runs} run{'' if runs == 1 else 's'}, {unpacked.files} files")
    for sentence in condition.damage:
        echo(f"⚠ {sentence}")
    for sentence in condition.missing:
        echo(f"⚠ {sentence}")
    if condition.missing:
        echo(WITHOUT_DATA)
