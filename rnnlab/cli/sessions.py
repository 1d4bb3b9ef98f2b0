"""`rnnlab sessions`: what is there."""

from __future__ import annotations

import time
from typing import Any

import click

from rnnlab.cli.echo import echo, echo_json, line_width
from rnnlab.cli.table import aligned
from rnnlab.engines.local import settle_session
from rnnlab.errors import UsageError
from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.figures import LEAKING, format_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.plots.run.status import status_mark, status_sentence
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import Session, sessions_root
from rnnlab.runs.notes import tags_text
from rnnlab.runs.repeats import Repeats, repeats_among
from rnnlab.runs.repeats import document as repeats_document
from rnnlab.runs.summaries import Summaries
from rnnlab.runs.summary import RunSummary
from rnnlab.text.numbers import count, duration


@click.command("sessions")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of sessions with their runs.")
def command(as_json: bool) -> None:
    """List the sessions, the one last worked in first, and their runs."""
    sessions = list_sessions()
    listed = [(session, read_runs(session)) for session in sessions]
    if as_json:
        echo_json([session_document(session, runs) for session, runs in listed])
        return
    if not listed:
        echo(f"no session in {sessions_root()} yet; start one with: rnnlab train surnames")
        return
    for session, runs in listed:
        echo(*session_lines(session, runs), width=line_width())


def session_lines(session: Session, runs: list[RunSummary]) -> list[str]:
    """The session, a line a run, and a line for the runs of each configuration that was trained from several seeds."""
    name, notes, tags, problem = _info(session)
    about = "".join(f"  {part}" for part in (tags_text(tags), notes) if part)
    lines = [f"{name}  ({len(runs)} run{'s' if len(runs) != 1 else ''}){about}"]
    lines += [f"  ! {problem}"] if problem else []
    lines += ["  " + row for row in _rows(runs)]
    return lines + ["  " + repeats_row(repeats) for repeats in repeats_among(runs)]


def read_runs(session: Session) -> list[RunSummary]:
    """The session's runs as they are now, after the last event was written for trainers that are gone for good."""
    summaries = Summaries(session)
    runs = summaries.read()
    if any(run.status == "interrupted" for run in runs) and settle_session(session):
        return summaries.read()
    return runs


def _info(session: Session) -> tuple[str, str, tuple[str, ...], str]:
    try:
        info = session.info()
    except UsageError as error:
        return session.name, "", (), str(error)
    return info.name, " ".join(info.notes.split()), info.tags, ""


def session_document(session: Session, runs: list[RunSummary]) -> dict[str, Any]:
    """A session and its runs for `--json`."""
    name, notes, tags, problem = _info(session)
    document: dict[str, Any] = {"session": str(session.path), "name": name, "notes": notes, "tags": tags, "runs": runs}
    document["repeats"] = [repeats_document(repeats) for repeats in repeats_among(runs)]
    return document | ({"problem": problem} if problem else {})


def _rows(runs: list[RunSummary]) -> list[str]:
    """Each run in a line of text, in columns as wide as what stands in them."""
    readable = iter(aligned([_cells(run) for run in runs if not run.problem], _LEFT))
    return [f"{run.name:<24} unreadable: {run.problem}" if run.problem else next(readable) for run in runs]


_LEFT = (0, 1, 2, 3, 7, 8)
"""The columns that begin together."""


def _cells(run: RunSummary) -> list[str]:
    """The cells of a run that can be read."""
    value = run.best.get(run.selected)
    named = short_title(run.selected)
    best = f"{named} {format_of(run.selected)(float(value))} @ {run.best_epoch}" if value is not None else ""
    notes = " ".join(run.notes.split())
    message = status_sentence(run.status, run.verdict)[1] if run.status and run.verdict else run.message
    return [
        run.name,
        status_mark(run.status, run.verdict, run.paused_after)[1] if run.status else "",
        run.task,
        best,
        f"{run.epoch}/{run.epochs}",
        count(run.parameters),
        duration(run.seconds),
        time.strftime("%m-%d %H:%M", time.localtime(run.started)) if run.started else "",
        "  ".join(part for part in (LEAKING if run.leaks else "", message, tags_text(run.tags), notes) if part),
    ]


def repeats_row(repeats: Repeats) -> str:
    """Repeats in a line of text: mean ± standard deviation over the seeds or folds."""
    metric = repeats.metric
    spreads = [(part, repeats.of(part).get(metric)) for part in ("validation", "test")]
    figures = ", ".join(f"{part} {spread_text(spread, metric)}" for part, spread in spreads if spread is not None)
    notes = [f"{len(repeats.counted)} of {len(repeats.runs)} done", repeats.verdict_text, repeats.split_text]
    if any(run.leaks for run in repeats.runs):
        notes.append(LEAKING)
    return (
        f"{repeats.runs[0].name} × {len(repeats.runs)}  {repeats.members_text.replace(', ', ',')}  "
        + (f"{metric}: {figures}" if figures else "no figures yet")
        + f"  (mean ± std; {'; '.join(note for note in notes if note)})"
    )
