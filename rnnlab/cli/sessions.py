"""`rnnlab sessions`: what is there."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Any

import click
import msgspec

from rnnlab.config.errors import UsageError
from rnnlab.engines.local import settle_session
from rnnlab.plots.figures import LEAKING, format_of
from rnnlab.plots.numbers import count, duration
from rnnlab.plots.plain import plain
from rnnlab.runs.folders import Session, list_sessions, sessions_root
from rnnlab.runs.state import ENDED
from rnnlab.runs.summary import RunSummary, summarise


@click.command("sessions")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of sessions with their runs.")
def command(as_json: bool) -> None:
    """List the sessions, the one last worked in first, and their runs."""
    sessions = list_sessions()
    listed = [(session, _runs(session)) for session in sessions]
    if as_json:
        click.echo(msgspec.json.encode([_document(session, runs) for session, runs in listed]))
        return
    if not listed:
        click.echo(f"no session in {sessions_root()} yet; start one with: rnnlab train surnames")
        return
    # Into a pipe nothing is cut.
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for session, runs in listed:
        name, notes, problem = _info(session)
        click.echo(
            plain(f"{name}  ({len(runs)} run{'s' if len(runs) != 1 else ''})" + (f"  {notes}" if notes else ""), width)
        )
        if problem:
            click.echo(f"  ! {plain(problem)}")
        for run in runs:
            click.echo(plain("  " + row(run), width))


def _runs(session: Session) -> list[RunSummary]:
    summaries = [summarise(run) for run in session.runs()]
    if any(run.status not in (*ENDED, "queued", None) for run in summaries) and settle_session(session):
        summaries = [summarise(run) for run in session.runs()]
    return summaries


def _info(session: Session) -> tuple[str, str, str]:
    try:
        info = session.info()
    except UsageError as error:
        return session.name, "", str(error)
    return info.name, " ".join(info.notes.split()), ""


def _document(session: Session, runs: list[RunSummary]) -> dict[str, Any]:
    name, notes, problem = _info(session)
    document: dict[str, Any] = {"session": str(session.path), "name": name, "notes": notes, "runs": runs}
    return document | ({"problem": problem} if problem else {})


def row(run: RunSummary) -> str:
    """One run in a line of text."""
    if run.problem:
        return f"{run.name:<24} unreadable: {run.problem}"
    value = run.best.get(run.metric)
    best = f"{run.metric} {format_of(run.metric)(float(value))} @ {run.best_epoch}" if value is not None else ""
    when = time.strftime("%m-%d %H:%M", time.localtime(run.started)) if run.started else ""
    parts = (
        f"{run.name:<20}",
        f"{run.status or '':<13}",
        f"{run.task:<10}",
        f"{best:<19}",
        f"{run.epoch}/{run.epochs}".rjust(7),
        f"{count(run.parameters):>6}",
        f"{duration(run.seconds):>7}",
        f"{when:<11}",
        *([LEAKING] if run.leaks else []),
        run.message,
    )
    return "  ".join(parts).rstrip()
